"""`gitops comment --issue`: one issue of a topic, from its opening to its end and back."""

from pathlib import Path

import pytest

from flux.markdown_text import NOTHING_TO_SAY
from gitops.comment.comment_text import mark_of
from tests.gitops.comment.comment_runs import TOKENS, run, summary
from tests.gitops.comment.forge_double import ForgeDouble

MARK = mark_of("drift")
TITLE = ("--issue", "Drift of stack production")


def told(text: str, *arguments: str) -> str:
    code, _, printed = run(text, *TITLE, *arguments, topic="drift")
    return printed if code == 0 else f"{code}: {printed}"


def test_it_is_opened_updated_closed_and_opened_again(forge: ForgeDouble) -> None:
    assert told(NOTHING_TO_SAY) == "issue drift at org/name: not needed: there is nothing to say\n"
    seen = []
    for text in ("a differs\n", "a differs\n", "b differs\n", "", "", "c differs\n"):
        became = told(text).removeprefix("issue drift at org/name #100: ")
        (issue,) = forge.issues
        seen.append((became, issue["state"], issue["body"].splitlines()[1]))

    folded = "<details><summary>Nothing to report for the last commit</summary>"
    assert seen == [
        ("opened\n", "open", "a differs"),
        ("already up to date\n", "open", "a differs"),
        ("updated\n", "open", "b differs"),
        ("closed: there is nothing left to say\n", "closed", folded),
        ("already up to date\n", "closed", folded),
        ("opened again\n", "open", "c differs"),
    ]
    assert forge.issues[0]["title"] == "Drift of stack production"
    assert forge.comments == []


def test_one_that_somebody_closed_is_opened_again_while_something_is_left(forge: ForgeDouble) -> None:
    told("a differs\n")
    forge.issues[0]["state"] = "closed"
    assert told("a differs\n").endswith("opened again\n")
    assert forge.issues[0]["state"] == "open"


def test_issues_of_others_and_pull_requests_with_the_mark_are_left_alone(forge: ForgeDouble) -> None:
    forge.largest_page = 3
    own = forge.open(f"{MARK}\nold\n", "robot", state="closed")
    for number in range(8):
        forge.open(f"issue {number}", "somebody")
    others = [
        forge.open(f"{MARK}\nNothing differs.", "mallory"),
        forge.open(f"quoted:\n{MARK}\n", "robot"),
        forge.open(f"{MARK}\na pull request\n", "robot", pull_request={"url": "https://forge.test"}),
    ]
    before = [dict(each) for each in others]

    assert told("a differs\n").endswith("opened again\n")

    assert (own["state"], own["body"]) == ("open", f"{MARK}\na differs\n")
    assert others == before
    assert len(forge.issues) == 12


def test_an_answer_that_was_lost_opens_no_second_one_and_a_limit_is_waited_for(forge: ForgeDouble, waited: list[float]) -> None:
    forge.lose_answers = 1
    assert told("a differs\n").endswith("already up to date\n")
    forge.failures = [(429, {"Retry-After": "7"})]
    assert told("b differs\n").endswith("updated\n")
    assert (len(forge.issues), waited) == (1, [1.0, 7.0])


def test_the_token_of_a_workflow_finds_its_own(forge: ForgeDouble) -> None:
    forge.login = None
    told("a differs\n")
    assert told("b differs\n").endswith("updated\n")
    assert len(forge.issues) == 1


def test_without_a_token_that_may_write_the_text_is_in_the_job(forge: ForgeDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forge.read_only = True
    assert told("a differs\n").startswith("no issue: the token may not write (")
    monkeypatch.delenv(TOKENS[forge.kind])
    assert told("b differs\n").startswith("no issue: there is no token; ")
    assert (summary(tmp_path), forge.issues) == ("a differs\nb differs\n", [])


def test_a_refusal_names_what_issues_need(forge: ForgeDouble, waited: list[float]) -> None:
    forge.failures = [(401, {})]
    refused = told("text\n")
    assert {"gitea": "with the scope write:issue", "github": "with the permission Issues: write for"}[forge.kind] in refused
    forge.failures = [(404, {}), (404, {})]  # whose token it is, and the list
    assert told("text\n").startswith("2: the repository does not exist, or the token may not see it")
    forge.failures_of_writing = [(410, {"X-Message": "Issues are disabled for this repo"})]
    assert "Issues are disabled" in told("text\n")
    assert (waited, forge.issues) == ([], [])


@pytest.mark.parametrize("arguments", [("--issue", ""), ("--issue", "two\nlines"), ("--issue", "x" * 201), (*TITLE, "--number", "7")])
def test_what_cannot_be_meant_is_a_mistake(arguments: tuple[str, ...], forge: ForgeDouble) -> None:
    assert run("text\n", *arguments)[0] == 2
    assert (forge.asked, forge.issues) == ([], [])


def test_the_repository_has_to_be_known_and_no_number(forge: ForgeDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_REF", "refs/heads/main")
    monkeypatch.delenv("GITHUB_REPOSITORY")
    assert "it is unknown which repository is meant" in told("text\n")
    assert told("text\n", "--repository", "org/name").endswith("opened\n")
