"""A change of a repository that Flux syncs, and what it does in every cluster that syncs it."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from flux.message import Message
from gitops.check.findings.cluster_keys import ClusterKeys
from gitops.check.follow.synced import Synced
from gitops.check.stack_facts import facts_of
from gitops.compare.effect.effect_changes import changes_of_effects, shown_owner
from gitops.compare.effect.effect_decisions import broken, decisions_of_effects
from gitops.compare.effect.live_world import LiveWorld, Side, world_after, world_before
from gitops.compare.effect.local_clone import LocalClone
from gitops.compare.effect.object_effects import effects_of
from gitops.compare.effect.old_spec_first import effects_on_the_way
from gitops.compare.found_changes import Change, Decision, RevisionComparison, StackOutcome, StackResult
from gitops.compare.revision_files import Revision, called, resolve
from gitops.compare.same_changes import decisions_together, objects_together, stacks_together
from gitops.compare.sentence import Sentence, named, say
from gitops.errors import CommandError
from gitops.rendered.read_folder import stacks_in
from gitops.rendered.stack_objects import RenderedStack
from gitops.rendered.stack_view import view_of
from stacks.settings import Settings

NO_KEYS = ClusterKeys(staying={}, leaving={})
"""Nothing is decrypted here, and whether the cluster can is what `gitops check` tells."""
_MOVING = ("branch", "name")


def compare_repository(
    project: Path, clone: Path, repository: str, base: str, head: str | None, *, only: str | None = None
) -> RevisionComparison:
    """What Flux does in the clusters of the stacks in `project` when `repository`, of which `clone` is one, goes from `base` to `head`.

    `head`: None for the clone's working tree. `only`: this stack.

    Raises:
        CommandError: there is no such revision, no stack syncs the repository, or the clone is of another one.
    """
    before = resolve(clone, base)
    after = resolve(clone, head) if head is not None else None
    stacks = stacks_in(project, only)
    _refuse_unknown(stacks, repository, only)
    with tempfile.TemporaryDirectory(prefix="gitops-compare-") as scratch:
        files = LocalClone(repository, before.top, Path(scratch))
        comparing = _Comparing(repository, files, before, after)
        for name, stack in stacks.items():
            comparing.add(name, stack)
        comparing.refuse_another_repository(clone)
    return comparing.result(called(base, before), called(head, after))


class _Comparing:
    def __init__(self, repository: str, files: LocalClone, before: Revision, after: Revision | None) -> None:
        self._repository, self._files, self._before, self._after = repository, files, before, after
        self._stacks: list[StackResult] = []
        self._changes: list[tuple[str, Change]] = []
        self._decisions: list[tuple[str, Decision]] = []
        self._notes: list[Sentence] = []
        self._is_broken = False
        self._has_a_path = False

    def add(self, name: str, stack: RenderedStack) -> None:
        """Compare one stack's cluster."""
        settings = stack.settings
        if settings is None:
            self._stacks.append(StackResult(name=name, state=StackOutcome.STILL_REFUSED, refusals=view_of(stack).refusals))
            return
        if self._repository not in settings.chosen.of_kind("GitRepository"):
            return
        before = world_before(self._side(settings, self._before))
        side = self._side(settings, self._after)
        after = world_after(before, side)
        self._has_a_path = self._has_a_path or any(each.applied for each in (before, after))
        effects = effects_on_the_way(before, after, side, list(effects_of(before, after)))
        changes = objects_together(changes_of_effects(effects, self._repository))
        decisions = list(decisions_of_effects(effects, before, after))
        self._changes += [(name, each) for each in changes]
        self._decisions += [(name, each) for each in decisions]
        self._notes += self._what_is_not_seen(name, settings, before, after)
        self._is_broken = self._is_broken or bool(broken(before, after))
        state = StackOutcome.CHANGED if changes or decisions else StackOutcome.UNCHANGED
        self._stacks.append(StackResult(name=name, state=state))

    def refuse_another_repository(self, clone: Path) -> None:
        """Whether any path of the stacks is there, is how a clone of something else shows."""
        if not self._has_a_path and any(each.state is not StackOutcome.STILL_REFUSED for each in self._stacks):
            told = Message(
                f"{clone} has no path that a stack applies from {self._repository}, in neither revision",
                "It may be a clone of another repository.",
                "Run this in a clone of it, or name that: --clone DIRECTORY",
            )
            raise CommandError(told)

    def result(self, base: str, head: str) -> RevisionComparison:
        """All of them together."""
        return RevisionComparison(
            base=base,
            head=head,
            notes=tuple(dict.fromkeys(self._notes)),
            stacks=self._stacks,
            decisions=decisions_together(self._decisions),
            changes=stacks_together(self._changes),
            repository=self._repository,
            is_broken=self._is_broken,
        )

    def _side(self, settings: Settings, revision: Revision | None) -> Side:
        spec = settings.chosen.of_kind("GitRepository")[self._repository].spec
        return Side(
            facts=facts_of(settings, NO_KEYS),
            fetch=lambda names: {self._repository: self._files.tree(revision, spec)} if self._repository in names else {},
        )

    def _what_is_not_seen(self, name: str, settings: Settings, before: LiveWorld, after: LiveWorld) -> Iterator[Sentence]:
        spec = settings.chosen.of_kind("GitRepository")[self._repository].spec
        ref = spec.get("ref") or {}
        if ref and not any(key in ref for key in _MOVING):
            how = " ".join(f"{key} {value}" for key, value in ref.items())
            yield say("Stack {} takes {} of {}: the change reaches it when that does", name, how, self._repository)
        known = {each.reference for each in before.world.not_built}
        new = [each for each in after.world.not_built if each.reference not in known and _is_in(each, self._repository)]
        if new:
            names = named([shown_owner((each.namespace, each.name)) for each in new])
            yield Sentence(f"What {names.words} applies from elsewhere is not shown", names.values)


def _is_in(synced: Synced, repository: str) -> bool:
    return synced.repository == repository


def _refuse_unknown(stacks: dict[str, RenderedStack], repository: str, only: str | None) -> None:
    if only is not None and only not in stacks:
        told = Message(f"there is no stack {only!r}", "Nothing was compared.", "Name a stack that has a file: -s NAME")
        raise CommandError(told)
    judged = [each.settings for each in stacks.values() if each.settings]
    names = sorted({name for settings in judged for name in settings.chosen.of_kind("GitRepository")})
    if judged and repository not in names:
        fix = f"Name one of {', '.join(names)}: it is the name in the catalog." if names else "Add it to the catalog."
        told = Message(f"no stack has a GitRepository {repository!r}", "Nothing was compared.", fix)
        raise CommandError(told)
