"""What a comparison finds."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from gitops.compare.field_changes import FieldChange
from gitops.compare.risks import RISKS, Risk, rank_of
from gitops.compare.sentence import NOWHERE, Sentence, joined, named, of_several, say, with_place
from gitops.rendered.stack_view import Refusal

STACK_GOES = "stack-goes"


class Action(StrEnum):
    """What happens to a thing."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    ORPHANED = "orphaned"
    """It stays in the cluster, and nothing applies it now."""
    MOVED = "moved"
    """Another Kustomization applies it."""
    RECREATED = "recreated"
    """It is deleted and created again."""


class StackOutcome(StrEnum):
    """What becomes of a stack."""

    UNCHANGED = "unchanged"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    REFUSED = "refused"
    """By this change."""
    STILL_REFUSED = "still-refused"
    """For the same reasons as before: this change is not why."""
    NO_LONGER_REFUSED = "no-longer-refused"


@dataclass(frozen=True, kw_only=True)
class ObjectDiff:
    """The fields of one object, for readers who want to see them."""

    name: str
    """`GitRepository flux-system/argo-workflows`."""
    fields: tuple[FieldChange, ...]
    stacks: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Change:
    """One thing that changes, in one stack or, once told together, in several."""

    kind: str
    """`GitRepository`, `Flux`, `credential`: stable, for scripts."""
    action: Action
    noun: str
    """`source`, `Kustomization`; of several, with an s."""
    names: tuple[str, ...] = ()
    what: Sentence
    source: Sentence = NOWHERE
    """Where it is written: `in override, Pulumi.dev.yaml:78`."""
    each_with_place: Sentence = NOWHERE
    """`what` with the place behind each of its fields, where they are written in several places; of one object."""
    diffs: tuple[ObjectDiff, ...] = ()
    stacks: tuple[str, ...] = ()
    kustomization: str = ""
    """Which Kustomization does it; empty for what the stack itself makes."""
    release: str = ""
    """The HelmRelease whose chart makes the object; empty for what is in Git itself."""
    is_certain: bool = True
    """Whether it happens in any case, whatever Flux does first."""

    @property
    def subject(self) -> Sentence:
        """`source argo-workflows`, `3 sources a, b, c`."""
        count = len(self.names)
        if not _WORDS.fullmatch(self.noun):  # the kind of an object in Git, which anybody may write
            return joined([*([say(str(count))] if count > 1 else []), say("{}", self.noun), *([named(self.names)] if count else [])], " ")
        if not count:
            return say(self.noun)
        return joined([say(self.noun if count == 1 else f"{count} {plural(self.noun)}"), named(self.names)], " ")

    @property
    def what_and_where(self) -> Sentence:
        """`interval 1h → 30m (in defaults, catalog.yaml:7)`."""
        return with_place(self.what, self.source) if self.each_with_place == NOWHERE else self.each_with_place

    @property
    def told(self) -> Sentence:
        """`source a: interval 1h → 30m (in defaults, catalog.yaml:7)`, `source a is deleted`."""
        return joined([self.subject, self.what_and_where], " " if _VERB.match(self.what.words) else ": ")


_VERB = re.compile(r"(is|are|stays?|moves?|serves?|no longer|may|comes?|opens|restricts)\b")
"""What follows the subject without a colon."""
_WORDS = re.compile(r"(?![0-9a-f]{7,}$)[A-Za-z][A-Za-z0-9]{1,62}(?: [a-z]+)*")


def plural(noun: str) -> str:
    """`GitRepositories`, `NetworkPolicies`, `CRDs`."""
    if noun.endswith("s"):
        return f"{noun}es"
    return f"{noun[:-1]}ies" if noun.endswith("y") and noun[-2] not in "aeou" else f"{noun}s"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What a person should decide, not only see."""

    kind: str
    says: Sentence
    """Of one object or of several, as `of_several` has it; the first sentence says what happens, the next ones what it means."""
    names: tuple[str, ...] = ()
    """Of which objects it says this; those of others with the same words are added."""
    about: tuple[str, ...] = ()
    """The settings of the stack file that it shows: those need not be shown again."""
    source: Sentence = NOWHERE
    stacks: tuple[str, ...] = ()
    instead: Risk | None = None
    """The risk of this one, if it is not that of its kind."""
    is_later: bool = False
    """Whether it needs another act, such as resuming what is suspended; its sentence says which."""

    @property
    def risk(self) -> Risk:
        """The worst that it can do."""
        return RISKS[self.kind] if self.instead is None else self.instead

    @property
    def risk_words(self) -> str:
        """`deletes objects`, `deletes objects later`; empty if there is none."""
        return f"{self.risk.words} later" if self.is_later and self.risk.words else self.risk.words

    @property
    def text(self) -> Sentence:
        """All of it, without the place."""
        return of_several(self.says, self.names) if self.names else self.says

    @property
    def told(self) -> Sentence:
        """With the place, and with a full stop at the end."""
        text = with_place(self.text, self.source)
        return Sentence(f"{text.words}.", text.values)

    @property
    def where(self) -> tuple[str, ...]:
        """The stacks, where the text does not name them itself."""
        return () if self.kind == STACK_GOES else self.stacks


def worst_first(*decisions: Decision) -> list[Decision]:
    """What happens now before what can happen later; then by their risks, and by their kinds among those of the same risk."""
    return sorted(decisions, key=lambda each: (not each.risk.words, each.is_later, *rank_of(each.risk, each.kind)))


@dataclass(frozen=True, kw_only=True)
class StackResult:
    """One stack."""

    name: str
    state: StackOutcome
    refusals: tuple[Refusal, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RevisionComparison:
    """All of it."""

    base: str
    head: str
    notes: tuple[Sentence, ...]
    """How it was read, and what could not be seen."""
    stacks: Sequence[StackResult]
    decisions: Sequence[Decision]
    changes: Sequence[Change]
    pending: Sequence[Decision] = ()
    """What a preview with the state would do, too, although this change does not touch it."""
    repository: str = ""
    """The repository that was compared, if it is not that of the stacks."""
    followed: tuple[str, ...] = ()
    """The sources of the stacks of which the files were compared, too."""
    is_broken: bool = False
    """Whether Flux could no longer apply something that it could apply before, or not apply something new."""

    @property
    def is_refused(self) -> bool:
        """Whether the change leaves a stack refused that could be judged before, or for new reasons; or breaks a Kustomization."""
        return self.is_broken or any(each.state is StackOutcome.REFUSED for each in self.stacks)

    @property
    def has_changes(self) -> bool:
        """Whether anything becomes different."""
        kept = (StackOutcome.UNCHANGED, StackOutcome.STILL_REFUSED)
        return bool(self.changes or self.decisions or self.pending) or any(each.state not in kept for each in self.stacks)
