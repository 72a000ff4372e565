"""What a stack is about to make, and how rules look things up in it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flux.any_shape import mapping, text
from flux.close_names import Comparisons, close_to
from flux.finding import GIT, STACK, Finding, Where
from flux.key_path import KeyPath
from flux.kinds import api_group
from flux.listing import either
from flux.message import Message
from flux.minor_version import minor_of
from flux.object_reference import FLUX_NAMESPACE, ObjectReference
from flux.requirement import Environment

_MEANT = 0.8
"""How like a name that the stack makes another must be, where any other name may be right, too."""
_MOST_LISTED = 8

INSTALLATION = ObjectReference(kind="Flux", namespace="", name="")
"""Marks as unknown which controllers and flags were meant."""


@dataclass(frozen=True, kw_only=True)
class PlannedObjects:
    """Everything that the rules judge, as plain data; it contains no secret value."""

    environment: Environment
    """That of the stack: which rules hold."""
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
    shards: frozenset[str] = frozenset()
    """The shards of the controllers."""
    components: frozenset[str] = frozenset()
    """The controllers that are installed; with source-watcher among them, ExternalArtifacts are accepted."""
    unknown: frozenset[ObjectReference] = frozenset()
    """Flux objects, Secrets and ConfigMaps that exist, but of which nothing more is known: no rule may report them as missing.
    Without a name: any of that kind; without a kind: of any kind. `INSTALLATION` may be among them."""
    left_out: Mapping[ObjectReference, str] = field(default_factory=dict)
    """Objects that the stack could have but does not → how to add them."""
    known_to_a_cloud: frozenset[str] = frozenset()
    """The controllers whose ServiceAccount has an annotation by which a cloud knows it."""
    registries: Mapping[str, str] = field(default_factory=dict)
    """Secrets of `secrets` that are the login of a registry → its host and port."""
    entry_keys: Mapping[ObjectReference, Mapping[str, str]] = field(default_factory=dict)
    """Objects that a catalog entry makes → field of the spec → the key of the entry that people write in its place."""
    insecure_hosts: frozenset[str] = frozenset()
    """Hosts, or hosts with their ports, from which the stack file permits to fetch without TLS."""
    from_git: Sequence[Mapping[str, Any]] = ()
    """Every Flux object that the repositories bring, where those were read: `gitops check` reads them, a preview does not."""
    secrets_of_git: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    """Namespace and name of the Secrets that Git brings → their keys; where those were read."""
    brought: Mapping[ObjectReference, frozenset[str]] = field(default_factory=dict)
    """ConfigMaps, Secrets and ServiceAccounts that Git brings, and ServiceAccounts of the stack → their keys; where Git was read."""
    made_by_others: frozenset[ObjectReference] = frozenset()
    """Those that an object of Git makes another program create, with unknown keys; without a namespace: in any."""
    unclear_namespaces: frozenset[str] = frozenset()
    """Namespaces in which programs may create objects that no file shows; "" for all of them."""
    other_makers: frozenset[ObjectReference] = frozenset()
    """Objects of Git that may make further Flux objects, which no file shows: HelmReleases, and Kustomizations that were not read."""
    served: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Kind of Flux → the apiVersions that the installed CRDs serve, newest first; empty when they are unknown."""


@dataclass(frozen=True, kw_only=True)
class PlannedObject:
    """One object of the stack, or of Git."""

    reference: ObjectReference
    group: str
    body: Mapping[str, Any]
    spec: Mapping[str, Any]
    where: Where = STACK

    def __str__(self) -> str:
        return str(self.reference)

    @property
    def kind(self) -> str:
        """`GitRepository`."""
        return self.reference.kind

    @property
    def namespace(self) -> str:
        """`flux-system`."""
        return self.reference.namespace

    @property
    def name(self) -> str:
        """`argo-workflows`."""
        return self.reference.name

    @property
    def is_of_flux(self) -> bool:
        """Whether its group is one of Flux's."""
        return self.group.endswith("fluxcd.io")

    @property
    def is_suspended(self) -> bool:
        """Whether Flux leaves it alone."""
        return self.spec.get("suspend") is True

    @property
    def is_in_git(self) -> bool:
        """Whether Git brings it: then all that Git brings is known."""
        return self.where == GIT

    def wrong(self, path: KeyPath, wrong: str, consequence: str, fix: str, *, certain: bool = True) -> Finding:
        """A finding at `path`; the three texts are those of a `Message`."""
        return Finding(object=self.reference, path=path, message=Message(wrong, consequence, fix), where=self.where, certain=certain)


class Plan:
    """The planned objects by kind and name. Objects of other kinds are kept, but not found by rules that look for a Flux kind."""

    def __init__(self, planned: PlannedObjects) -> None:
        self.planned = planned
        self._comparisons = Comparisons()
        self.objects = [_planned_object(body, STACK) for body in planned.bodies]
        self.objects += [_planned_object(body, GIT) for body in planned.from_git]
        self._by_kind: dict[str, list[PlannedObject]] = {}
        self._by_reference: dict[ObjectReference, PlannedObject] = {}
        for item in self.objects:
            if item.is_of_flux:
                self._by_kind.setdefault(item.kind, []).append(item)
                self._by_reference.setdefault(item.reference, item)

    @property
    def whole(self) -> str:
        """What messages call everything that is known here."""
        return "this stack or its repositories" if self.planned.from_git else "this stack"

    def of_kind(self, *kinds: str) -> list[PlannedObject]:
        """The Flux objects of these kinds."""
        return [item for kind in kinds for item in self._by_kind.get(kind, ())]

    def find(self, reference: ObjectReference) -> PlannedObject | None:
        """The Flux object of that name; where Git brings one of the stack's, that of the stack."""
        return self._by_reference.get(reference)

    def names(self, kind: str, namespace: str) -> list[str]:
        """Names of the Flux objects of one kind in one namespace."""
        return [item.name for item in self.of_kind(kind) if item.namespace == namespace]

    def kinds_named(self, namespace: str, name: str, kinds: Iterable[str]) -> list[str]:
        """Which of `kinds` have an object of that name."""
        return [kind for kind in kinds if self.find(ObjectReference(kind, namespace, name))]

    def secret_keys(self, namespace: str, name: str | None) -> frozenset[str] | None:
        """Keys of a Secret that the stack or Git makes; None for another, of which nothing is known."""
        made = self.planned.secrets.get(name) if namespace == FLUX_NAMESPACE and name else None
        return made if made is not None else self.planned.secrets_of_git.get((namespace, name or ""))

    def registry_of(self, namespace: str, name: str | None) -> str | None:
        """The registry for which a Secret that the stack makes is the login; None where it is none, or where nothing is known of it."""
        return self.planned.registries.get(name) if namespace == FLUX_NAMESPACE and name else None

    def written_as(self, item: PlannedObject, field_of_spec: str) -> str:
        """How a field of the spec of `item` is called where `item` is written: by Flux's name, or by the key of a catalog entry."""
        key = self.planned.entry_keys.get(item.reference, {}).get(field_of_spec) if not item.is_in_git else None
        return f"`{key}`" if key else field_of_spec

    def is_made(self, kind: str, namespace: str, name: str) -> bool:
        """Whether the stack makes this Secret or ConfigMap, or may make it."""
        made = self.planned.secrets if kind == "Secret" else self.planned.config_maps
        return (namespace == FLUX_NAMESPACE and name in made) or self.is_unknown(ObjectReference(kind, namespace, name))

    def exists(self, kind: str, namespace: str, name: str) -> bool:
        """Whether the stack or Git makes this ConfigMap, Secret or ServiceAccount, or makes another program create it."""
        others, reference = self.planned.made_by_others, ObjectReference(kind, namespace, name)
        known = reference in self.planned.brought or reference in others or ObjectReference(kind, "", name) in others
        return known or (self.is_unknown(reference) if kind == "ServiceAccount" else self.is_made(kind, namespace, name))

    def keys_of(self, kind: str, namespace: str, name: str) -> frozenset[str] | None:
        """The keys of a ConfigMap or Secret that Git brings; None where they are unknown."""
        others, reference = self.planned.made_by_others, ObjectReference(kind, namespace, name)
        return None if reference in others or ObjectReference(kind, "", name) in others else self.planned.brought.get(reference)

    def shows_all_of(self, item: PlannedObject) -> bool:
        """Whether Git shows everything in the namespace of `item`, but for what `item` itself makes."""
        return self.is_all_that_there_is(item) and not {"", item.namespace} & self.planned.unclear_namespaces

    def made_like(self, kind: str, namespace: str, name: str) -> list[str]:
        """Secrets or ConfigMaps that the stack makes, and whose names are so like `name` that one of them was probably meant."""
        made = self.planned.secrets if kind == "Secret" else self.planned.config_maps
        return close_to(name, made, cutoff=_MEANT, comparisons=self._comparisons) if namespace == FLUX_NAMESPACE else []

    def is_unknown(self, reference: ObjectReference) -> bool:
        """Whether there may be such an object, although the plan does not have it."""
        unknown = self.planned.unknown
        kinds, names = (reference.kind, ""), ((reference.namespace, reference.name), ("", ""))
        return bool(unknown) and any(ObjectReference(kind, *name) in unknown for kind in kinds for name in names)

    def is_all_that_there_is(self, item: PlannedObject) -> bool:
        """Whether nothing but `item` itself could make an object that the plan does not have."""
        return self.planned.other_makers <= {item.reference}

    def is_external(self, reference: ObjectReference) -> bool:
        """Whether this Kustomization is declared to live in Git."""
        external = self.planned.external_kustomizations
        in_namespace = f"{reference.namespace}/{reference.name}"
        return in_namespace in external or (reference.namespace == FLUX_NAMESPACE and reference.name in external)

    def instead_of(self, name: str, known: Iterable[str]) -> str:
        """Names to write instead of `name`: those that resemble it, else all there are; empty when there is none."""
        names = sorted(set(known))
        return either(close_to(name, names, comparisons=self._comparisons) or names, most=_MOST_LISTED)

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


def _planned_object(body: Mapping[str, Any], where: Where) -> PlannedObject:
    metadata = mapping(body, "metadata")
    reference = ObjectReference(
        kind=text(body, "kind") or "", namespace=text(metadata, "namespace") or "", name=text(metadata, "name") or ""
    )
    group = api_group(text(body, "apiVersion") or "")
    return PlannedObject(reference=reference, group=group, body=body, spec=mapping(body, "spec"), where=where)
