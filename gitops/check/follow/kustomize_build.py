"""What kustomize would build of a path, as far as the check needs to know it: which objects, out of which files.

Followed as in https://kubectl.docs.kubernetes.io/references/kustomize and, where a directory has no kustomization.yaml, as Flux
generates one (fluxcd/pkg, kustomize.Generator): every YAML file below, and directories with a kustomization.yaml as a whole.
Not followed: bases on other servers, plugins, Helm charts (Flux runs none of the last two), replacements.
"""

import re
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

from flux.message import Message
from flux.object_reference import ObjectReference
from flux.requirement import Requirement
from gitops.check import requirements
from gitops.check.file_finding import FileFinding, error
from gitops.check.follow.patches import patched, patches_of
from gitops.check.repository.documents import items, mapping, text, texts
from gitops.check.repository.sops_file import is_encrypted
from gitops.check.repository.tree import Tree, joined

_REMOTE = re.compile(r"^[a-z][a-z0-9+.-]*::?//|^[\w.-]+@[\w.-]+:|^(github|gitlab|bitbucket)\.(com|org)/|[?&]ref=")
_MOST_STEPS = 300_000
"""Of 1,000 objects, each is patched 300 times until then. Directories that name one another twice double their objects at each level."""
_LONG = 4096
"""Characters of a patch and its target that count as one step."""
_NEVER_RENAMED = ("CustomResourceDefinition", "Namespace", "APIService")


@dataclass(frozen=True, kw_only=True)
class BuiltObject:
    """An object that Flux would apply."""

    body: dict[str, Any]
    file: str
    line: int

    @property
    def group(self) -> str:
        """Its API group; empty for the core."""
        return text(self.body, "apiVersion").rpartition("/")[0]

    @property
    def kind(self) -> str:
        """Its kind."""
        return text(self.body, "kind")

    @property
    def namespace(self) -> str:
        """Its namespace, as written or set by a kustomization.yaml."""
        return text(self.body, "metadata", "namespace")

    @property
    def name(self) -> str:
        """Its name."""
        return text(self.body, "metadata", "name")

    @property
    def reference(self) -> ObjectReference:
        """What it is called."""
        return ObjectReference(self.kind, self.namespace, self.name)

    def __str__(self) -> str:
        """`Secret/flux-system/cluster-secrets`."""
        return "/".join(part for part in (self.kind, self.namespace, self.name) if part)


@dataclass(kw_only=True)
class Build:
    """What a path comes to."""

    objects: list[BuiltObject] = field(default_factory=list)
    decrypted_inputs: dict[str, str] = field(default_factory=dict)
    """Files besides objects that Flux decrypts (inputs of Secret generators, patches) → the kustomization.yaml that names them."""
    secret_inputs: set[str] = field(default_factory=set)
    """Of those, the ones whose content becomes a Secret."""
    other_inputs: dict[str, str] = field(default_factory=dict)
    """Files that Flux takes as they are (inputs of ConfigMap generators) → the kustomization.yaml."""
    literals: list[tuple[str, str]] = field(default_factory=list)
    """kustomization.yaml, and name of a Secret that it generates from values within itself."""
    findings: list[FileFinding] = field(default_factory=list)
    steps: int = 0
    """How many objects were touched."""

    @property
    def files(self) -> set[str]:
        """Every file of which something reaches the cluster."""
        return {item.file for item in self.objects} | self.decrypted_inputs.keys() | self.other_inputs.keys()


def build(tree: Tree, path: str, spec: dict[str, Any], who: str) -> Build:
    """Build `path` for a Flux Kustomization with `spec`; `who` names it in findings."""
    builder = _Builder(tree, who)
    directory = joined("", path)
    if directory not in tree.directories:
        if tree.is_unseen(directory):
            return builder.result
        left_out = " (`ignore` excludes it)" if any(file.startswith(f"{directory}/") for file in tree.files) else ""
        wrong = f"{who} applies ./{directory}, which is not in this repository{left_out}"
        builder.complain("", wrong, "Correct its path.", consequence="It would never become ready.")
        return builder.result
    objects = builder.components(directory, "", spec, builder.directory(directory))
    if target := text(spec, "targetNamespace"):
        objects = [_in_namespace(item, target) for item in objects]
    builder.result.objects = [_renamed(item, spec) for item in builder.patched(objects, directory, "", spec)]
    return builder.result


class _Builder:
    def __init__(self, tree: Tree, who: str) -> None:
        self.tree, self.who = tree, who
        self.result = Build()
        self._open: list[str] = []
        self._built: dict[str, list[BuiltObject]] = {}

    def complain(
        self,
        file: str,
        wrong: str,
        fix: str,
        requirement: Requirement = requirements.MISSING_PATH,
        line: int = 0,
        consequence: str | None = None,
    ) -> None:
        repository, path = self.tree.origin(file)
        told = Message(wrong, consequence or f"{self.who} could not be built.", fix)
        self.result.findings.append(error(requirement, repository, path, told, line))

    def directory(self, directory: str, onto: list[BuiltObject] | None = None) -> list[BuiltObject]:
        """The objects of a directory; those of a component join `onto`, which its patches then change, too."""
        kustomization = self.tree.kustomization_in(directory)
        if kustomization is None:
            return [item for resource in self._generated(directory) for item in self._resource("", resource, kustomization="")]
        if directory in self._open or not self._has_time_for(1 + len(onto or ())):
            return []
        if onto is None and directory in self._built:
            return self._built[directory]
        self._open.append(directory)
        try:
            objects = self._kustomized(directory, kustomization, onto or [])
        finally:
            self._open.pop()
        if onto is None:
            self._built[directory] = objects
        return objects

    def _has_time_for(self, steps: int) -> bool:
        """Whether that many objects may be touched once more; the first refusal is reported."""
        had_time = self.result.steps <= _MOST_STEPS
        self.result.steps += steps
        if had_time and self.result.steps > _MOST_STEPS:
            told = Message(
                f"takes more than {_MOST_STEPS:,} steps to build for {self.who}",
                "What it applies was not checked to the end.",
                "Apply patches once for many objects, and name each directory once.",
            )
            repository, path = self.tree.origin(self.tree.kustomization_in(self._open[0] if self._open else "") or "")
            self.result.findings.append(error(requirements.NOT_CHECKED, repository, path, told))
        return self.result.steps <= _MOST_STEPS

    def _generated(self, directory: str) -> list[str]:
        found: dict[str, None] = {}
        for file in self.tree.below(directory):
            inner = [str(parent) for parent in PurePosixPath(file).parents if str(parent) != "." and joined("", str(parent)) != directory]
            inner = [parent for parent in reversed(inner) if not directory or parent.startswith(f"{directory}/")]
            whole = next((parent for parent in inner if self.tree.kustomization_in(parent)), None)
            if whole or file.endswith((".yaml", ".yml")):
                found.setdefault(whole or file)
        return list(found)

    def _kustomized(self, directory: str, kustomization: str, onto: list[BuiltObject]) -> list[BuiltObject]:
        documents = self.tree.documents(kustomization)
        if kustomization in self.tree.not_read:
            return onto
        if not documents or not isinstance(documents[0].value, dict):
            line = self.tree.not_yaml.get(kustomization, 0)
            self.complain(kustomization, "is not a kustomization", "Correct its YAML.", requirements.NOT_YAML, line)
            return onto
        value: dict[str, Any] = documents[0].value
        objects = list(onto)
        for resource in [*texts(value, "resources"), *texts(value, "bases")]:
            added = self._resource(directory, resource, kustomization)
            if self._has_time_for(len(added)):
                objects += added
        objects = self.components(directory, kustomization, value, objects)
        self._generators(directory, kustomization, value)
        objects = [_renamed(_labelled(item, value), value) for item in self.patched(objects, directory, kustomization, value)]
        namespace = text(value, "namespace")
        return [_in_namespace(item, namespace) for item in objects] if namespace else objects

    def _resource(self, directory: str, resource: str, kustomization: str) -> list[BuiltObject]:
        path = joined(directory, resource)
        if _REMOTE.search(resource) or not self._is_there(path, resource, kustomization):
            return []
        if path in self.tree.directories:
            if self.tree.kustomization_in(path) is None and kustomization:
                self.complain(kustomization, f"names {resource}, a directory without a kustomization.yaml", "Add one.")
                return []
            return self.directory(path)
        return self._objects(path)

    def _is_there(self, path: str, written: str, kustomization: str) -> bool:
        if path in self.tree.shipped or path in self.tree.directories:
            return True
        if self.tree.is_unseen(path):
            return False
        why = "the source's `ignore` excludes" if path in self.tree.files else "does not exist"
        self.complain(kustomization, f"names {written}, which {why}", "Add it, or remove the entry.")
        return False

    def _objects(self, file: str) -> list[BuiltObject]:
        documents = self.tree.documents(file)
        if file in self.tree.not_read:
            return []
        if documents is None:
            fix = "Correct its syntax, or move it out of the path."
            self.complain(file, "is not YAML", fix, requirements.NOT_YAML, self.tree.not_yaml.get(file, 0))
            return []
        found: list[BuiltObject] = []
        for document in documents:
            bodies = items(document.value, "items") if text(document.value, "kind").endswith("List") else [document.value]
            for body in bodies:
                if _is_an_object(body) or is_encrypted(body):
                    found.append(BuiltObject(body=body, file=file, line=document.line))
                else:
                    wrong = "contains a document that is not a Kubernetes object"
                    self.complain(
                        file, wrong, "Give it a kind and a name, or move it out of the path.", requirements.NOT_YAML, document.line
                    )
        return found

    def _generators(self, directory: str, kustomization: str, value: dict[str, Any]) -> None:
        for generator in items(value, "secretGenerator"):
            for path in self._inputs(directory, generator, kustomization):
                self.result.decrypted_inputs[path] = kustomization
                self.result.secret_inputs.add(path)
            if any(not is_only_variables(literal.partition("=")[2]) for literal in texts(generator, "literals")):
                self.result.literals.append((kustomization, text(generator, "name")))
        for generator in items(value, "configMapGenerator"):
            for path in self._inputs(directory, generator, kustomization):
                self.result.other_inputs[path] = kustomization

    def _inputs(self, directory: str, generator: Any, kustomization: str) -> list[str]:
        written = [entry.partition("=")[2] or entry for entry in texts(generator, "files")]
        written += [*texts(generator, "envs"), *([text(generator, "env")] if text(generator, "env") else [])]
        return [path for each in written if self._is_there(path := joined(directory, each), each, kustomization)]

    def components(self, directory: str, kustomization: str, value: dict[str, Any], objects: list[BuiltObject]) -> list[BuiltObject]:
        """The objects after the components of a kustomization.yaml, or of a Flux Kustomization, have joined and changed them."""
        for component in texts(value, "components"):
            path = joined(directory, component)
            if _REMOTE.search(component) or (value.get("ignoreMissingComponents") is True and path not in self.tree.directories):
                continue
            if self._is_there(path, component, kustomization) and self.tree.kustomization_in(path):
                objects = self.directory(path, objects)
        return objects

    def patched(self, objects: list[BuiltObject], directory: str, kustomization: str, value: dict[str, Any]) -> list[BuiltObject]:
        """The objects after the patches of a kustomization.yaml, or of a Flux Kustomization."""
        for inline, path, target in patches_of(value):
            patch = inline
            if path and not _REMOTE.search(path) and self._is_there(joined(directory, path), path, kustomization):
                file = joined(directory, path)
                self.result.decrypted_inputs[file] = kustomization
                patch = self.tree.text(file)
            if patch and self._has_time_for(len(objects) * (1 + (len(patch) + sum(map(len, map(str, target.values())))) // _LONG)):
                objects = [replace(item, body=patched(item.body, patch, target)) for item in objects]
        return objects


def _is_an_object(body: Any) -> bool:
    return bool(text(body, "kind") and text(body, "metadata", "name"))


def is_only_variables(value: Any) -> bool:
    """Whether a value is empty, or made of nothing but variables that Flux substitutes: then it contains no secret."""
    *variables, rest = str(value if value is not None else "").split("}")
    return not rest.strip() and all("${" in each and not each.partition("${")[0].strip() for each in variables)


def _in_namespace(item: BuiltObject, namespace: str) -> BuiltObject:
    return replace(item, body={**item.body, "metadata": {**mapping(item.body, "metadata"), "namespace": namespace}})


def _labelled(item: BuiltObject, value: dict[str, Any]) -> BuiltObject:
    labels = {**mapping(value, "commonLabels")}
    for entry in items(value, "labels"):
        labels |= mapping(entry, "pairs")
    if not labels:
        return item
    metadata = mapping(item.body, "metadata")
    return replace(item, body={**item.body, "metadata": {**metadata, "labels": {**mapping(metadata, "labels"), **labels}}})


def _renamed(item: BuiltObject, value: dict[str, Any]) -> BuiltObject:
    prefix, suffix = text(value, "namePrefix"), text(value, "nameSuffix")
    if not (prefix or suffix) or item.kind in _NEVER_RENAMED:
        return item
    return replace(item, body={**item.body, "metadata": {**mapping(item.body, "metadata"), "name": f"{prefix}{item.name}{suffix}"}})
