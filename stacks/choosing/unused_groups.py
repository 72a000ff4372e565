"""What the catalog has but the stack does not use: a problem with a reference to it says how to add it."""

from collections.abc import Callable, Collection, Iterator

from flux.listing import either
from flux.object_reference import FLUX_NAMESPACE, ObjectReference
from stacks.choosing.sections import SECTIONS
from stacks.contract.catalog import Catalog
from stacks.contract.stack import Stack

_MOST_SHOWN = 3


def in_unused_groups(catalog: Catalog, used: Collection[str]) -> dict[ObjectReference, str]:
    """The objects of entries that are in none of the groups in `used` → how to add them."""
    return {
        reference: f"It is in group {either(groups)}: add {groups[0] if len(groups) == 1 else 'one of them'} to gitops:use."
        for reference, groups in _groups(catalog)
        if not set(used) & set(groups)
    }


def left_to_nobody(catalog: Catalog, stack: Stack, used_by_no_other: Callable[[set[str]], set[str]]) -> str | None:
    """What to say once of entries that neither this stack nor another takes; `used_by_no_other`: which of some groups no other uses."""
    unused = {
        entry: groups
        for entry, groups in _entries(catalog)
        if not set(stack.use) & set(groups) and "groups" not in stack.override.get(entry, {})
    }
    if not unused:
        return None
    nobodys = used_by_no_other({group for groups in unused.values() for group in groups})
    left = {entry: groups for entry, groups in unused.items() if nobodys.issuperset(groups)}
    if not left:
        return None
    groups = sorted({group for groups in left.values() for group in groups})
    first, *more = left
    return (
        f"No stack uses group {either(groups, most=_MOST_SHOWN)} of the catalog, so no cluster gets {first}"
        f"{f' and {len(more)} more' if more else ''}. To add {'them' if more else 'it'} here, add the group to gitops:use."
    )


def _entries(catalog: Catalog) -> Iterator[tuple[str, list[str]]]:
    """Each entry as the key `override` names it, with its groups."""
    for section in SECTIONS.values():
        yield from ((f"{section.name}/{name}", groups) for name, groups in section.groups(catalog) if name)
    yield from ((f"objects/{entry.object.metadata.name}", entry.groups) for entry in catalog.objects)


def _groups(catalog: Catalog) -> Iterator[tuple[ObjectReference, list[str]]]:
    for section in SECTIONS.values():
        for name, groups in section.groups(catalog):
            yield from ((ObjectReference(kind, FLUX_NAMESPACE, name), groups) for kind in section.kinds)
    for entry in catalog.objects:
        metadata = entry.object.metadata
        yield ObjectReference(entry.object.kind, metadata.namespace or FLUX_NAMESPACE, metadata.name), entry.groups
