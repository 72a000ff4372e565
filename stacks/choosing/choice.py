"""What a stack chooses of the catalog, and the choice while it is being made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from components.flux_kustomization import FluxKustomizationArgs
from components.flux_object import FluxObjectArgs
from components.git_source import GitSourceArgs
from components.helm_source import HelmSourceArgs
from components.oci_source import OciSourceArgs
from flux.merge_patch import merge_patch
from flux.object_reference import FLUX_NAMESPACE, ObjectReference
from stacks.choosing.left_out import KINDS
from stacks.choosing.provenance import Layer, Origin
from stacks.contract.catalog import Catalog
from stacks.contract.stack import Host, Stack
from stacks.reading.set_aside import SetAside
from stacks.reading.validation import Locate
from stacks.words.place import KeyPath
from stacks.words.problems import Problem


@dataclass(kw_only=True)
class Chosen:
    """What a stack uses of the catalog, by object name."""

    git: dict[str, GitSourceArgs] = field(default_factory=dict)
    helm: dict[str, HelmSourceArgs] = field(default_factory=dict)
    oci: dict[str, OciSourceArgs] = field(default_factory=dict)
    kustomizations: dict[str, FluxKustomizationArgs] = field(default_factory=dict)
    objects: list[FluxObjectArgs] = field(default_factory=list)
    known_hosts: dict[str, list[str]] = field(default_factory=dict)
    """SSH credential → known_hosts lines of the hosts where it is used."""
    certificates: dict[str, list[str]] = field(default_factory=dict)
    """Other credential → certificates of the private authorities of the hosts where it is used, as PEM."""
    host_certificates: dict[str, str] = field(default_factory=dict)
    """Secret that the stack makes itself → certificates of a host whose sources name no credential that could hold them."""
    unknown: set[ObjectReference] = field(default_factory=set)
    """What there is, or may be, and could not be made, because a fault of it is told already."""
    is_everything: bool = False
    """Whether all groups were taken, because it is unknown which the stack uses: not all of it may be meant for this cluster."""
    origins: dict[ObjectReference, Origin] = field(default_factory=dict)
    """Where each object was written."""

    def forget(self, kinds: set[str] | None) -> None:
        """Leave out every object of `kinds`, else every object: what is merged under their specs is not known."""
        for kind, named in (
            ("GitRepository", self.git),
            ("HelmRepository", self.helm),
            ("OCIRepository", self.oci),
            ("Kustomization", self.kustomizations),
        ):
            if kinds is None or kind in kinds:
                named.clear()
        self.objects = [each for each in self.objects if kinds is not None and each.kind not in kinds]
        self.unknown.update(ObjectReference(kind, "", "") for kind in kinds or {""})


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A catalog and a stack that chooses from it, while the choice is being made."""

    catalog: Catalog
    stack: Stack
    locate_catalog: Locate
    locate_stack: Locate
    problems: list[Problem]
    hosts: dict[str, Host]
    chosen: Chosen
    catalog_aside: SetAside
    stack_aside: SetAside

    def located(self, section: str, name: str) -> Locate:
        """Key path within an entry → where it stands, in both files when the stack overrides the entry."""

        def locate(path: KeyPath) -> str:
            overridden = f"{section}/{name}" in self.stack.override
            also = f" (changed by {self.locate_stack(('override', f'{section}/{name}'))})" if overridden else ""
            return self.locate_catalog((section, name, *path)) + also

        return locate

    def leave_out(self, section: str, name: str) -> None:
        """Remember that there is such an entry, although no object can be made of it."""
        self.chosen.unknown.update(ObjectReference(kind, FLUX_NAMESPACE, name) for kind in KINDS[section])

    def is_set_aside(self, *path: str | int) -> bool:
        """Whether the value at `path` of the catalog, or what the stack changes of it, is not known."""
        return self.catalog_aside.holds(*path) or self.stack_aside.holds(*path)

    def spec(self, kind: str, spec: Mapping[str, Any], **built_in: Any) -> dict[str, Any]:
        """The spec of an object: what is built in, under the defaults of its kind, under its own."""
        merged: dict[str, Any] = merge_patch(merge_patch(built_in, self.catalog.defaults.get(kind, {})), spec)
        return merged

    def record_origin(self, kind: str, section: str, name: str, **written_elsewhere: str) -> None:
        """Remember where the object of an entry was written."""
        target = f"{section}/{name}"
        override = self.stack.override.get(target, {}).get("spec")
        over = Layer(spec=override, locate=lambda path: self.locate_stack(("override", target, "spec", *path))) if override else None
        self.chosen.origins[ObjectReference(kind, FLUX_NAMESPACE, name)] = Origin(
            entry=lambda path: self.locate_catalog((section, name, *path)),
            over=(over,) if over else (),
            spec=getattr(self.catalog, section)[name].spec,
            under=self._defaults(kind),
            written_elsewhere=written_elsewhere,
        )

    def record_origin_of_object(self, index: int, identity: ObjectReference, spec: Mapping[str, Any]) -> None:
        """Remember where a verbatim object was written; the first of two of one identity."""
        origin = Origin(
            entry=lambda path: self.locate_catalog(("objects", index, *path)),
            spec_key=("object", "spec"),
            metadata_key=("object", "metadata"),
            spec=spec,
            under=self._defaults(identity.kind),
        )
        self.chosen.origins.setdefault(identity, origin)

    def _defaults(self, kind: str) -> tuple[Layer, ...]:
        if kind not in self.catalog.defaults:
            return ()
        return (Layer(spec=self.catalog.defaults[kind], locate=lambda path: self.locate_catalog(("defaults", kind, *path))),)
