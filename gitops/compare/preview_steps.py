"""What a preview with the state would do, next to what the change does: the rest had drifted, or was merged and never applied.

Reads what `pulumi preview --json` of the revision after has written: its steps, each with a URN, an operation, and the inputs of before and
after (pulumi's pkg/display/json.go). Secrets in it are `[secret]` already.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flux.bounded_documents import Bounds, UnreadableError, json_value
from flux.message import Message
from gitops.compare.found_changes import Decision, RevisionComparison, worst_first
from gitops.compare.object_changes import shown_id
from gitops.compare.sentence import Sentence, joined, named, say
from gitops.errors import CommandError
from gitops.pulumi_state import OF_KUBERNETES
from gitops.rendered.stack_view import ObjectId, StackView, object_id

A_PREVIEW = Bounds(size=128 * 1024 * 1024, levels=100)
MOST_VALUES = 5_000_000
_VERBS = {"create": "creates", "update": "updates", "delete": "deletes", "replace": "deletes and recreates"}
_REPLACES = "replace"


@dataclass(frozen=True, kw_only=True)
class PreviewStep:
    """One object that the preview would touch."""

    stack: str
    operation: str
    which: ObjectId
    applied: Mapping[str, Any] | None = None
    """As the last `up` had it."""


@dataclass(frozen=True, kw_only=True)
class Preview:
    """One preview."""

    steps: list[PreviewStep]
    """Those for Kubernetes objects that change something."""
    messages: list[str]
    """What the program said."""
    stacks: frozenset[str]
    """Those that it is about."""


def read_preview(file: Path) -> Preview:
    """What the preview says.

    Raises:
        CommandError: it cannot be read, or is not what `pulumi preview --json` writes.
    """
    try:
        if file.stat().st_size > A_PREVIEW.size:
            raise UnreadableError(f"is larger than {A_PREVIEW.size:,} bytes")
        document = json_value(file.read_bytes(), A_PREVIEW, most_values=MOST_VALUES)
        steps = document["steps"]
        return Preview(
            steps=[step for each in steps if (step := _step(each)) is not None],
            messages=[text for each in document.get("diagnostics") or () if isinstance(text := each.get("message"), str)],
            stacks=frozenset(str(each["urn"]).split(":")[2] for each in steps),
        )
    except OSError as error:
        raise _unusable(file, f"cannot be read ({error.strerror})") from None
    except UnreadableError as error:
        raise _unusable(file, str(error)) from None
    except (KeyError, TypeError, AttributeError, IndexError):
        raise _unusable(file, "is not what pulumi preview --json writes") from None


def with_preview(
    comparison: RevisionComparison, steps: list[PreviewStep], before: Mapping[str, StackView], after: Mapping[str, StackView]
) -> RevisionComparison:
    """The comparison, with what the preview adds to it."""
    own = {stack: changed_objects(before.get(stack), after.get(stack)) for stack in {*before, *after}}
    unknown = sorted({step.stack for step in steps} - set(own))
    if unknown:
        told = Message(f"the preview is of stack {unknown[0]}", "It cannot be compared.", "Name the preview of a stack that is compared.")
        raise CommandError(told)
    replaced = [Decision(kind="object-is-replaced", says=_replaced(step), stacks=(step.stack,)) for step in steps if _is_replaced(step)]
    pending = list(_pending(step for step in steps if step.which not in own[step.stack]))
    return replace(comparison, decisions=worst_first(*comparison.decisions, *replaced), pending=pending)


def _step(found: Mapping[str, Any]) -> PreviewStep | None:
    operation, urn = str(found["op"]), str(found["urn"])
    state = found.get("newState") or found.get("oldState") or {}
    if operation not in _VERBS or not str(state.get("type", "")).startswith(OF_KUBERNETES):
        return None
    applied = (found.get("oldState") or {}).get("inputs")
    return PreviewStep(
        stack=urn.split(":")[2],
        operation=operation,
        which=object_id(state["inputs"]),
        applied=applied if isinstance(applied, Mapping) and isinstance(applied.get("metadata"), Mapping) else None,
    )


def changed_objects(before: StackView | None, after: StackView | None) -> set[ObjectId]:
    """What the change itself does something to."""
    old, new = (dict(view.objects) if view else {} for view in (before, after))
    return {which for which in {*old, *new} if old.get(which) != new.get(which)}


def _is_replaced(step: PreviewStep) -> bool:
    return step.operation == _REPLACES


def _replaced(step: PreviewStep) -> Sentence:
    return say("Pulumi deletes and recreates {}", shown_id(step.which))


def _pending(steps: Iterator[PreviewStep]) -> Iterator[Decision]:
    groups: dict[tuple[str, str], list[str]] = {}
    for step in steps:
        groups.setdefault((step.stack, step.operation), []).append(shown_id(step.which))
    for (stack, operation), names in groups.items():
        text = joined([say(f"Pulumi {_VERBS[operation]}"), named(names)], " ")
        yield Decision(kind=f"pending-{operation}", says=text, stacks=(stack,))


def _unusable(file: Path, wrong: str) -> CommandError:
    fix = "Write it with: pulumi preview --json > FILE"
    return CommandError(Message(f"{file} {wrong}", "It is unknown what Pulumi would do.", fix))
