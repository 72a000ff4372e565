"""The rounds: every contender once in each, on clusters of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from bench.contenders import BareProgram, Contender, FormerProgram, Kubectl, ThisProgram
from bench.declared_objects import declared_objects, staged
from bench.fresh_clusters import FreshCluster, Surroundings
from bench.measures import Measures
from bench.opentofu import OpenTofu
from bench.program_copy import copy_program
from devcluster.messages.progress import step


@dataclass(frozen=True, kw_only=True)
class Results:
    """What came of the rounds with one number of sources."""

    scale: int
    """How many sources and Kustomizations there were beside those of the dev stack."""
    objects: int
    """How many Kubernetes objects each contender made."""
    measures: dict[str, list[Measures]]
    """Contender → what was measured, round by round: first the one that is judged, then the floor, then others."""


def compare(surroundings: Surroundings, rounds: int, scale: int, *, former: str = "") -> Results:
    """Let this program run once unmeasured, take the objects from its state, then measure `rounds` rounds of all contenders.

    `former`: a commit whose program is a contender, too.
    """
    directory = surroundings.directory / f"scale-{scale}"
    directory.mkdir()
    copy_program(directory / "program", scale)
    if former:
        copy_program(directory / "former", scale, revision=former)
    program = ThisProgram(directory / "program")
    with _cluster(surroundings, f"{scale}: {program.name}, not counted: its state tells the others what to make") as cluster:
        state = program.state(cluster)
    stages = staged(declared_objects(state))
    contenders: list[Contender] = [
        program,
        BareProgram(directory / "bare", stages),
        Kubectl(directory / "kubectl", stages),
        OpenTofu(directory / "opentofu", stages),
        *([FormerProgram(directory / "former")] if former else []),
    ]
    measures: dict[str, list[Measures]] = {contender.name: [] for contender in contenders}
    for number in range(1, rounds + 1):
        for contender in contenders:
            found = _measured(contender, surroundings, f"{scale}: [{number}/{rounds}] {contender.name}")
            measures[contender.name].append(found)
    return Results(scale=scale, objects=len(stages.everything), measures=measures)


def _measured(contender: Contender, surroundings: Surroundings, label: str) -> Measures:
    with _cluster(surroundings, f"{label}, on a fresh cluster") as cluster:
        found = contender.measure(cluster)
    if not contender.has_fast_mode:
        return found
    with _cluster(surroundings, f"{label}, in the mode that writes the state once") as cluster:
        return replace(found, fast_up=contender.fast_up(cluster))


@contextmanager
def _cluster(surroundings: Surroundings, label: str) -> Iterator[FreshCluster]:
    with step(label), surroundings.fresh_cluster() as cluster:
        yield cluster
