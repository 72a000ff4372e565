"""The rounds: every contender once in each, on a cluster of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench.contenders import BareProgram, Contender, Kubectl, ThisProgram, Times
from bench.declared_objects import declared_objects, staged
from bench.fresh_clusters import FreshCluster, Surroundings
from bench.program_copy import copy_program
from devcluster.messages.progress import step


@dataclass(frozen=True, kw_only=True)
class Results:
    """What came of a benchmark."""

    objects: int
    """How many Kubernetes objects each contender made."""
    times: dict[str, list[Times]]
    """Contender → its times, round by round."""


def compare(surroundings: Surroundings, rounds: int, extra: int) -> Results:
    """Let this program run once unmeasured, take the objects from its state, then measure `rounds` rounds of all contenders."""
    program = ThisProgram(surroundings.directory / "program")
    copy_program(surroundings.directory / "program", extra)
    with _cluster(surroundings, f"[0/{rounds}] {program.name}, not counted: its state tells the others what to make") as cluster:
        _, state = program.measure_and_export(cluster)
    stages = staged(declared_objects(state))
    contenders: list[Contender] = [
        program,
        BareProgram(surroundings.directory / "bare", stages),
        Kubectl(surroundings.directory / "kubectl", stages),
    ]
    times: dict[str, list[Times]] = {contender.name: [] for contender in contenders}
    for number in range(1, rounds + 1):
        for contender in contenders:
            with _cluster(surroundings, f"[{number}/{rounds}] {contender.name}, on a fresh cluster") as cluster:
                times[contender.name].append(contender.measure(cluster))
    return Results(objects=len(stages.everything), times=times)


@contextmanager
def _cluster(surroundings: Surroundings, label: str) -> Iterator[FreshCluster]:
    with step(label), surroundings.fresh_cluster() as cluster:
        yield cluster
