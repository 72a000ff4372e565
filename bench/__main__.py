"""`python -m bench`: what `make bench` runs."""

import signal
import sys
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from bench.fresh_clusters import Surroundings
from bench.report import print_report
from bench.rounds import compare
from bench.validation_time import validation_line
from devcluster.messages.errors import DevclusterError

INTERRUPTED = 130


def bench(
    rounds: Annotated[int, typer.Option(min=1, help="How many times each contender runs, each time on a fresh cluster.")] = 5,
    scale: Annotated[int, typer.Option(min=0, help="How many sources and Kustomizations to add to those of the dev stack.")] = 0,
) -> None:
    """Time this program's `pulumi up` of the dev stack beside a bare Pulumi program and kubectl, with the same objects.

    A round takes about a minute. Everything happens in a temporary directory. What is measured, and what is not: docs/benchmark.md.
    """
    # As Ctrl-C does: the clusters' processes would outlive us otherwise.
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with Surroundings.made() as surroundings:
            Console(stderr=True, highlight=False).print(f"  {surroundings.programs.description}", soft_wrap=True)
            results = compare(surroundings, rounds, scale)
        console = Console(highlight=False)
        console.print(surroundings.programs.description, soft_wrap=True)
        print_report(results.times, results.objects, console)
        console.print(validation_line(), soft_wrap=True)
    except DevclusterError as error:
        Console(stderr=True, highlight=False).print(str(error), markup=False, soft_wrap=True)
        sys.exit(1)
    except KeyboardInterrupt:
        Console(stderr=True).print("Interrupted. The clusters and files of the benchmark are removed.")
        sys.exit(INTERRUPTED)


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    typer.run(bench)
