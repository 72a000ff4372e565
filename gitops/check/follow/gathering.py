"""Gathering all that kustomize may read to build a path: each kustomization.yaml is followed, judged and rewritten.

Every path in it is looked up in the repository and written as `./…` or `../…`, which kustomize never takes for an address; what is
missing, remote or unreadable is reported and left out, so that the rest is still built. The files are written as JSON: what kustomize
reads is then what was judged here, whatever two parsers of YAML may think of the original.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flux.close_names import close_to
from gitops.check import requirements
from gitops.check.follow.builtin_plugins import FIELDS_OF_PLUGINS, plugins_of, unknown_field
from gitops.check.follow.flux_generator import generated, refused_components, with_spec
from gitops.check.follow.gathered import Gathered, seen_from
from gitops.check.follow.generator_inputs import generators, patches, replacements
from gitops.check.follow.kustomization_fields import HELM_FIELDS, known_fields, repeated_field, repeated_fields
from gitops.check.follow.patch_schemas import NO_SCHEMAS, merges_only_custom_resources
from gitops.check.repository.documents import YamlDocument, items, mapping, text, texts
from gitops.check.repository.sops_file import is_encrypted
from gitops.check.repository.tree import KUSTOMIZATION_FILES, joined

GENERATED = "kustomization.yaml"
_SCHEMAS = ".no-schemas.json"
_API = "kustomize.config.k8s.io/"
_NOT_EMPTY: dict[str, Any] = {"generatorOptions": {}}
"""Says nothing, but keeps kustomize from calling a file empty of which entries were left out."""
_MOST_LEVELS = 50
"""Directories that name one another in a row; Flux's own examples have three."""
_LONG = 4096
"""Characters of a patch and its target that count as one step."""
_DESCRIPTION = frozenset(("apiVersion", "kind", "metadata"))
_KEYS = _DESCRIPTION | frozenset(("spec", "data", "stringData", "type", "status", "name", "namespace", "labels"))
"""Which is never meant to be another."""
_KIND = re.compile(rb'^[ "]*kind"?:', re.MULTILINE)


@dataclass(frozen=True)
class Size:
    """How much a directory is to build: an estimate from below, made before kustomize runs."""

    objects: int = 0
    steps: int = 1

    def __add__(self, other: "Size") -> "Size":
        return Size(self.objects + other.objects, self.steps + other.steps + other.objects)


class Gathering:
    """Follows the kustomization.yaml files of one build."""

    def __init__(self, gathered: Gathered) -> None:
        self._gathered, self._tree = gathered, gathered.tree
        self._sizes: dict[str, Size] = {}
        self._open: list[str] = []
        self._written_to: list[tuple[str, dict[str, Any]]] = []

    def path(self, directory: str, spec: dict[str, Any]) -> Size:
        """Gather what the path of a Flux Kustomization with `spec` needs."""
        kustomization = self._tree.kustomization_in(directory)
        self._open.append(directory)
        value = generated(self._tree, directory) if kustomization is None else self._value(kustomization, is_root=True)
        self._gathered.kustomizations.append(kustomization or "")
        for component in refused_components(spec):
            self._gathered.complain("", f"names the component {component}", "Write a relative path of the same source.")
        written, size = self._written(directory, kustomization or "", with_spec(value, spec, self._tree, directory))
        self._written_to.append((directory, written))
        schemas = joined(directory, _SCHEMAS)
        if schemas not in self._tree.files and merges_only_custom_resources(self._gathered, self._written_to):
            self._gathered.copy(schemas, NO_SCHEMAS)
            written["openapi"] = {"path": f"./{_SCHEMAS}"}
        self._copy(directory, kustomization or joined(directory, GENERATED), written)
        return size

    def directory(self, directory: str) -> Size:
        """Gather what a directory with a kustomization.yaml needs, once for all that name it."""
        if directory not in self._sizes:
            kustomization = self._tree.kustomization_in(directory) or ""
            self._open.append(directory)
            self._gathered.kustomizations.append(kustomization)
            value = self._value(kustomization, is_root=False)
            written, size = self._written(directory, kustomization, value)
            self._written_to.append((directory, written))
            self._copy(directory, kustomization, written if written or not value else {**written, **_NOT_EMPTY})
            self._open.pop()
            self._sizes[directory] = size
        return self._sizes[directory]

    def _copy(self, directory: str, file: str, written: dict[str, Any]) -> None:
        self._gathered.copy(file, json.dumps(written, default=str).encode())
        others = [joined(directory, name) for name in KUSTOMIZATION_FILES]
        if len(found := [each for each in others if each in self._tree.shipped]) > 1:
            names = " and ".join(each.rpartition("/")[2] for each in found)
            self._gathered.complain(file, f"is one of several in its directory ({names})", "Keep one.", requirements.NOT_BUILT)

    def _value(self, file: str, *, is_root: bool) -> dict[str, Any]:
        """The fields of a kustomization.yaml that kustomize knows."""
        gathered, documents = self._gathered, self._tree.documents(file)
        if file in self._tree.not_read:
            gathered.is_whole = False
            return dict(_NOT_EMPTY)
        if documents is None or not isinstance(documents[0].value if documents else {}, dict):
            line = self._tree.not_yaml.get(file, 0)
            gathered.complain(file, "is not a kustomization", "Correct its YAML.", requirements.NOT_YAML, line)
            return dict(_NOT_EMPTY)
        value, others = known_fields(documents[0].value if documents else {})
        api = value.get("apiVersion")
        if isinstance(api, str) and not api.startswith(_API):
            self._complain_of_kind(file, api)
            return dict(_NOT_EMPTY)
        for name, line in repeated_fields(self._tree.text(file)) if len(documents) == 1 else ():
            gathered.warn(file, repeated_field(name), line, requirements.NOT_BUILT)
        for name in others:
            line = gathered.line_of(file, name)
            told = unknown_field(gathered.who, name, is_root=is_root)
            if is_root:
                gathered.warn(file, told, line, requirements.NOT_BUILT)
            else:
                gathered.complain(file, told.wrong, told.fix, requirements.NOT_BUILT, line, told.consequence)
        return value

    def _complain_of_kind(self, file: str, api: str) -> None:
        is_flux = api.startswith("kustomize.toolkit.fluxcd.io/")
        wrong = "is a Kustomization of Flux, not of kustomize" if is_flux else f"has the apiVersion {api}, which is not kustomize's"
        fix = "Rename it to ks.yaml, and list it in `resources`." if is_flux else f"Write apiVersion: {_API}v1beta1, or rename the file."
        self._gathered.complain(file, wrong, fix, requirements.NOT_BUILT, self._gathered.line_of(file, api))

    def _written(self, directory: str, kustomization: str, value: dict[str, Any]) -> tuple[dict[str, Any], Size]:
        """A kustomization.yaml as kustomize gets it, and how much it is to build."""
        gathered = self._gathered
        written, size = dict(value), Size()
        for name in HELM_FIELDS:
            if written.pop(name, None) and name != "helmGlobals":
                line = gathered.line_of(kustomization, name)
                consequence = f"Flux does not run Helm in kustomize: {gathered.who} could not be built."
                gathered.complain(kustomization, f"has {name}", "Write a HelmRelease.", requirements.NOT_BUILT, line, consequence)

        def take(name: str, taken: Callable[[str], str | None]) -> None:
            if isinstance(value.get(name), list):
                kept = [taken(entry) if isinstance(entry, str) else entry for entry in value[name]]
                written[name] = [entry for entry in kept if entry is not None]

        def resource(entry: str) -> str | None:
            nonlocal size
            path = gathered.looked_up(directory, entry, kustomization)
            added = None if path is None else self._resource(directory, path, entry, kustomization)
            size += added or Size(steps=0)
            return None if path is None or added is None else seen_from(directory, path)

        def component(entry: str) -> str | None:
            nonlocal size
            path = gathered.looked_up(directory, entry, kustomization)
            if path is None or not self._is_followed(path, entry, kustomization):
                return None
            size += self.directory(path)
            return seen_from(directory, path)

        def file(entry: str) -> str | None:
            path = gathered.looked_up(directory, entry, kustomization)
            if path is None or self._tree.documents(path) is None:
                return None
            gathered.copy(path)
            return seen_from(directory, path)

        take("resources", resource)
        take("bases", resource)
        take("components", component)
        take("crds", file)
        take("configurations", file)
        if isinstance(openapi := value.get("openapi"), dict) and isinstance(openapi.get("path"), str):
            written["openapi"] = {"path": file(openapi["path"]) or ""}
        for name in FIELDS_OF_PLUGINS:
            if isinstance(value.get(name), list):
                written[name] = plugins_of(gathered, directory, kustomization, texts(value, name))
        written |= patches(gathered, directory, kustomization, value)
        written |= replacements(gathered, directory, kustomization, value)
        written |= generators(gathered, directory, kustomization, value)
        return written, Size(size.objects, size.steps + size.objects * _patch_steps(written))

    def _is_followed(self, path: str, entry: str, kustomization: str) -> bool:
        """Whether a directory can be built; a finding says why not."""
        line = self._gathered.line_of(kustomization, entry)
        if path not in self._tree.directories:
            self._gathered.complain(kustomization, f"names {entry}, which is not a directory", "Name a directory.", line=line)
        elif self._tree.kustomization_in(path) is None:
            self._gathered.complain(kustomization, f"names {entry}, a directory without a kustomization.yaml", "Add one.", line=line)
        elif len(self._open) > _MOST_LEVELS:
            wrong = f"names {entry}, which is more than {_MOST_LEVELS} directories away from the path"
            consequence = "What it brings was not checked."
            self._gathered.complain(kustomization, wrong, "Name fewer.", requirements.NOT_CHECKED, line, consequence)
        elif path in self._open:
            wrong = f"names {entry}, which leads back to this directory"
            self._gathered.complain(kustomization, wrong, "Remove the entry.", requirements.NOT_BUILT, line)
        else:
            return True
        return False

    def _resource(self, directory: str, path: str, entry: str, kustomization: str) -> Size | None:
        if path not in self._tree.shipped:
            return self.directory(path) if self._is_followed(path, entry, kustomization) else None
        gathered = self._gathered
        if path not in gathered.resources:
            gathered.resources[path] = None
            if self._is_fit(path):
                gathered.copy(path)
                self._sizes[path] = Size(max(1, len(_KIND.findall(gathered.files[path]))), 1)
            else:
                gathered.left_out[path] = None
        return self._sizes.get(path)

    def _is_fit(self, file: str) -> bool:
        """Whether kustomize can read the objects of a file; a finding says why not, but for what is judged as an encrypted file."""
        documents = self._tree.documents(file)
        if file in self._tree.not_read:
            return False
        if documents is None:
            fix = "Correct its syntax, or move it out of the path."
            self._gathered.complain(file, self._tree.why_not_yaml(file), fix, requirements.NOT_YAML, self._tree.not_yaml.get(file, 0))
            return False
        bad = [each for each in documents if not all(_is_an_object(body) for body in bodies_of(each))]
        for each in bad:
            if not is_encrypted(each.value):
                wrong = "contains a document that is not a Kubernetes object"
                meant = next(filter(None, map(meant_key, bodies_of(each))), "")
                fix = meant or "Give it a kind and a name, or move it out of the path."
                self._gathered.complain(file, wrong, fix, requirements.NOT_YAML, each.line)
        return not bad and file.isprintable()


def bodies_of(document: YamlDocument) -> list[Any]:
    """The objects of a document: one, or those of a List."""
    return items(document.value, "items") if is_list(document) else [document.value]


def is_list(document: YamlDocument) -> bool:
    """Whether a document is a List, which kustomize takes apart."""
    return text(document.value, "kind").endswith("List")


def meant_key(body: Any) -> str:
    """Which misspelt key of an object to correct; empty where none is like one that is missing."""
    if not isinstance(body, dict) or len(_DESCRIPTION & body.keys()) < len(_DESCRIPTION) - 1:
        return ""  # of what is something else, such as the values of a chart, no key is misspelt
    for inside, names in ((body, sorted(_DESCRIPTION)), (mapping(body, "metadata"), ["name"])):
        others = [str(key) for key in inside if key not in _KEYS]
        for name in names:
            if name not in inside and (close := close_to(name, others)):
                return f"Write {name} instead of {close[0]}."
    return ""


def _is_an_object(body: Any) -> bool:
    return bool(text(body, "kind") and text(body, "metadata", "name"))


def _patch_steps(written: dict[str, Any]) -> int:
    listed = [*items(written, "patches"), *items(written, "patchesJson6902"), *items(written, "patchesStrategicMerge")]
    return sum(1 + len(str(each)) // _LONG for each in listed)
