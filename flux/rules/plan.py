"""What a stack is about to make, and how rules look things up in it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flux.close_names import close_to
from flux.finding import Finding, Path
from flux.object_reference import FLUX_NAMESPACE, ObjectReference
from flux.rules.reading import mapping, minor_of, nearest, text

_MOST_COMPARED = 20_000
"""Half a second: a stack of a thousand Kustomizations that all name a wrong source would take a minute otherwise."""

_MEANT = 0.8
"""How like a name that the stack makes another must be, where any other name may be right, too."""

INSTALLATION = ObjectReference(kind="Flux", namespace="", name="")
"""What a finding names when it is about the installation as a whole, not about an object."""


@dataclass(frozen=True, kw_only=True)
class PlannedObjects:
    """Everything that the rules judge, as plain data; no secret value is in it."""

    bodies: Sequence[Mapping[str, Any]]
    """Every Flux object of the stack."""
    secrets: Mapping[str, frozenset[str]]
    """Secrets in flux-system that the stack makes → the keys that hold something."""
    config_maps: frozenset[str]
    """ConfigMaps in flux-system that the stack makes."""
    external_kustomizations: frozenset[str]
    """Kustomizations that live in Git: `name` in flux-system, or `namespace/name`."""
    flux_version: str
    """`v2.9.4`."""
    kubernetes_version: str | None
    """`1.35` or `v1.35.2`, when the stack declares it."""
    flags: Mapping[str, Mapping[str, Any]]
    """Controller → flag without dashes → value, as they are in effect."""
    components: frozenset[str] = frozenset()
    """The controllers that are installed; with source-watcher among them, ExternalArtifacts are accepted."""
    unknown: frozenset[ObjectReference] = frozenset()
    """Flux objects, Secrets and ConfigMaps that there are, and of which nothing more is known: no rule may miss them. Without a name:
    any of that kind; without a kind: of any kind. `INSTALLATION`: controllers and flags are not those that were meant."""
    cloud_identities: frozenset[str] = frozenset()
    """The controllers whose ServiceAccount has an annotation by which a cloud knows it."""
    registries: Mapping[str, str] = field(default_factory=dict)
    """Secrets of `secrets` that are the login of a registry → its host and port."""


@dataclass(frozen=True)
class PlannedObject:
    """One object of the stack."""

    identity: ObjectReference
    group: str
    body: Mapping[str, Any]
    spec: Mapping[str, Any]

    @property
    def is_suspended(self) -> bool:
        """Whether Flux leaves it alone."""
        return self.spec.get("suspend") is True

    def wrong(self, path: Path, text: str) -> Finding:
        """A finding at `path`."""
        return Finding(identity=self.identity, path=path, text=text)


class Plan:
    """The planned objects by kind and name. Objects of no Flux kind are kept, and found by no rule that asks for a kind."""

    def __init__(self, planned: PlannedObjects) -> None:
        self.planned = planned
        self._compared = 0
        self.objects = [_planned_object(body) for body in planned.bodies]
        self._by_kind: dict[str, list[PlannedObject]] = {}
        self._by_identity: dict[ObjectReference, PlannedObject] = {}
        for item in self.objects:
            if item.group.endswith("fluxcd.io"):
                self._by_kind.setdefault(item.identity.kind, []).append(item)
                self._by_identity.setdefault(item.identity, item)

    def of_kind(self, *kinds: str) -> list[PlannedObject]:
        """The Flux objects of these kinds."""
        return [item for kind in kinds for item in self._by_kind.get(kind, ())]

    def find(self, identity: ObjectReference) -> PlannedObject | None:
        """The Flux object of that identity."""
        return self._by_identity.get(identity)

    def names(self, kind: str, namespace: str) -> list[str]:
        """Names of the Flux objects of one kind in one namespace."""
        return [item.identity.name for item in self.of_kind(kind) if item.identity.namespace == namespace]

    def kinds_named(self, namespace: str, name: str, kinds: Iterable[str]) -> list[str]:
        """Which of `kinds` have an object of that name."""
        return [kind for kind in kinds if self.find(ObjectReference(kind, namespace, name))]

    def secret_keys(self, namespace: str, name: str | None) -> frozenset[str] | None:
        """Keys of a Secret that the stack makes; None for one that it does not make, of which nothing is known."""
        return self.planned.secrets.get(name) if namespace == FLUX_NAMESPACE and name else None

    def registry_of(self, namespace: str, name: str | None) -> str | None:
        """The registry for which a Secret that the stack makes is the login; None where it is none, or where nothing is known of it."""
        return self.planned.registries.get(name) if namespace == FLUX_NAMESPACE and name else None

    def is_made(self, kind: str, namespace: str, name: str) -> bool:
        """Whether the stack makes this Secret or ConfigMap, or may make it."""
        made = self.planned.secrets if kind == "Secret" else self.planned.config_maps
        return (namespace == FLUX_NAMESPACE and name in made) or self.is_unknown(ObjectReference(kind, namespace, name))

    def made_like(self, kind: str, namespace: str, name: str) -> list[str]:
        """Secrets or ConfigMaps that the stack makes, and whose names are so like `name` that one of them was probably meant."""
        made = self.planned.secrets if kind == "Secret" else self.planned.config_maps
        self._compared += len(made)
        compare = namespace == FLUX_NAMESPACE and self._compared <= _MOST_COMPARED
        return close_to(name, made, cutoff=_MEANT) if compare else []

    def is_unknown(self, identity: ObjectReference) -> bool:
        """Whether there may be such an object, although the plan does not have it."""
        unknown = self.planned.unknown
        kinds, names = (identity.kind, ""), ((identity.namespace, identity.name), ("", ""))
        return bool(unknown) and any(ObjectReference(kind, *name) in unknown for kind in kinds for name in names)

    def is_external(self, identity: ObjectReference) -> bool:
        """Whether this Kustomization is declared to live in Git."""
        external = self.planned.external_kustomizations
        return f"{identity.namespace}/{identity.name}" in external or (identity.namespace == FLUX_NAMESPACE and identity.name in external)

    def nearest(self, name: str, known: Iterable[str]) -> str:
        """Names to write instead of `name`, as `reading.nearest`; only listed once so many were compared that it takes noticeable time."""
        names = list(known)
        self._compared += len(names)
        return nearest(name, names, compare=self._compared <= _MOST_COMPARED)

    def flag(self, controller: str, name: str) -> Any:
        """A controller's flag; None when it is not set."""
        return mapping(self.planned.flags, controller).get(name)

    def is_on(self, controller: str, name: str) -> bool:
        """Whether a boolean flag of a controller is set."""
        return str(self.flag(controller, name)).lower() == "true"

    def gate(self, controller: str, name: str) -> bool | None:
        """A feature gate of a controller; None when it has its default."""
        given = self.flag(controller, "feature-gates")
        written = ",".join(map(str, given)) if isinstance(given, list) else str(given or "")
        gates = dict(item.strip().split("=", 1) for item in written.split(",") if "=" in item)
        return gates[name].lower() == "true" if name in gates else None

    @cached_property
    def flux_minor(self) -> tuple[int, int] | None:
        """`(2, 9)`; None when the version cannot be read."""
        return minor_of(self.planned.flux_version)


def _planned_object(body: Mapping[str, Any]) -> PlannedObject:
    metadata = mapping(body, "metadata")
    identity = ObjectReference(
        kind=text(body, "kind") or "", namespace=text(metadata, "namespace") or "", name=text(metadata, "name") or ""
    )
    group = (text(body, "apiVersion") or "").rpartition("/")[0]
    return PlannedObject(identity=identity, group=group, body=body, spec=mapping(body, "spec"))
