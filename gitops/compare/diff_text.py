"""Field by field, as a diff: the same fields of several objects or stacks once."""

from collections.abc import Iterator
from itertools import islice

from gitops.compare.field_changes import MISSING, FieldChange
from gitops.compare.found_changes import ObjectDiff, RevisionComparison
from gitops.compare.value_text import path_of, text_of
from gitops.messages import trim_middle

MOST_CHANGES = 500
"""That are shown one by one; JSON has all of them."""
_MOST_LINES = 2_000
_MOST_FIELDS = 25
"""Of one object: a CRD of another release differs in hundreds."""
_LONGEST_LINE = 300


def diff_lines(comparison: RevisionComparison) -> Iterator[str]:
    """As many as anybody reads."""
    lines = list(islice(_all_lines(comparison), _MOST_LINES + 1))
    yield from lines[:_MOST_LINES]
    if len(lines) > _MOST_LINES:
        yield "  and more, which --output json has"


def _all_lines(comparison: RevisionComparison) -> Iterator[str]:
    by_fields: dict[tuple[tuple[str, str, str], ...], list[str]] = {}
    fields_of: dict[tuple[tuple[str, str, str], ...], tuple[FieldChange, ...]] = {}
    for change in comparison.changes:
        for diff in (each for each in change.diffs if each.fields or not change.kustomization):
            key = tuple((each.path, repr(each.before), repr(each.after)) for each in diff.fields)
            by_fields.setdefault(key, []).append(_name(diff, comparison))
            fields_of[key] = diff.fields
    last: list[str] = []
    for key, every in by_fields.items():
        names = list(dict.fromkeys(every))
        if names != last:
            yield from ([f"@@ the same in {len(names)} objects: @@"] if len(names) > 1 else [])
            yield from (f"@@ {name} @@" for name in names)
        last = names
        fields = fields_of[key]
        for each in fields[:_MOST_FIELDS]:
            if each.before is not MISSING:
                yield _line("-", path_of(each), each.before)
            if each.after is not MISSING:
                yield _line("+", path_of(each), each.after)
        if len(fields) > _MOST_FIELDS:
            yield f"  and {len(fields) - _MOST_FIELDS} more fields"


def _name(diff: ObjectDiff, comparison: RevisionComparison) -> str:
    everywhere = len(diff.stacks) == len(comparison.stacks)
    return diff.name if everywhere else f"{diff.name} ({', '.join(diff.stacks)})"


def _line(sign: str, path: str, value: object) -> str:
    return trim_middle(f"{sign} {path}: {text_of(value)}".replace("\n", "\\n"), _LONGEST_LINE)
