import io

import pytest

from flux.message import Message
from gitops.errors import CommandError
from gitops.telling import tell
from live.errors import LiveError

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
