"""One destruction of a stack: what was seen of it, and what follows."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from flux.message import Message
from flux.message_lines import lines_of
from flux.object_reference import FLUX_NAMESPACE, ObjectReference
from flux.owners_mark import CLUSTER_LABEL, STACK_LABEL, OwnersMark
from flux.visible_text import visible
from gitops.destroy.beside_state import BesideState, beside_state, check_rights_beside, remove_beside
from gitops.destroy.carry_out import Removal
from gitops.destroy.confirmation import Consent, notes, of_another_stack, refusal, refused_by_pulumi
from gitops.destroy.effects import Effects, effects_of
from gitops.destroy.plan_text import gone, holder, holder_of_own, plan, released
from gitops.errors import CommandError
from gitops.project import project_name
from gitops.pulumi_cli import StackName, run_pulumi
from gitops.pulumi_state import StackState, StateObject, keep_in_cluster, read_state, target_of
from gitops.stack_file import plain_values, text_at
from gitops.terminal import print_lines
from gitops.wait_progress import WaitProgress
from live.access.target import Target
from live.errors import LiveError, UnreachableError
from live.flux_objects.flux_removal import FluxRemoval, RemovableObject
from live.flux_objects.held_objects import held_objects
from live.flux_objects.namespace_content import Holder, Silent, holders_in
from live.ownership.owned_objects import OwnedObjects
from live.ownership.wanted_objects import WantedObject, plural_of

GONE, LEFT = 0, 1
NAMESPACE = ObjectReference("Namespace", "", FLUX_NAMESPACE)
_LISTED = "Remove the finalizers or objects listed below"


@contextmanager
def looked(stack: StackName, folder: Path, remove_workloads_of: str | None, *, keep: bool) -> "Iterator[Destruction]":
    """What the state and the cluster have of a stack.

    Raises:
        CommandError: pulumi does not give the state.
        LiveError: the cluster cannot be read.
    """
    state = read_state(stack, folder)
    said = _said(stack.short, state, folder, remove_workloads_of)
    target = target_of(state, stack)
    removal = FluxRemoval(target)
    try:
        mark = OwnersMark.of(project_name(folder), stack.short, said.cluster)
        objects = removal.objects()
        going = {each.reference for each in state.objects if not each.stays}
        seen = effects_of(objects, _ownership(state, mark), removal.running_controllers(), going)
        contradicted = refused_by_pulumi(state.objects, stack.asked)
        contradicted = contradicted or of_another_stack(_labels(state, objects, target), mark, stack.asked)
        yield Destruction(
            stack=stack, folder=folder, state=state, said=said, target=target, removal=removal, keep=keep, contradicted=contradicted,
            effects=seen.keeping_workloads() if keep else seen,
            # Without a state, the one copy of a generated age key may be in the cluster: `up` reads it back first.
            beside=BesideState() if state.is_empty else beside_state(state, mark, target),
        )  # fmt: skip
    finally:
        removal.close()


@dataclass(frozen=True, kw_only=True)
class Destruction:
    """A stack that is to go."""

    stack: StackName
    folder: Path
    state: StackState
    said: Consent
    target: Target
    removal: FluxRemoval
    keep: bool
    """Whether what Flux applied is to stay whatever the cluster's policies say."""
    effects: Effects
    beside: BesideState
    """What `pulumi destroy` does not know of."""
    contradicted: Message | None
    """Why nothing can be removed, whatever is confirmed."""

    @property
    def retained(self) -> list[str]:
        """The definitions that must not go with the rest, by URN: others still need them."""
        going = [each.urn for each in self.state.objects if each.is_definition and not each.stays]
        return going if self.keep or self.effects.strangers else []

    @property
    def definitions_go(self) -> bool:
        """Whether the CRDs and the namespace are removed."""
        going = self.beside.has_definitions or any(each.is_definition and not each.stays for each in self.state.objects)
        return going and not (self.keep or self.effects.strangers)

    def show(self) -> None:
        """Print what will happen."""
        where = f"stack {self.stack.short} in cluster {self.said.cluster}"
        holders = self._holders() if self.definitions_go else []
        print_lines("\n".join(plan(self.effects, self.state, holders, where, definitions_go=self.definitions_go, keep=self.keep)))
        if told := self.beside.told(definitions_go=self.definitions_go):
            print_lines(told)
        if (unread := self.beside.unread) is not None:
            print_lines("\n".join(lines_of(unread.message, unread.where)))
        try:
            for each in self._held():
                print_lines(holder_of_own(each))
        except UnreachableError:
            raise
        except LiveError as error:
            print_lines("\n".join(lines_of(error.message, error.where)))
        for text in notes(self.effects, self.said, keep=self.keep):
            print_lines(text)
        if self.contradicted:
            print_lines(f"It will be refused: {self.contradicted.wrong}.")
        print_lines("")

    @property
    def unconfirmed(self) -> Message | None:
        """What has to be said before it is carried out."""
        return refusal(self.effects, self.said)

    def refuse_unconfirmed(self) -> None:
        """Raises CommandError where something that matters was not said."""
        if refused := self.contradicted or self.unconfirmed:
            raise CommandError(refused)

    def run(self, seconds: float) -> int:
        """Remove everything; the exit code."""
        Removal(self.removal, seconds, print_lines).check_rights(self.effects, self._held_as_far_as_known())
        stages = self.beside.going(definitions_go=self.definitions_go)
        check_rights_beside(stages, self.target)
        if self.retained:
            keep_in_cluster(self.stack, self.folder, self.retained)
        progress = WaitProgress(sys.stderr, Console(stderr=True).width)

        def say(text: str) -> None:
            progress.say(text)
            progress.poll()

        removing = Removal(self.removal, seconds, say)
        try:
            if self.keep:
                removing.keep_workloads(self.effects)
            removing.run(self.effects, definitions_go=self.definitions_go)
            removing.run_held(self._held_as_far_as_known)
            left = remove_beside(stages, self.target, say)
        finally:
            progress.done()
        if removing.released:
            print_lines("\n".join(released(removing.released)))
        if self.state.is_empty:
            return self._without_state()
        if left:
            self._tell_what_stays_beside(left)
            return LEFT
        if run_pulumi("destroy", "--stack", self.stack.asked, "--yes", "--skip-preview", "--non-interactive", folder=self.folder) == 0:
            are_left = any(each.is_definition for each in self.state.objects) and not (self.definitions_go or self.effects.strangers)
            print_lines("\n".join(gone(self.stack, are_left=are_left)))
            return GONE
        self._tell_what_is_left()
        return LEFT

    def _holders(self) -> list[Holder | Silent]:
        """What holds Flux's namespace and is not released by this command."""
        ours = {each.reference for each in (*self.effects.own, *self.effects.from_git)}
        ours |= {each.reference for each in self.state.objects} | {each.reference for each in self.beside.objects}
        return [each for each in holders_in(self.target, FLUX_NAMESPACE) if isinstance(each, Silent) or each.reference not in ours]

    def _held_as_far_as_known(self) -> list[RemovableObject]:
        """The same. A role that may not list something leaves it to `pulumi destroy`; `show` has said so."""
        try:
            return self._held()
        except UnreachableError:
            raise
        except LiveError:
            return []

    def _held(self) -> list[RemovableObject]:
        """What a finalizer of somebody else holds, of the rest that `pulumi destroy` removes; without the namespace, which goes last."""
        left_out = {*self.retained, *(each.urn for each in self.state.objects if each.stays or each.reference == NAMESPACE)}
        going = [each for each in self.state.objects if each.urn not in left_out and not each.is_of_flux]
        mark = OwnersMark.of(project_name(self.folder), self.stack.short, self.said.cluster).labels
        held = held_objects(self.target, map(_wanted, going))
        # What another stack took over since is not this one's to release.
        return [each for each in held if all(each.labels.get(key, value) == value for key, value in mark.items())]

    def _without_state(self) -> int:
        mark = OwnersMark.of(project_name(self.folder), self.stack.short, self.said.cluster)
        if not self.effects.own and not self.removal.has_controllers_of(mark):
            print_lines(f"Nothing of stack {self.stack.short} runs in cluster {self.said.cluster}, and its state is empty.")
            return GONE
        told = Message(
            f"the state of stack {self.stack.short} is empty, so `pulumi destroy` has nothing to remove",
            "The stack's Flux objects are gone; its controllers, Secrets and CustomResourceDefinitions are still there.",
            "Run `pulumi up`, which takes them over again, and then this command once more.",
        )
        print_lines("\n".join(lines_of(told)), sys.stderr)
        return LEFT

    def _tell_what_stays_beside(self, left: Mapping[WantedObject, tuple[str, ...]]) -> None:
        told = Message(
            "objects with the stack's mark that are not in Pulumi's state were not removed in time",
            "`pulumi destroy` was not started: the stack is still there.",
            f"{_LISTED}, and run this command again: it continues.",
        )
        print_lines("\n".join(lines_of(told)), sys.stderr)
        for each, finalizers in left.items():
            print_lines(f"  {visible(str(each.reference))}  ({visible(', '.join(finalizers)) or 'no finalizer'})", sys.stderr)

    def _tell_what_is_left(self) -> None:
        holders: list[Holder | Silent] = []
        try:
            holders = self._holders()
        finally:
            told = Message(
                "`pulumi destroy` did not remove everything",
                f"What is left is in the state. To see it, run: pulumi stack --stack {self.stack.asked}",
                f"{_LISTED if holders else 'Correct what pulumi reports above'}, and run this command again: it continues.",
            )
            print_lines("\n".join(lines_of(told)), sys.stderr)
        for each in holders:
            print_lines(f"  {holder(each)}", sys.stderr)


def _said(stack: str, state: StackState, folder: Path, remove_workloads_of: str | None) -> Consent:
    values = plain_values(stack, folder)
    return Consent(
        stack=stack,
        cluster=state.cluster or text_at(values, "cluster", "name") or "unknown",
        environment=text_at(values, "environment"),
        on_destroy=text_at(values, "onDestroy"),
        remove_workloads_of=remove_workloads_of,
    )


def _wanted(each: StateObject) -> WantedObject:
    return WantedObject(str(each.body.get("apiVersion")), plural_of(each.reference.kind, ()), each.reference)


def _labels(state: StackState, objects: Iterable[RemovableObject], target: Target) -> dict[ObjectReference, Mapping[str, str]]:
    """Of the state's objects that say whose the cluster is: those of Flux, the CRDs, and the namespace, which every stack has."""
    known = {each.reference for each in state.objects}
    definitions = [each for each in state.objects if each.is_definition]
    owned = OwnedObjects(target)
    try:
        found = owned.find(map(_wanted, definitions))
    finally:
        owned.close()
    return {each.reference: each.labels for each in objects if each.reference in known} | {key: each.labels for key, each in found.items()}


def _ownership(state: StackState, mark: OwnersMark) -> Callable[[RemovableObject], bool]:
    """What is to go: what the state has, and what the cluster has beside it; but for what was taken over and stays."""
    known = {each.reference: each.stays for each in state.objects}

    def is_own(found: RemovableObject) -> bool:
        marked = found.labels.get(STACK_LABEL) == mark.stack and found.labels.get(CLUSTER_LABEL) == mark.cluster
        return not known[found.reference] if found.reference in known else marked and not found.taken_over

    return is_own
