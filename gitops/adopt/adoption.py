"""Which objects of a running Flux become the stack's: what nothing in Git applies, and what applies itself.

What a Kustomization applies from Git stays Git's: it goes on by itself. Two things come along from Git all the same, because nothing
else could keep them: Flux's own installation, and the root that applies itself, with its source.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flux.bodies import SOPS_AGE_SECRET
from flux.kinds import COMPONENT_LABEL, MADE_BY_CONTROLLERS
from flux.object_reference import FLUX_NAMESPACE, ObjectReference
from flux.release.distribution import COMPONENTS
from gitops.adopt.origin import HELM_RELEASE, InstalledBy, Installer, applied_by, installer_of
from gitops.adopt.running_shards import is_copy, shards_among
from live.flux_objects.running_flux import LiveObject, LiveSecret, RunningFlux, secret_names

_NAMED_AS_COMPONENTS = ("Deployment", "Service", "ServiceAccount")
_WEBHOOKS = "webhook-receiver"
_RESOURCE_SET = "resourceset.fluxcd.controlplane.io/name"
SOURCES = ("GitRepository", "HelmRepository", "OCIRepository", "Bucket")


@dataclass(frozen=True, kw_only=True)
class Adoption:
    """What a stack takes over, and what it leaves."""

    running: RunningFlux
    installer: Installer
    objects: tuple[LiveObject, ...]
    """Sources, Kustomizations and other objects of Flux that become the stack's."""
    dropped: tuple[LiveObject, ...]
    """What installs Flux until now, and is no longer needed: its Kustomization and the source of that."""

    @cached_property
    def left(self) -> tuple[LiveObject, ...]:
        """What stays with the tool or the person that applies it."""
        own = {each.reference for each in (*self.objects, *self.dropped)}
        return tuple(each for each in self.running.objects if each.reference not in own and each.kind not in MADE_BY_CONTROLLERS)

    @cached_property
    def secrets(self) -> Mapping[str, LiveSecret]:
        """Name → Secret of a credential that becomes the stack's: those in Git, encrypted, stay there."""
        named = {
            name for each in self.objects if each.kind in (*SOURCES, "Receiver") for name in secret_names(each.declared("spec")).values()
        }
        return {
            name: found
            for name, found in self.running.secrets.items()
            if name in named and name != SOPS_AGE_SECRET and not applied_by(found.metadata)
        }

    @cached_property
    def age_secret(self) -> LiveSecret | None:
        """The Secret with the age keys, if there is one and it is not in Git."""
        found = self.running.secrets.get(SOPS_AGE_SECRET)
        return found if found and not applied_by(found.metadata) else None

    @cached_property
    def installation(self) -> tuple[LiveObject, ...]:
        """What the stack makes of the installation: not what belongs to a controller that does not run, or to a copy that no shard has."""
        running = {each.metadata.name for each in self.running.installed if each.kind == "Deployment"} & {*COMPONENTS}
        shards = shards_among(self.running.installed)
        return tuple(each for each in self.running.installed if _is_of_release(each, running) or is_copy(each, shards))

    @cached_property
    def from_git(self) -> tuple[LiveObject, ...]:
        """What becomes the stack's and is applied from Git until now."""
        return tuple(each for each in (*self.running.installed, *self.objects) if applied_by(each.metadata))


def adoption_of(running: RunningFlux) -> Adoption:
    """Sort what there is."""
    installer = installer_of(running)
    dropped = tuple(_installing(running, installer)) if installer.origin is InstalledBy.INSTALLER else ()
    gone = {each.reference for each in dropped}
    here = [each for each in running.objects if each.metadata.namespace == FLUX_NAMESPACE and each.kind not in MADE_BY_CONTROLLERS]
    own = {each.reference: each for each in here if each.reference not in gone and _is_root(each)}
    for kustomization in [each for each in own.values() if each.kind == "Kustomization"]:
        for each in here:
            if each.reference == source_of(kustomization) and each.reference not in gone:
                own.setdefault(each.reference, each)
    return Adoption(
        running=running, installer=installer, objects=tuple(sorted(own.values(), key=lambda each: each.reference)), dropped=dropped
    )


def source_of(kustomization: LiveObject) -> ObjectReference | None:
    """Its source."""
    spec = kustomization.body.get("spec")
    named = spec.get("sourceRef") if isinstance(spec, Mapping) else None
    if not isinstance(named, Mapping) or not isinstance(named.get("name"), str):
        return None
    return ObjectReference(str(named.get("kind")), str(named.get("namespace") or kustomization.metadata.namespace), named["name"])


def inventory_of(kustomization: LiveObject) -> frozenset[ObjectReference]:
    """What it says that it applied (`status.inventory`: namespace_name_group_kind)."""
    status = kustomization.body.get("status")
    inventory = status.get("inventory") if isinstance(status, Mapping) else None
    entries = inventory.get("entries") if isinstance(inventory, Mapping) else None
    return frozenset(_entries(entries if isinstance(entries, list) else []))


def _is_root(each: LiveObject) -> bool:
    labels = each.metadata.labels
    if HELM_RELEASE in labels or _RESOURCE_SET in labels:
        return False
    applier = applied_by(each.metadata)
    return applier is None or applier == each.reference


def _is_of_release(each: LiveObject, running: Collection[str]) -> bool:
    component = each.metadata.labels.get(COMPONENT_LABEL)
    if component in COMPONENTS and component not in running:
        return False
    return each.kind not in _NAMED_AS_COMPONENTS or each.metadata.name in (*COMPONENTS, _WEBHOOKS)


def _installing(running: RunningFlux, installer: Installer) -> Iterator[LiveObject]:
    """The Kustomization that applies Flux and nothing else, and its source where no other needs it."""
    found = next((each for each in running.objects if each.reference == installer.kustomization), None)
    if found is None or not inventory_of(found) or inventory_of(found) - {each.reference for each in running.installed}:
        return
    yield found
    source = source_of(found)
    others = {source_of(each) for each in running.objects if each.kind == "Kustomization" and each is not found}
    yield from (each for each in running.objects if each.reference == source and source not in others)


def _entries(entries: Iterable[Any]) -> Iterator[ObjectReference]:
    for each in entries:
        named = each.get("id") if isinstance(each, Mapping) else None
        parts = named.split("_") if isinstance(named, str) else []
        if len(parts) >= 4:
            # A name of RBAC may hold a colon, which is written as two underscores.
            name = "_".join(parts[1:-2]).replace("__", ":")
            yield ObjectReference(parts[-1], parts[0], name)
