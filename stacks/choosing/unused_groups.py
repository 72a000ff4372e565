"""What the catalog has but the stack does not use: a problem with a reference to it says how to add it."""

from collections.abc import Collection, Iterator

from flux.listing import either
from flux.object_reference import FLUX_NAMESPACE, ObjectReference
from stacks.choosing.sections import SECTIONS
from stacks.contract.catalog import Catalog


def in_unused_groups(catalog: Catalog, used: Collection[str]) -> dict[ObjectReference, str]:
    """The objects of entries that are in none of the groups in `used` → how to add them."""
    return {
        reference: f"It is in group {either(groups)}: add {groups[0] if len(groups) == 1 else 'one of them'} to gitops:use."
        for reference, groups in _groups(catalog)
        if not set(used) & set(groups)
    }


def _groups(catalog: Catalog) -> Iterator[tuple[ObjectReference, list[str]]]:
    for section in SECTIONS.values():
        for name, groups in section.groups(catalog):
            yield from ((ObjectReference(kind, FLUX_NAMESPACE, name), groups) for kind in section.kinds)
    for entry in catalog.objects:
        metadata = entry.object.metadata
        yield ObjectReference(entry.object.kind, metadata.namespace or FLUX_NAMESPACE, metadata.name), entry.groups
