"""What a second run of a stack would change, as far as the program decides it."""

from typing import NamedTuple

from tests.record import Record, Resource


class Changes(NamedTuple):
    """Logical names of resources."""

    added: set[str]
    removed: set[str]
    changed: set[str]
    """Those with other inputs or options under the same URN."""


def changes(before: Record, after: Record) -> Changes:
    """The stack's own outputs are not counted."""
    old, new = _by_urn(before), _by_urn(after)
    both = old.keys() & new.keys()
    return Changes(
        added={new[urn].name for urn in new.keys() - both},
        removed={old[urn].name for urn in old.keys() - both},
        changed={new[urn].name for urn in both if (old[urn].inputs, old[urn].options) != (new[urn].inputs, new[urn].options)},
    )


def _by_urn(record: Record) -> dict[str, Resource]:
    return {each.urn: each for each in record.resources if each != record.stack}
