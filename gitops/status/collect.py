"""What Flux says of a cluster, read now: its controllers, its objects, and what a stack declares and the cluster lacks.

Declares nothing and changes nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from flux.object_reference import FLUX_NAMESPACE
from gitops.status.comparison import NOT_COMPARED, Comparison
from gitops.status.conditions import row_of
from gitops.status.controllers import controller_rows
from gitops.status.reconcilers import watchers_of
from gitops.status.revision import Body
from gitops.status.row import StatusRow, in_order
from gitops.status.staleness import judged_by_age
from live.access.target import Target, find_target

if TYPE_CHECKING:
    from live.flux_objects.cluster_reader import ClusterReader

Collect = Callable[[], list[StatusRow]]


def collect(kubeconfig: Path | None, context: str | None, namespace: str | None = None) -> list[StatusRow]:
    """A row for each controller and each Flux object of the cluster, or of one namespace.

    Raises:
        LiveError: no such kubeconfig or context, an API server that does not answer or refuses, no Flux.
    """
    with reading(find_target(kubeconfig, context), namespace) as collect_again:
        return collect_again()


@contextmanager
def reading(target: Target, namespace: str | None = None, comparison: Comparison = NOT_COMPARED) -> Iterator[Collect]:
    """A `collect` to be called many times: the kubeconfig is read, and its exec plugin run, once.

    Raises:
        LiveError: as `collect` does.
    """
    # Here and not above: the client costs a third of a second that `gitops --help` need not pay.
    from live.flux_objects.cluster_reader import ClusterReader

    reader = ClusterReader(target)
    try:
        yield lambda: _read(reader, namespace, comparison)
    finally:
        reader.close()


def rows_of(
    objects: Sequence[Body],
    deployments: Sequence[Body] = (),
    pods: Sequence[Body] | None = None,
    *,
    with_controllers: bool = True,
    comparison: Comparison = NOT_COMPARED,
    now: datetime | None = None,
) -> list[StatusRow]:
    """The rows of what was read, in the order of the table."""
    moment = now or datetime.now(UTC)
    controllers = controller_rows(deployments, pods, objects) if with_controllers else []
    absent = comparison.missing([*controllers, *map(row_of, objects)])
    known = {row.name: row for row in (*controllers, *(row for row in absent if row.is_controller))}
    watchers = watchers_of(deployments)
    judged = [judged_by_age(body, row_of(body), known, moment, watchers) for body in objects]
    return in_order({row.reference: row for row in (*controllers, *judged, *absent)}.values())


def _read(reader: "ClusterReader", namespace: str | None, comparison: Comparison) -> list[StatusRow]:
    objects = reader.objects(namespace)
    if namespace not in (None, FLUX_NAMESPACE):
        return rows_of(objects, with_controllers=False, comparison=comparison)
    deployments = reader.controllers(anywhere=namespace is None)
    namespaces = {deployment["metadata"].get("namespace", FLUX_NAMESPACE) for deployment in deployments}
    listed = [reader.controller_pods(each) for each in sorted(namespaces)]
    pods = None if None in listed else [pod for of_one in listed for pod in of_one or ()]
    return rows_of(objects, deployments, pods, comparison=comparison)
