"""What a takeover by `gitops adopt` costs, and what has to hold after it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from devcluster.embedded_cluster import Devcluster
from tests.e2e.events import Event, events_of
from tests.e2e.lifecycle.adoption import GONE, REPOSITORY, STACK, SYNCED, Adopting, as_yaml, workload
from tests.e2e.lifecycle.figures import Meantime
from tests.e2e.lifecycle.objects import figure, not_applied_by_the_stack_alone, objects_of
from tests.e2e.running_stack import eventually


@contextmanager
def measured(adopting: Adopting, what: str) -> Iterator[list[Event]]:
    """From here until the stack owns everything: no uid, no pod and no synced object changes. Prints the figures."""
    adopting.made |= adopting.uids()
    uids, pods, templates = adopting.uids(), adopting.pods(), adopting.templates()
    with adopting.cluster.kube as kube:
        synced = kube.get(SYNCED)
    assert synced is not None
    conflicts, meantime = conflicts_of(adopting.cluster), Meantime(adopting.cluster, uids)
    with events_of(adopting.cluster, SYNCED) as events:
        yield events
        found = meantime.figures({path: uid for path, uid in adopting.uids().items() if uid != GONE})
    of_applies, of_others = (after - before for after, before in zip(conflicts_of(adopting.cluster), conflicts, strict=True))
    new_pods = adopting.pods().keys() - pods.keys()
    restarts = sum(adopting.pods().values()) - sum(pods.values())
    touched = [f"{each['type']} {each['object']['metadata']['name']}" for each in events]
    preview = adopting.pulumi("preview", "--expect-no-changes", expect=None)
    pods_told = f"{len(new_pods)} new pods of {len(pods)}, {restarts} restarts, {len(touched)} synced objects changed or deleted"
    conflicts_told = f"answers 409 to applies: {of_applies}, to other writes: {of_others}"
    preview_told = f"the preview after it: {'empty' if preview.code == 0 else 'not empty'}"
    figure(f"adopted from {what}, {len(uids)} objects of it: {found}; {pods_told}; {conflicts_told}; {preview_told}")
    assert adopting.templates() == templates
    assert (found.lost, found.changed, new_pods, restarts, touched, of_applies) == ([], [], set(), 0, [], 0)
    assert preview.code == 0, preview.printed


def conflicts_of(cluster: Devcluster) -> tuple[int, int]:
    """How many applies, and other writes, the API server has answered with 409 so far; without those of leases, which all leaders write."""
    with cluster.kube as kube, kube.credentials.client() as client:
        lines = client.get("/metrics").raise_for_status().text.splitlines()
    found = [0, 0]
    for line in lines:
        if line.startswith('apiserver_request_total{code="409"') and 'resource="leases"' not in line:
            found['verb="APPLY"' not in line] += int(float(line.rpartition(" ")[2]))
    return found[0], found[1]


def goes_on(adopting: Adopting, folder: str = "apps", source_name: str = "fleet") -> None:
    """A commit that is pushed after the takeover is applied."""
    started = time.monotonic()
    adopting.cluster.samples.push(REPOSITORY, {f"{folder}/workload.yaml": as_yaml(workload("workload", "2"))}, "feat: change")
    adopting.stack.ask_to_reconcile("GitRepository", source_name)

    def applied() -> str | None:
        found = adopting.stack.get("ConfigMap", "workload", "default")
        return found["data"]["value"] if found else None

    eventually(applied, lambda value: value == "2", "the commit after the takeover is applied")
    figure(f"the commit after the takeover: applied {time.monotonic() - started:.1f} s after its push began")


def owned_alone(adopting: Adopting) -> None:
    """The stack is the one applier of what it took over, and no secret was printed or written."""
    after = objects_of(adopting.cluster, f"gitops.{STACK}")
    assert not_applied_by_the_stack_alone(after) == {}
    assert [path for path, body in after.items() if any("toolkit.fluxcd.io/name" in key for key in body["metadata"]["labels"])] == []
    key = adopting.cluster.samples.deploy_key.read_text().splitlines()[1]
    assert not [printed for printed in adopting.stack.transcript if key in printed], "no command prints a secret value"
    assert key not in "".join(file.read_text() for file in adopting.clone.glob("*.yaml"))
