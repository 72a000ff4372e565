"""`python -m bench`: what `make bench` runs."""

import signal
import sys
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from bench.contenders import BareProgram, ThisProgram
from bench.errors import BenchError
from bench.fresh_clusters import Surroundings
from bench.goals import verdicts
from bench.opentofu import OpenTofu
from bench.pull_request_time import pull_request_lines
from bench.render_time import render_lines
from bench.report import print_report
from bench.rounds import compare
from bench.validation_time import validation_line
from devcluster.messages.errors import DevclusterError
from devcluster.toolchain.build_tools import build_missing_tools
from gitops.telling import has_colours

INTERRUPTED = 130
WIDTH = 140
DIGITS = 4


def bench(
    rounds: Annotated[int, typer.Option(min=1, help="How many times each contender runs, each time on fresh clusters.")] = 3,
    scale: Annotated[
        str, typer.Option(help="How many sources, and as many Kustomizations, to add to those of the dev stack: 10,100,400.", metavar="N,…")
    ] = "0",
    former: Annotated[
        str, typer.Option(help="With the most sources, also time `pulumi up` of the program as this commit has it.", metavar="COMMIT")
    ] = "",
) -> None:
    """Compare this program's previews and `up` with a bare Pulumi program, kubectl and OpenTofu, with the same objects.

    A round takes about two minutes with the dev stack alone, and ten with 400 more. Everything happens in a temporary directory. What is
    measured, and what is not: docs/benchmark.md.
    """
    # As Ctrl-C does: the clusters' processes would outlive us otherwise.
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        scales = _numbers(scale)
        build_missing_tools(also_for="bench")
        console, results = Console(highlight=False, width=WIDTH), []
        with Surroundings.made() as surroundings:
            console.print(surroundings.programs.description, soft_wrap=True)
            for each in scales:
                results.append(compare(surroundings, rounds, each, former=former if each == max(scales) else ""))
                print_report(results[-1].measures, each, results[-1].objects, console)
        names = (ThisProgram.name, BareProgram.name, OpenTofu.name)
        for verdict in verdicts({each.scale: each.measures for each in results}, *names):
            console.print(f"Goal: {verdict}", soft_wrap=True)
        console.print("Seconds are of this machine at this hour; only ratios can be compared.", soft_wrap=True)
        for line in (validation_line(), *pull_request_lines(), *render_lines()):
            console.print(line, soft_wrap=True)
    except DevclusterError as error:
        sys.exit(error.shown(coloured=has_colours(sys.stderr)))
    except KeyboardInterrupt:
        Console(stderr=True).print("Interrupted. The clusters and files of the benchmark are removed.")
        sys.exit(INTERRUPTED)


def _numbers(text: str) -> list[int]:
    parts = text.split(",")
    if not all(part.isdecimal() and len(part) <= DIGITS for part in parts):
        raise BenchError(f"--scale {text} is not a list of numbers", "Nothing was measured.", "Write it as 10,100,400.")
    return list(dict.fromkeys(int(part) for part in parts))


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    typer.run(bench)
