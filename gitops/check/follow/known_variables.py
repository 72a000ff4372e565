"""What Flux will have in place of variables: what is in plain text, the names of what is not, and what cannot be known from here."""

from collections import ChainMap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flux.bodies import STACK_VARIABLES_CONFIG_MAP
from flux.object_reference import FLUX_NAMESPACE
from gitops.check.follow.built_object import BuiltObject
from gitops.check.follow.envsubst import BadSubstitutionError, evaluated, parsed
from gitops.check.follow.made_by_others import ANYWHERE, ObjectOfAController, changes_kustomizations, made_by
from gitops.check.repository.documents import items, mapping, text
from gitops.check.repository.sops_file import CIPHER

DISABLED = "kustomize.toolkit.fluxcd.io/substitute"
"""The label or annotation with which Flux leaves an object's variables alone."""
_MOST_SOURCES = 50
"""Of one Kustomization; further ones are not looked into."""
_MOST_ADDED = 1_000_000
"""Characters that substitution adds to one object, as far as it is followed here."""


@dataclass(frozen=True, kw_only=True)
class KnownVariables:
    """The variables of one Kustomization."""

    values: ChainMap[str, str | None]
    """Name → value; None for a secret one. Kustomizations that take variables from one object share its map."""
    missing: tuple[ObjectOfAController, ...] = ()
    """What it takes variables from and cannot do without, and nothing that was read makes."""
    is_all: bool = True
    """Whether there are no others: not, where the content of a source is unknown."""
    is_substituted: bool = False
    """Whether Flux replaces variables at all: without any, it leaves the text as it is."""


@dataclass(kw_only=True)
class VariableSources:
    """ConfigMaps and Secrets from which Kustomizations may take variables."""

    contents: dict[ObjectOfAController, dict[str, str | None]] = field(default_factory=dict)
    others: set[ObjectOfAController] = field(default_factory=set)
    """What exists, although no file holds it."""
    changed_by: str = ""
    """An object by which the API server changes every Kustomization, and perhaps its variables."""
    is_open: bool = False
    """Whether an object was read whose own name is encrypted: it could be any."""

    @classmethod
    def of_the_stack(cls, variables: Mapping[str, str], secrets: Mapping[str, Iterable[str]]) -> "VariableSources":
        """What the stack makes: its variables, and its Secrets with the names of their entries."""
        contents: dict[ObjectOfAController, dict[str, str | None]] = {
            ("Secret", FLUX_NAMESPACE, name): dict.fromkeys(secrets[name]) for name in secrets
        }
        if variables:
            values = {name: _one_line(value) for name, value in variables.items()}
            contents["ConfigMap", FLUX_NAMESPACE, STACK_VARIABLES_CONFIG_MAP] = {**values}
        return cls(contents=contents)

    def add(self, objects: Iterable[BuiltObject]) -> None:
        """Note what these objects are, or make."""
        for item in objects:
            self.others.update(made_by(item))
            if not self.changed_by and changes_kustomizations(item):
                self.changed_by = str(item)
            self.is_open = self.is_open or item.name.startswith(CIPHER)
            if item.group or item.kind not in ("ConfigMap", "Secret"):
                continue
            contents = self.contents.setdefault((item.kind, item.namespace, item.name), {})
            if item.kind == "ConfigMap":
                contents |= {str(key): _plain(value) for key, value in mapping(item.body, "data").items()}
            else:
                contents |= {str(key): None for part in ("data", "stringData") for key in mapping(item.body, part)}

    def is_made(self, kind: str, namespace: str, name: str) -> bool:
        """Whether something that was read is this object, or makes another program create it."""
        return (kind, namespace, name) in self.contents or self.is_made_by_others(kind, namespace, name)

    def is_made_by_others(self, kind: str, namespace: str, name: str) -> bool:
        """Whether something that was read makes another program create it, so that what is in it is unknown."""
        return self.is_open or (kind, namespace, name) in self.others or (kind, ANYWHERE, name) in self.others

    def of(self, namespace: str, spec: Mapping[str, Any]) -> KnownVariables:
        """The variables of a Kustomization."""
        after = mapping(spec, "postBuild")
        inline: dict[str, str | None] = {str(key): _one_line(value) for key, value in mapping(after, "substitute").items()}
        maps = [inline]  # the last source wins, and what is written in the Kustomization over all of them
        missing: list[ObjectOfAController] = []
        entries = [entry for entry in items(after, "substituteFrom") if isinstance(entry, dict)]
        is_all = len(entries) <= _MOST_SOURCES and not self.changed_by
        for entry in entries[:_MOST_SOURCES]:
            source = text(entry, "kind"), namespace, text(entry, "name")
            if source in self.contents:
                maps.insert(1, self.contents[source])
            elif not self.is_made_by_others(*source) and entry.get("optional") is not True:
                missing.append(source)
            if source not in self.contents or source in self.others or (source[0], ANYWHERE, source[2]) in self.others:
                is_all = False
        values = ChainMap(*maps)
        always = text(after, "substituteStrategy") == "Always"
        is_substituted = "postBuild" in spec and (any(maps) or always or not is_all)
        return KnownVariables(values=values, missing=tuple(missing), is_all=is_all, is_substituted=is_substituted)


def _plain(value: Any) -> str | None:
    return None if str(value).startswith(CIPHER) else _one_line(value)


def _one_line(value: Any) -> str:
    """As Flux reads it: without line breaks."""
    return str(value).replace("\n", "")


def named(item: BuiltObject, known: KnownVariables) -> BuiltObject:
    """An object with the variables in its name and its namespace, where they are known."""
    if "$" not in item.name + item.namespace or not known.is_substituted or is_left_alone(item.body):
        return item
    metadata = mapping(item.body, "metadata")
    called = substituted({key: metadata[key] for key in ("name", "namespace") if key in metadata}, known)
    return replace(item, body={**item.body, "metadata": {**metadata, **called}})


def is_left_alone(body: Mapping[str, Any]) -> bool:
    """Whether Flux substitutes nothing in this object."""
    metadata = mapping(body, "metadata")
    return any(mapping(metadata, where).get(DISABLED) == "disabled" for where in ("labels", "annotations"))


def substituted(body: dict[str, Any], known: KnownVariables) -> dict[str, Any]:
    """An object with the variables that are in plain text; the text stays where one is not known."""
    if not known.is_substituted or is_left_alone(body):
        return body
    replaced: dict[str, Any] = _Substitution(known.values).of(body)
    return replaced


class _Substitution:
    def __init__(self, values: Mapping[str, str | None]) -> None:
        self._values, self._left = values, _MOST_ADDED

    def of(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._text(value) if "$" in value else value
        if isinstance(value, dict):
            return {self.of(key): self.of(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.of(item) for item in value]
        return value

    def _text(self, value: str) -> str:
        try:
            replaced = evaluated(parsed(value), self._values)
        except BadSubstitutionError:
            return value
        if replaced is None or self._left < 0:
            return value
        self._left -= len(replaced)
        return replaced
