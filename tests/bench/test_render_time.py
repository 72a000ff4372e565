"""What the benchmark says of a render: seconds, a ratio that another program's slowness changes too, and a verdict."""

import pytest

from bench.measures import Took
from bench.render_time import _line, render_lines


def test_a_line_has_seconds_ratios_and_the_verdict() -> None:
    theirs = [Took(seconds=0.5, processor=0.4), Took(seconds=1.0, processor=0.4), Took(seconds=0.5, processor=0.4)]
    fast = [Took(seconds=1.0, processor=0.8), Took(seconds=2.5, processor=0.8), Took(seconds=1.5, processor=1.0)]
    slow = [Took(seconds=2.0, processor=0.8)] * 3

    assert _line(fast, theirs) == (
        "render of the production stack: 1.50 s (1.00 to 2.50), processor time 0.80 s. Times `kubectl kustomize` of what it wrote: "
        "2.50 (2.00 to 3.00), in processor time 2.00 (2.00 to 2.50). Goal: under 2 s: met."
    )
    assert _line(slow, theirs).endswith("Goal: under 2 s: not met.")


@pytest.mark.thorough
def test_the_production_stack_is_rendered_and_kubectl_builds_it() -> None:
    (line,) = render_lines(rounds=1)

    assert line.startswith("render of the production stack: ")
