"""Sources that could not be fetched for a change of the stacks: Flux cannot either where the server does not have the revision."""

from collections.abc import Mapping
from dataclasses import dataclass

from gitops.check.fetch.clone import Source
from gitops.check.fetch.fetching import NotFetched
from gitops.compare.found_changes import Decision
from gitops.compare.risks import Risk
from gitops.compare.sentence import Sentence, joined, say


@dataclass(frozen=True, kw_only=True)
class FetchedSide:
    """The sources of one side, and why the files of some are missing."""

    sources: Mapping[str, Source]
    why_not: Mapping[str, NotFetched]

    def missing(self, source: str) -> tuple[str, str] | None:
        """`("tag", "v9.9.9")`: the revision of it that the server does not have."""
        return self.why_not[source].missing if source in self.why_not else None


def is_broken(source: str, before: FetchedSide, after: FetchedSide) -> bool:
    """Whether Flux cannot fetch what it could fetch before, or what is new."""
    return after.missing(source) is not None and before.missing(source) is None


def not_fetched(source: str, before: FetchedSide, after: FetchedSide, written: Sentence) -> Decision | Sentence:
    """What to check, or a note if it is not this change that asks for what does not exist. `written`: where the revision is."""
    missing, was_missing = after.missing(source), before.missing(source)
    if missing is None or missing == was_missing:
        return _note(source, before, after)
    kind, name = missing
    is_new = source not in before.sources
    then = "Nothing of it comes" if is_new else "Flux keeps what it has applied"
    says = say(f"{kind.capitalize()} {{}} does not exist in GitRepository {{}}'s repository. {then}", name, source)
    stops = was_missing is None and not is_new
    return Decision(kind="revision-is-missing", says=says, source=written, instead=None if stops else Risk.NONE)


def _note(source: str, before: FetchedSide, after: FetchedSide) -> Sentence:
    not_shown = say("What Flux does with {} is not shown: ", source)
    if missing := after.missing(source) or before.missing(source):
        kind, name = missing
        when = "" if after.missing(source) else "until this change, it asks for what does not exist: "
        return joined([not_shown, say(f"{when}{kind} {{}}{'' if when else ' does not exist in its repository'}", name)], "")
    why = after.why_not.get(source) or before.why_not.get(source) or NotFetched(what="could not be fetched")
    told = joined([not_shown, say("it {}", why.what)], "")
    # Who asked, and what git said: two values, because the middle of a long one is left out.
    return joined([told, say("{}", why.said)], ": ") if why.said else told
