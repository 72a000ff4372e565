"""How long `gitops render` of the production stack takes, as a person starts it, beside kubectl, which builds what it wrote."""

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from bench.measures import Took
from bench.report import Ratio, ratio
from bench.timed_commands import measured
from bench.validation_time import ROUNDS, manifests

STACK = "production"
GOAL = 2.0
"""Seconds, on a machine that has nothing else to do."""
_CLONE = Path(__file__).parents[1]
_AMBIENT = ("GITOPS_", "PULUMI_", "KUBE")


def render_lines(rounds: int = ROUNDS) -> Iterator[str]:
    """Measure, and say in a line what came out. Each run is a process of its own; the two take turns."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_AMBIENT)}
    environment["GITOPS_FLUX_MANIFESTS"] = str(manifests())
    with tempfile.TemporaryDirectory(prefix="bench-render-") as made:
        folder = Path(made)
        render = [sys.executable, "-m", "gitops", "render", "--stack", STACK, "--output-dir", made]
        build = [str(Path(sys.executable).with_name("kubectl")), "kustomize", str(folder / STACK)]
        measured(render, directory=_CLONE, environment=environment)  # once for bytecode, and for what kubectl builds
        ours, theirs = [], []
        for _ in range(rounds):
            ours.append(measured(render, directory=_CLONE, environment=environment).took)
            theirs.append(measured(build, directory=folder, environment=environment).took)
    yield _line(ours, theirs)


def _line(ours: list[Took], theirs: list[Took]) -> str:
    seconds, processor = [each.seconds for each in ours], [each.processor for each in ours]
    clock, work = ratio(seconds, [each.seconds for each in theirs]), ratio(processor, [each.processor for each in theirs])
    return (
        f"render of the {STACK} stack: {median(seconds):.2f} s ({min(seconds):.2f} to {max(seconds):.2f}), processor time "
        f"{median(processor):.2f} s. Times `kubectl kustomize` of what it wrote: {_shown(clock)}, in processor time {_shown(work)}. "
        f"Goal: under {GOAL:.0f} s: {'met' if median(seconds) < GOAL else 'not met'}."
    )


def _shown(found: Ratio) -> str:
    return f"{found.median:.2f} ({found.least:.2f} to {found.most:.2f})"
