import io

import pytest

from flux.message import Message
from gitops.errors import CommandError
from gitops.stack_problems import problems_of_files
from gitops.telling import tell
from live.errors import LiveError
from stacks.words.place import Place
from stacks.words.problems import Problem

TOLD = Message("has no context here", "Without it, there is no cluster to ask.", "Choose another with --context.")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def told(error: CommandError | LiveError, stream: io.StringIO) -> str:
    tell(error, stream)
    return stream.getvalue()


def test_a_mistake_is_told_in_three_lines_that_name_the_place() -> None:
    assert told(LiveError("~/.kube/config", TOLD), io.StringIO()) == (
        "gitops: ~/.kube/config: has no context here.\n  Without it, there is no cluster to ask.\n  Choose another with --context.\n"
    )
    assert told(CommandError("one part"), io.StringIO()) == "gitops: one part\n"


def test_what_is_listed_below_stays_as_it_is() -> None:
    listed = "  --path DIRECTORY  " + "word " * 40
    assert told(CommandError(Message("2 answers are missing", "Nothing was written."), listed), io.StringIO()).endswith(f"\n{listed}\n")
    assert CommandError("first\nsecond\nthird").details == "second\nthird"


def test_colours_are_for_a_terminal_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert "\033[" in told(LiveError("here", TOLD), Terminal())
    assert "\033[" not in told(LiveError("here", TOLD), io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\033[" not in told(LiveError("here", TOLD), Terminal())


def test_each_problem_of_a_file_stands_out_on_a_terminal_and_obeys_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    place = Place(file="catalog.yaml", line=4, key=("git", "a\033[2J"), layer="catalog")
    error = problems_of_files([Problem(place, TOLD)], "nothing was checked")

    plain, coloured = told(error, io.StringIO()), told(error, Terminal())

    assert plain.splitlines()[1:] == [
        "catalog.yaml:4 git.a\\x1b[2J: has no context here.",
        "  Without it, there is no cluster to ask.",
        "  Choose another with --context.",
    ]
    red, dim, reset = "\033[1;31m", "\033[2m", "\033[0m"
    assert coloured.splitlines()[1] == f"{red}{plain.splitlines()[1]}{reset}"
    for sequence in (red, dim, reset):
        coloured = coloured.replace(sequence, "")
    assert coloured == plain
