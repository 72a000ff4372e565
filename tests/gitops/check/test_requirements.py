"""What the rules, the policies and `gitops check` require has one shape, so that one judge can ask all of it."""

from flux.finding import GIT, STACK_FILE
from flux.requirement import EVERYWHERE, Requirement
from flux.rules import rules
from gitops.check.requirements import check_requirements
from stacks.judging.policies import policies

EVERY: list[Requirement] = [*policies(), *rules(), *check_requirements()]


def test_no_two_requirements_share_a_name() -> None:
    names = [each.name for each in EVERY]

    assert len(names) == len(set(names)) > 70


def test_each_says_in_one_sentence_what_it_asks_and_then_why() -> None:
    assert [each.name for each in EVERY if not each.summary.endswith(".") or ". " in each.summary] == []
    assert [each.name for each in EVERY if not each.reason.endswith((".", ")"))] == []


def test_what_the_check_finds_is_mended_in_git_and_holds_in_every_environment() -> None:
    assert {(each.looks_at, each.environments) for each in check_requirements()} == {(GIT, EVERYWHERE)}
    assert {each.looks_at for each in policies()} == {STACK_FILE}
