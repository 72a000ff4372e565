"""The JSON of `gitops compare --output json`: stable, so that scripts may rely on it. Additions only, while `version` is 1.

`schema/compare.schema.json` describes it, and docs/compare.md.
"""

from dataclasses import replace
from typing import Any

from gitops.compare.field_changes import MISSING, FieldChange
from gitops.compare.footer import what_was_read
from gitops.compare.found_changes import RevisionComparison
from gitops.compare.sentence import NOWHERE, Sentence

VERSION = 1


def document(comparison: RevisionComparison, exit_code: int) -> dict[str, Any]:
    """Everything that the table shows, and every field."""
    return {
        "version": VERSION,
        "base": comparison.base,
        "head": comparison.head,
        "repository": comparison.repository or None,
        "exitCode": exit_code,
        "notes": [note.plain for note in (*comparison.notes, *what_was_read(comparison))],
        "stacks": [
            {"name": each.name, "state": each.state.value, "refusals": [{"where": one.where, "text": one.lines} for one in each.refusals]}
            for each in comparison.stacks
        ],
        "decisions": [
            {
                "kind": each.kind,
                "risk": each.risk.value,
                "later": each.is_later,
                "stacks": list(each.stacks),
                "names": list(each.names),
                "text": each.text.plain,
                "from": _source(each.source),
            }
            for each in comparison.decisions
        ],
        "pending": [{"kind": each.kind, "stacks": list(each.stacks), "text": each.text.plain} for each in comparison.pending],
        "changes": [
            {
                "kind": each.kind,
                "action": each.action.value,
                "kustomization": each.kustomization or None,
                "helmRelease": each.release or None,
                "certain": each.is_certain,
                "stacks": list(each.stacks),
                "names": list(each.names),
                "text": replace(each, source=NOWHERE).told.plain,
                "from": _source(each.source),
                "objects": [
                    {"object": diff.name, "stacks": list(diff.stacks), "fields": [_field(one) for one in diff.fields]}
                    for diff in each.diffs
                ],
            }
            for each in comparison.changes
        ],
    }


def _field(field: FieldChange) -> dict[str, Any]:
    before = {} if field.before is MISSING else {"before": field.before}
    after = {} if field.after is MISSING else {"after": field.after}
    return {"path": field.path, **before, **after}


def _source(source: Sentence) -> str | None:
    return source.plain or None
