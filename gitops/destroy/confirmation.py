"""What has to be said before a stack's workloads go, and what contradicts the stack file. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from shlex import quote

from flux.message import Message
from gitops.destroy.effects import Effects


@dataclass(frozen=True, kw_only=True)
class Consent:
    """What the command line and the stack file say."""

    stack: str
    cluster: str
    environment: str | None
    """As the stack file has it; None where it cannot be read."""
    on_destroy: str | None
    remove_workloads_of: str | None
    """`--yes-remove-workloads-of`."""


def refusal(effects: Effects, said: Consent) -> Message | None:
    """Why nothing is done; None where everything that matters was said."""
    if said.remove_workloads_of and said.remove_workloads_of != said.cluster:
        wrong = f"--yes-remove-workloads-of {said.remove_workloads_of} does not name the cluster of stack {said.stack}, {said.cluster}"
        return Message(
            wrong, "The workloads of another cluster would be removed.", "Check --stack, and name the cluster whose workloads go."
        )
    if not effects.removes_workloads or said.remove_workloads_of:
        return None
    fix = f"To remove them, add --yes-remove-workloads-of {quote(said.cluster)}. To keep them, add --keep-workloads."
    if said.on_destroy == "keepWorkloads":
        return Message(
            "the stack file says onDestroy: keepWorkloads, and the last `pulumi up` set removeWorkloads in the cluster",
            f"{amount(effects)} would be removed.",
            fix,
        )
    if said.environment != "development":
        where = f"a {said.environment} cluster" if said.environment else "a cluster whose stack file cannot be read"
        return Message(f"it removes the workloads of {where}", f"{amount(effects)} would be removed.", fix)
    return None


def notes(effects: Effects, said: Consent, *, keep: bool) -> Iterator[str]:
    """What a person may not expect."""
    stays = bool(effects.kept) and not effects.removes_workloads and not effects.without_controller
    if said.on_destroy == "removeWorkloads" and stays and not keep:
        yield (
            "The stack file says onDestroy: removeWorkloads, and the last `pulumi up` set keepWorkloads: they stay. "
            "To remove them, run `pulumi up` first."
        )
    dead = sorted({f"{each.found.kind} {each.found.reference.name}" for each in effects.without_controller})
    if dead:
        yield (
            f"The controllers of {', '.join(dead)} do not run: what these applied stays in the cluster, and their finalizers are released. "
            "To have it removed, start the controllers first."
        )


def amount(effects: Effects) -> str:
    """`27 objects and 2 Helm releases`."""
    parts = [f"{effects.removed} object{'' if effects.removed == 1 else 's'} that Flux applied"] if effects.removed else []
    parts += [f"{effects.releases} Helm release{'' if effects.releases == 1 else 's'}"] if effects.releases else []
    return " and ".join(parts) or "nothing"
