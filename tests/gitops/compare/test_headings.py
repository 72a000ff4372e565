"""What the heading, the points and the last line say of how bad a change is, and of when it takes effect."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gitops.compare.found_changes import Decision, RevisionComparison, StackOutcome, StackResult, worst_first
from gitops.compare.headline import headline
from gitops.compare.markdown import markdown
from gitops.compare.sentence import say
from gitops.compare.table import render
from tests.gitops.compare.kinds_of_change import KINDS
from tests.gitops.compare.test_kinds_of_change import comparison_of


def comparison(*stacks: StackResult, decisions: tuple[Decision, ...] = (), **more: Any) -> RevisionComparison:
    given: dict[str, Any] = {"base": "main (1a2b3c4d5e6f)", "head": "the working tree", "notes": (), "changes": ()}
    return RevisionComparison(stacks=stacks, decisions=decisions, **{**given, **more})


def stack(name: str, state: StackOutcome = StackOutcome.CHANGED) -> StackResult:
    return StackResult(name=name, state=state)


GOES = Decision(kind="kustomization-goes", says=say("Kustomization {} is deleted", "apps"), stacks=("a",))


def test_the_heading_names_up_to_three_stacks_as_code() -> None:
    names = ("a", "`b`", "c", "d")
    few, many = (comparison(*map(stack, names), decisions=(replace(GOES, stacks=names[:count]),)) for count in (3, 4))

    assert headline(few).markdown == "`a`, `` `b` ``, `c`: deletes objects"
    assert headline(many).markdown == "4 stacks: deletes objects"
    assert "* **Deletes objects** in `a`, `` `b` ``, `c`: Kustomization `apps` is deleted." in markdown(few)
    assert "* **Deletes objects** in every stack: Kustomization" in markdown(many)
    assert "! deletes objects in every stack: Kustomization apps is deleted." in render(many, None).plain


def test_the_heading_says_what_becomes_of_stacks_and_how_much_is_to_be_checked() -> None:
    harmless = Decision(kind="resumed", says=say("It is"), stacks=("a",))
    outcomes = (stack("b", StackOutcome.ADDED), stack("c", StackOutcome.REFUSED), stack("d", StackOutcome.REFUSED))

    assert headline(comparison(stack("a"), decisions=(harmless, harmless))).plain == "a: 2 things to check"
    assert headline(comparison(stack("a"), *outcomes, decisions=(GOES,))).plain == "a: deletes objects; b is new; c, d would be refused"
    assert headline(comparison(stack("a"), followed=("apps",))).plain == "Nothing changes in the clusters"


def test_the_heading_names_two_risks_and_what_happens_now_before_what_can_happen_later() -> None:
    def of(kind: str, *, is_later: bool = False) -> Decision:
        return Decision(kind=kind, says=say("It is"), stacks=("a",), is_later=is_later)

    every = worst_first(of("prune"), of("objects-move", is_later=True), of("suspended"), of("resumed"))
    assert [each.kind for each in every] == ["suspended", "prune", "objects-move", "resumed"]
    shown = headline(comparison(stack("a"), decisions=tuple(every))).plain
    assert shown == "a: stops updates, removes a safeguard, and more to check"
    assert headline(comparison(stack("a"), decisions=tuple(every[2:]))).plain == "a: deletes objects later"
    assert "* **Deletes objects later:** It is." in markdown(comparison(stack("a"), decisions=tuple(every)))


@pytest.mark.parametrize("kind", KINDS)
def test_a_point_has_at_most_three_sentences(kind: str, tmp_path: Path) -> None:
    found = comparison_of(KINDS[kind], tmp_path)

    assert not [each.told.words for each in found.decisions if each.told.words.count(". ") > 2]


@pytest.mark.parametrize("kind", ["person-may-decrypt", "record-of-the-check-is-edited", "record-of-the-check-is-new"])
def test_what_pulumi_does_not_apply_has_no_date(kind: str, tmp_path: Path) -> None:
    lines = markdown(comparison_of(KINDS[kind], tmp_path)).splitlines()

    assert lines[-3] == "None of the stack's objects change."
    assert lines[-1].startswith("Compared: ")


def test_the_last_line_says_when_it_takes_effect_and_what_was_compared() -> None:
    def last(found: RevisionComparison) -> str:
        assert render(found, None).plain.splitlines()[-1] == markdown(found).splitlines()[-1].replace("`", "")
        return markdown(found).splitlines()[-1]

    compared, read = (
        "Compared: `main (1a2b3c4d5e6f)` with the working tree.",
        " The repositories that Flux applies (their manifests and HelmReleases) were not checked.",
    )
    up, fetch = "Takes effect on the next `pulumi up`, by hand or by a workflow. ", "Takes effect when Flux fetches the merged commit. "
    assert last(comparison(stack("a"), decisions=(GOES,))) == f"{up}{compared}{read}"
    assert (
        last(comparison(stack("a"), decisions=(GOES,), followed=("apps",)))
        == f"{up}{compared} Of the repositories that Flux applies, only `apps` was read."
    )
    assert last(comparison(stack("a"), decisions=(GOES,), repository="apps")) == f"{fetch}{compared}"
    assert last(comparison(stack("a", StackOutcome.REFUSED))) == f"{compared}{read}"


def test_no_note_and_no_last_line_joins_the_list_above(tmp_path: Path) -> None:
    lines = markdown(comparison_of(KINDS["environment-becomes-development"], tmp_path)).splitlines()

    assert [line[:1] for line in lines[-5:]] == ["*", "", "N", "", "T"]
