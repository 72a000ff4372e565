"""A step that ends a former ownership, its state, and the kubectl commands in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from flux.kinds import KINDS
from flux.object_reference import FLUX_NAMESPACE, ObjectReference
from flux.owners_mark import STACK_LABEL, OwnersMark
from flux.prune import DISABLED, PRUNE
from live.access.target import Target
from live.flux_objects.running_flux import LiveObject

MANAGER = "gitops-adopt"
"""Who annotates: kustomize-controller takes back what managers write whose name begins with `kubectl`."""
INSTALLED_KINDS = "crd,clusterrole,clusterrolebinding,namespace,serviceaccount,service,resourcequota,networkpolicy,deployment"


class StepState(StrEnum):
    """Of a step."""

    DONE = "done"
    NEXT = "next"
    LATER = "later"
    UNSEEN = "cannot be seen from here"


@dataclass(frozen=True, kw_only=True)
class HandOverStep:
    """One step, with what a person runs or edits."""

    title: str
    how: tuple[str, ...]
    is_done: bool | None
    """None: neither the cluster nor the clone shows it."""
    left: str = ""
    """What is still to be done of it, where it is not done."""


def states(steps: Sequence[HandOverStep]) -> list[StepState]:
    """The first that is not done is next."""
    found: list[StepState] = []
    for step in steps:
        if step.is_done is None:
            found.append(StepState.UNSEEN)
        elif step.is_done:
            found.append(StepState.DONE)
        else:
            found.append(StepState.LATER if StepState.NEXT in found else StepState.NEXT)
    return found


@dataclass(frozen=True)
class KubectlCommands:
    """Commands for the cluster that is looked at."""

    target: Target

    def __call__(self, command: str) -> str:
        """Any command."""
        return self.target.kubectl(command)

    def annotate(self, what: str, annotation: str) -> str:
        """Under a field manager that no tool removes again."""
        return self(f"annotate --overwrite --field-manager={MANAGER} -n {FLUX_NAMESPACE} {what} {annotation}")


def is_marked(each: LiveObject, mark: OwnersMark) -> bool:
    """Whether the stack owns it."""
    return each.metadata.labels.get(STACK_LABEL) == mark.stack


def is_protected(each: LiveObject) -> bool:
    """Whether kustomize-controller would not prune it."""
    return each.metadata.annotations.get(PRUNE, "").lower() == DISABLED


def named(reference: ObjectReference) -> str:
    """As kubectl takes it, whatever else has the same short name."""
    kind = KINDS.get(reference.kind)
    return f"{kind.plural}.{kind.api_group}/{reference.name}" if kind else f"{reference.kind.lower()}/{reference.name}"
