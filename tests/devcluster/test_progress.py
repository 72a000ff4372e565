"""Nothing is silent for long, and what is left is told."""

import io
import sys
import time

import pytest

from devcluster.messages import progress
from devcluster.messages.progress import Steps, step


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_short_step_leaves_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with step("installing"):
        pass
    assert capsys.readouterr().err == "  installing: done in 0 s\n"


def test_each_of_several_steps_says_which_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    with Steps(2) as steps:
        with steps.step("first"):
            pass
        steps.say("a word in between")
        with pytest.raises(ZeroDivisionError), steps.step("second"):
            _ = 1 // 0
    assert capsys.readouterr().err == "  [1/2] first: done in 0 s\n  a word in between\n  [2/2] second: failed after 0 s\n"


def test_a_log_gets_a_line_with_everything_that_runs(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "HEARTBEAT_SECONDS", 0.01)
    with Steps(2) as steps, steps.step("first") as first, steps.step("second"):
        first.detail = "12 packages"
        time.sleep(0.2)
    assert "  [1/2] first … 12 packages, 0 s; [2/2] second … 0 s\n" in capsys.readouterr().err


def test_a_terminal_gets_one_line_that_is_rewritten_and_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "TERMINAL_HEARTBEAT_SECONDS", 0.01)
    monkeypatch.setattr(sys, "stderr", screen := Terminal())
    monkeypatch.setenv("COLUMNS", "40")
    with Steps() as steps:
        with steps.step("a step with a name that is longer than the screen"):
            time.sleep(0.2)
        steps.say("done")
    running, _, rest = screen.getvalue().rpartition(progress.CLEAR_LINE)
    assert rest == "  a step with a name that is longer than the screen: done in 0 s\n  done\n"
    assert "\n" not in running
    assert {len(line) for line in running.split(progress.CLEAR_LINE) if line} == {39}
