"""What has to be said before a stack's workloads are removed, and what contradicts the stack file. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from shlex import quote

from flux.message import Message
from flux.object_reference import ObjectReference
from flux.owners_mark import CLUSTER_LABEL, STACK_LABEL, OwnersMark
from flux.visible_text import visible
from gitops.destroy.effects import Effects
from gitops.pulumi_state import StateObject


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
            wrong,
            "The workloads of another cluster would be removed.",
            "Check --stack, and name the cluster whose workloads are to be removed.",
        )
    if not effects.removes_workloads or said.remove_workloads_of:
        return None
    fix = f"To remove them, add --yes-remove-workloads-of {quote(said.cluster)}. To keep them, add --keep-workloads."
    if said.on_destroy == "keepWorkloads":
        return Message(
            "the stack file says onDestroy: keepWorkloads, but the last `pulumi up` set removeWorkloads in the cluster",
            f"{amount(effects.removed, effects.releases)} would be removed.",
            fix,
        )
    if said.environment != "development":
        where = f"a {said.environment} cluster" if said.environment else "a cluster whose stack file cannot be read"
        return Message(f"it removes the workloads of {where}", f"{amount(effects.removed, effects.releases)} would be removed.", fix)
    return None


def refused_by_pulumi(objects: Iterable[StateObject], stack: str) -> Message | None:
    """Somebody protected an object against its removal: `pulumi destroy` would say so when the workloads are gone."""
    protected = [each for each in objects if each.is_protected]
    if not protected:
        return None
    more = f" and {len(protected) - 1} more objects" if len(protected) > 1 else ""
    return Message(
        f"{visible(str(protected[0].reference))}{more} of stack {stack} {'are' if more else 'is'} protected in Pulumi's state",
        "`pulumi destroy` would stop there. Nothing was removed.",
        f"If it may be removed, run: pulumi state unprotect --stack {quote(stack)} {quote(protected[0].urn)}",
    )


def of_another_stack(labels: Mapping[ObjectReference, Mapping[str, str]], mark: OwnersMark, stack: str) -> Message | None:
    """Another stack has taken over what the state still has. `labels`: of the state's objects, as the cluster has them now."""
    owners = Counter(owner for each in labels.values() if (owner := _other_owner(each, mark)))
    if not owners:
        return None
    owner, count = owners.most_common(1)[0]
    objects = "1 object" if count == 1 else f"{count} objects"
    return Message(
        f"{objects} in the state of stack {stack} {'belongs' if count == 1 else 'belong'} to {visible(owner)} now",
        "What another stack has taken over would be removed. Nothing was removed.",
        f"If that stack replaces this one, forget this state: pulumi stack rm --force --preserve-config {quote(stack)}. "
        f"If it is this stack before it was renamed, write gitops:takeOver: [{visible(owner)}], and run `pulumi up` first.",
    )


def _other_owner(labels: Mapping[str, str], mark: OwnersMark) -> str | None:
    stack, cluster = labels.get(STACK_LABEL, mark.stack), labels.get(CLUSTER_LABEL, mark.cluster)
    if stack != mark.stack:
        return f"stack/{stack}"
    return f"cluster/{cluster}" if cluster != mark.cluster else None


def notes(effects: Effects, said: Consent, *, keep: bool) -> Iterator[str]:
    """What a person may not expect."""
    stays = bool(effects.kept) and not effects.removes_workloads and not effects.without_controller
    if said.on_destroy == "removeWorkloads" and stays and not keep:
        yield (
            "The stack file says onDestroy: removeWorkloads, but the last `pulumi up` set keepWorkloads: they stay. "
            "To remove them, run `pulumi up` first."
        )
    dead = sorted({visible(f"{each.found.kind} {each.found.reference.name}") for each in effects.without_controller})
    if dead:
        yield (
            f"The controllers of {', '.join(dead)} do not run: what these applied stays in the cluster, and their finalizers are released. "
            "To have it removed, start the controllers first."
        )


def amount(objects: int, releases: int) -> str:
    """`27 objects that Flux applied and 2 Helm releases`."""
    parts = [f"{objects} object{'' if objects == 1 else 's'} that Flux applied"] if objects else []
    parts += [f"{releases} Helm release{'' if releases == 1 else 's'}"] if releases else []
    return " and ".join(parts) or "nothing"
