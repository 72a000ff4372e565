"""What changes of the stack file itself, where no object shows it: the environment, the cluster, whom the stack trusts."""

from collections.abc import Iterator, Mapping
from typing import Any

from gitops.compare.field_changes import MISSING, differences
from gitops.compare.found_changes import Action, Change
from gitops.compare.stack_pair import Pair
from gitops.compare.value_text import values_of

TOLD = (
    ("environment",),
    ("cluster",),
    ("use",),
    ("takeOver",),
    ("onDestroy",),
    ("flux", "verify"),
    ("flux", "allowDowngrade"),
    ("age", "recipients"),
)
"""The rest of the stack file is shown by what becomes of it: sources, credentials, controllers."""


def changes_of_facts(pair: Pair) -> Iterator[Change]:
    """One for each value."""
    for path in TOLD:
        before, after = pair.fact(*path)
        for field in differences(_given(before), _given(after), ".".join(path), path):
            action = Action.ADDED if field.before is MISSING else Action.REMOVED if field.after is MISSING else Action.CHANGED
            yield Change(
                kind="setting",
                action=action,
                noun="setting",
                names=(field.path.removesuffix("[]"),),
                what=values_of(field),
                source=pair.source_of_fact(*(str(part) for part in field.key)),
            )


def _given(value: Any) -> Any:
    """A value that is not written is none."""
    if isinstance(value, Mapping):
        return {key: _given(item) for key, item in value.items() if item is not None}
    return MISSING if value is None else value
