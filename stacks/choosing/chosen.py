"""What a stack chooses of the catalog."""

from dataclasses import dataclass, field

from flux.object_reference import ObjectReference
from stacks.choosing.planned_body import PlannedBody


@dataclass(kw_only=True)
class Chosen:
    """The objects that a stack makes of the catalog, and what their Secrets get from the hosts."""

    bodies: list[PlannedBody] = field(default_factory=list)
    """Every Flux object of the stack, in the order of sections and files."""
    known_hosts: dict[str, list[str]] = field(default_factory=dict)
    """SSH credential → known_hosts lines of the hosts where it is used."""
    certificates: dict[str, list[str]] = field(default_factory=dict)
    """Other credential → certificates of the private authorities of the hosts where it is used, as PEM."""
    host_certificates: dict[str, str] = field(default_factory=dict)
    """Secret that the stack makes itself → certificates of a host whose sources name no credential that could hold them."""
    unknown: set[ObjectReference] = field(default_factory=set)
    """What exists, or may exist, but could not be built, because its error is already reported."""
    in_unused_groups: dict[ObjectReference, str] = field(default_factory=dict)
    """What the catalog has but the stack does not use → how to add it."""
    is_everything: bool = False
    """Whether all groups were taken, because it is unknown which the stack uses: not all of it may be meant for this cluster."""

    def of_kind(self, kind: str) -> dict[str, PlannedBody]:
        """The objects of one kind by name; of two of one name the first."""
        found: dict[str, PlannedBody] = {}
        for each in self.bodies:
            if each.kind == kind:
                found.setdefault(each.name, each)
        return found

    def forget(self, kinds: set[str] | None) -> None:
        """Leave out every object of `kinds`, or every object: their defaults are unknown."""
        self.bodies = [each for each in self.bodies if kinds is not None and each.kind not in kinds]
        self.unknown.update(ObjectReference(kind, "", "") for kind in kinds or {""})
