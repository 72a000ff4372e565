"""What only GitHub answers: its limits, its pages, and its other refusals."""

import re
import time
from pathlib import Path

import pytest

from tests.gitops.comment.comment_runs import run, summary
from tests.gitops.comment.forge_double import ForgeDouble

pytestmark = pytest.mark.parametrize("forge", ["github"], indirect=True)

LIMITS: dict[str, tuple[int, dict[str, str], str, float]] = {
    "a secondary limit with a time": (403, {"Retry-After": "9"}, "You have exceeded a secondary rate limit", 9.0),
    "a secondary limit without one": (403, {}, "You have exceeded a secondary rate limit. Please wait a few minutes", 60.0),
    "the hourly limit, about to end": (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "20"}, "API rate limit exceeded", 20.0),
    "429 without a time": (429, {}, "Too many requests", 1.0),
}
"""What GitHub answers, its reset in seconds from now, and how long to wait."""


@pytest.mark.parametrize("limit", LIMITS)
def test_every_limit_of_github_is_waited_for_and_is_no_missing_right(
    limit: str, forge: ForgeDouble, waited: list[float], tmp_path: Path
) -> None:
    status, headers, message, seconds = LIMITS[limit]
    reset = {name: str(int(time.time()) + int(value)) for name, value in headers.items() if name == "X-RateLimit-Reset"}
    forge.failures = [(status, {**headers, **reset, "X-Message": message})]

    assert run("text\n")[0] == 0

    assert (len(forge.comments), summary(tmp_path)) == (1, "")
    (wait,) = waited
    assert seconds / 2 < wait <= seconds + 1, "its clock goes on while the test runs"


def test_a_limit_of_github_that_lasts_an_hour_is_no_missing_right_either(forge: ForgeDouble, waited: list[float], tmp_path: Path) -> None:
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 3000), "X-Message": "API rate limit exceeded"}
    forge.failures = [(403, headers)]

    code, _, told = run("text\n")

    assert (code, waited, summary(tmp_path)) == (2, [], "")
    assert re.search(r"Wait (2\d\d\d|3000) s, then run it again", told)


def test_a_failure_on_a_later_page_makes_no_second_comment(forge: ForgeDouble, waited: list[float]) -> None:
    for number in range(250):
        forge.put(f"comment {number}", "somebody")
    forge.largest_page = 100
    run("first\n")
    assert [each for each in forge.asked if each.startswith("GET /repos")] == ["GET /repos/org/name/issues/7/comments"] * 3
    forge.fail_page = 3

    assert run("second\n")[0] == 0

    assert (len(forge.comments), waited) == (251, [1.0])
    assert forge.bodies()[-1].endswith("second\n")


def test_a_limit_when_the_token_is_asked_whose_it_is_makes_no_second_comment(forge: ForgeDouble, waited: list[float]) -> None:
    run("first\n")
    forge.failures = [(403, {"Retry-After": "2"})]

    assert run("second\n")[2].endswith("updated\n")

    assert (len(forge.comments), waited) == (1, [2.0]), "the robot's comments are others than those of the token's user"


def test_what_github_refuses_for_another_reason_is_told_at_once(forge: ForgeDouble, waited: list[float], tmp_path: Path) -> None:
    for status, message, told in (
        (403, "Unable to create comment because issue is locked.", "issue is locked"),
        (404, "Not Found", "the pull request does not exist, or the token may not see it"),
        (410, "This issue was deleted", "This issue was deleted"),
        (301, "Moved Permanently", "GitHub answers 301"),
    ):
        forge.failures_of_writing = [(status, {"X-Message": message, "Location": "https://elsewhere.test"})]
        assert told in run("text\n")[2]
    assert (waited, forge.comments) == ([], [])
    assert summary(tmp_path) == "text\n", "a locked conversation is told in the summary"
