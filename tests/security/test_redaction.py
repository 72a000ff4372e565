"""A secret shows at no door, and no name is hidden at one."""

import json
import subprocess
from collections.abc import Callable
from io import StringIO

import pytest

from flux.known_secrets import secrets_of_this_run
from flux.message import Message
from flux.secret_shapes import HIDDEN, redacted
from gitops.check import requirements
from gitops.check.fetch.clone import NotFetchedError, Source, check_out
from gitops.check.fetch.git_login import Access
from gitops.check.file_finding import error
from gitops.doctor.check_result import Check, State, without_secrets
from gitops.errors import CommandError
from gitops.forges.client import Answer
from gitops.pulumi_cli import what_it_says
from gitops.status.conditions import row_of
from gitops.telling import tell
from live.client.bounded_client import _refusal
from live.errors import KubeconfigError
from stacks.words.place import Place
from stacks.words.problems import Problem, StackProblems, shown
from tests.security.redaction_table import HIDDEN_BY_SHAPE, HIDDEN_PARTS, SHOWN


def problem_of_a_stack_file(text: str) -> str:
    return str(Problem(Place(file="Pulumi.dev.yaml", line=1, key=("flux",)), Message(text, "Nothing works.", "Mend it.")))


def problem_in_lines(text: str) -> str:
    return shown([Problem(Place(file="Pulumi.dev.yaml", line=1, key=("flux",)), Message("is wrong", "Nothing works.", text))])


def finding_of_the_check(text: str) -> str:
    return error(requirements.NOT_CHECKED, "apps", "", Message("could not be fetched", text)).text


def message_of_the_status(text: str) -> str:
    ready = {"type": "Ready", "status": "False", "reason": "Failed", "message": text}
    body = {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository", "metadata": {"name": "a", "namespace": "b"}}
    return row_of({**body, "spec": {}, "status": {"conditions": [ready]}}).message


def line_of_the_doctor(text: str) -> str:
    found = without_secrets(Check(group="stack dev", name="files", state=State.FAILED, found=text, message=Message(text, text, text)))
    assert found.message is not None
    assert {found.message.wrong, found.message.consequence, found.message.fix} == {found.found}
    return found.found


def output_of_pulumi(text: str) -> str:
    return what_it_says(subprocess.CompletedProcess(["pulumi"], 255, "", text))


def answer_of_a_forge(text: str) -> str:
    return Answer(status=422, headers={}, document={"message": text}).said


def answer_of_an_api_server(text: str) -> str:
    return _refusal(422, json.dumps({"message": text}).encode()).said


def told_of_a_kubeconfig(text: str) -> str:
    return told(KubeconfigError("config", Message("is not a kubeconfig", text)))


def told_by_a_command(text: str) -> str:
    return told(CommandError(Message("cannot be read", "Nothing was done.", text)))


def details_of_a_command(text: str) -> str:
    return told(CommandError(Message("the files are wrong"), details=text))


def told(raised: CommandError | KubeconfigError) -> str:
    stream = StringIO()
    tell(raised, stream)
    return stream.getvalue()


Door = Callable[[str], str]
OF_OUR_WORDS: tuple[Door, ...] = (problem_of_a_stack_file, problem_in_lines, finding_of_the_check)
OF_OTHERS_WORDS: tuple[Door, ...] = (
    message_of_the_status,
    line_of_the_doctor,
    output_of_pulumi,
    answer_of_a_forge,
    answer_of_an_api_server,
    told_of_a_kubeconfig,
    told_by_a_command,
    details_of_a_command,
)
DOORS = (*OF_OUR_WORDS, *OF_OTHERS_WORDS)


def words(text: str) -> str:
    """Without the line breaks that a door may add."""
    return " ".join(text.split())


def each_door(door: Door) -> str:
    return door.__name__


@pytest.mark.harmless
@pytest.mark.parametrize("door", DOORS, ids=each_door)
def test_what_is_public_shows_whole(door: Door) -> None:
    assert [row for row, text in SHOWN.items() if words(text) not in words(door(text))] == []


@pytest.mark.parametrize("door", DOORS, ids=each_door)
def test_what_its_form_or_its_place_gives_away_is_hidden(door: Door) -> None:
    said = {row: words(door(text.format(secret))) for row, (text, secret) in HIDDEN_PARTS.items()}

    assert {row: text for row, text in said.items() if pieces(HIDDEN_PARTS[row][1]) & pieces(text)} == {}
    assert [row for row, text in said.items() if HIDDEN not in text and "…" not in text] == []


@pytest.mark.parametrize("door", OF_OUR_WORDS, ids=each_door)
def test_what_nobody_would_name_something_is_hidden_in_our_own_words(door: Door) -> None:
    said = {row: words(door(text.format(secret))) for row, (text, secret) in HIDDEN_BY_SHAPE.items()}

    assert {row: text for row, text in said.items() if pieces(HIDDEN_BY_SHAPE[row][1]) & pieces(text)} == {}


def pieces(text: str) -> set[str]:
    """All there is of six characters, so that no part of a secret is left, and the whole where it is shorter."""
    return {text[start : start + 6] for start in range(max(1, len(text) - 5))}


@pytest.mark.harmless
def test_redacting_twice_is_redacting_once() -> None:
    once = [redacted(text) for text in (*SHOWN.values(), *(text.format(secret) for text, secret in HIDDEN_PARTS.values()))]

    assert [redacted(text) for text in once] == once


WEAK = "correct " + "horse"
"""Nothing in its form or its place gives it away."""


@pytest.mark.parametrize("door", DOORS, ids=each_door)
def test_a_secret_that_the_run_knows_shows_at_no_door(door: Door) -> None:
    with secrets_of_this_run() as known:
        known.add(WEAK)
        assert words(f"it said {WEAK} and ended") not in words(door(f"it said {WEAK} and ended"))
        assert words("it said *** and ended") in words(door(f"it said {WEAK} and ended"))

    assert WEAK in words(door(f"it said {WEAK} and ended")), "known beyond its run"


def test_what_git_says_in_a_thread_of_its_own_is_masked_by_the_access_alone(tmp_path: object) -> None:
    access = Access(secrets=(WEAK,))
    source = Source(name="apps", url=f"/nowhere/{WEAK}", spec={}, access=access)

    from pathlib import Path

    with pytest.raises(NotFetchedError) as raised:
        check_out(source, Path(str(tmp_path)) / "apps")

    assert WEAK not in str(raised.value)
    assert "***" in str(raised.value)


def test_problems_raised_in_a_run_are_masked_when_they_are_shown() -> None:
    problems = StackProblems([Problem(Place(file="a.yaml", line=1, key=("b",)), Message(f"{WEAK} is wrong"))])

    with secrets_of_this_run() as known:
        known.add(WEAK)
        assert WEAK not in shown(problems.problems)
