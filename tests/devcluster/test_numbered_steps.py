"""Whoever watches a command knows what is done, and how much is left."""

import pytest

from devcluster.messages.errors import DevclusterError, last_lines
from devcluster.messages.numbered_steps import NumberedSteps


def test_each_step_says_which_of_how_many_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    step = NumberedSteps(3)
    with step("control plane"):
        pass
    step.begin("Flux syncs")
    with pytest.raises(ValueError, match="x"), step("gitops check"):
        raise ValueError("x")
    assert capsys.readouterr().err.splitlines() == [
        "  [1/3] control plane: done in 0 s",
        "  [2/3] Flux syncs",
        "  [3/3] gitops check: failed after 0 s",
    ]


def test_an_error_has_its_three_parts_on_three_lines_and_what_a_program_said_between() -> None:
    error = DevclusterError("it failed", "Nothing syncs.", "Run: it", said=last_lines("one\ntwo\nthree\n", 2))
    assert str(error).splitlines() == ["it failed.", "    two", "    three", "  Nothing syncs.", "  Run: it"]
    assert last_lines(" \n", 2) == ("it printed nothing",)
