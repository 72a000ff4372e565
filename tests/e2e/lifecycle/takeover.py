"""What a takeover by `gitops adopt` costs, and what has to hold after it."""

import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from devcluster.embedded_cluster import Devcluster
from tests.e2e.events import Event, events_of
from tests.e2e.lifecycle.adoption import GONE, REPOSITORY, STACK, SYNCED, Adopting, as_yaml, workload
from tests.e2e.lifecycle.figures import Meantime
from tests.e2e.lifecycle.objects import figure, not_applied_by_the_stack_alone, objects_of
from tests.e2e.running_stack import eventually

LABEL = re.compile(r'(\w+)="([^"]*)"')


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
    met = conflicts_of(adopting.cluster) - conflicts
    of_applies = sum(count for written, count in met.items() if written.startswith("APPLY "))
    new_pods = adopting.pods().keys() - pods.keys()
    restarts = sum(adopting.pods().values()) - sum(pods.values())
    touched = [f"{each['type']} {each['object']['metadata']['name']}" for each in events]
    preview = adopting.pulumi("preview", "--expect-no-changes", expect=None)
    pods_told = f"{len(new_pods)} new pods of {len(pods)}, {restarts} restarts, {len(touched)} synced objects changed or deleted"
    others = ", ".join(f"{count} {written}" for written, count in sorted(met.items()) if not written.startswith("APPLY "))
    conflicts_told = f"{of_applies} conflicts of applies (409), of other writes: {others or 'none'}"
    preview_told = f"the preview after it: {'empty' if preview.code == 0 else 'not empty'}"
    figure(f"adopted from {what}, {len(uids)} objects of it: {found}; {pods_told}; {conflicts_told}; {preview_told}")
    assert adopting.templates() == templates
    assert (found.lost, found.changed, new_pods, restarts, touched, of_applies) == ([], [], set(), 0, [], 0)
    assert preview.code == 0, preview.printed


def conflicts_of(cluster: Devcluster) -> Counter[str]:
    """What was written when the API server answered 409, and how often; without leases, which all leaders write."""
    with cluster.kube as kube, kube.credentials.client() as client:
        lines = client.get("/metrics").raise_for_status().text.splitlines()
    found: Counter[str] = Counter()
    for line in lines:
        if line.startswith('apiserver_request_total{code="409"'):
            labels = dict(LABEL.findall(line))
            found[f"{labels['verb']} {labels['resource']}{labels['subresource'] and '/'}{labels['subresource']}"] += int(
                float(line.split()[-1])
            )
    return Counter({written: count for written, count in found.items() if not written.endswith(" leases")})


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
