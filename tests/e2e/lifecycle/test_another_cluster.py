"""Objects that were brought from another cluster, as a backup brings them, are not the stack's until its file names this cluster."""

from flux.owners_mark import CLUSTER_UID_ANNOTATION
from tests.e2e.lifecycle.as_kubectl import as_kubectl
from tests.e2e.lifecycle.objects import figure
from tests.e2e.running_stack import RunningStack

ELSEWHERE = "5b0c0c1e-1111-4f2a-9a55-3c1d5a9e8b77"


def pinned(stack: RunningStack) -> str:
    with stack.cluster.kube as kube, kube.credentials.client() as client:
        metadata = client.get("/api/v1/namespaces/flux-system").json()["metadata"]
    return str(metadata.get("annotations", {}).get(CLUSTER_UID_ANNOTATION))


def test_they_are_refused_and_nothing_is_written(living: RunningStack) -> None:
    living.up()
    here = pinned(living)
    living.preview("--expect-no-changes")
    assert "No drift" in living.gitops("drift", "--stack", living.name, expect=0).printed

    as_kubectl(living.cluster, f"kubectl annotate --overwrite namespace/flux-system {CLUSTER_UID_ANNOTATION}={ELSEWHERE}")
    refused = living.up(expect=None)

    told = " ".join(refused.printed.split())
    assert refused.code != 0
    assert f"applied in the cluster whose kube-system has the UID {ELSEWHERE}, but they are now in one that has {here}" in told
    assert f"write gitops:cluster.uid: {here}" in told
    assert pinned(living) == ELSEWHERE
    as_kubectl(living.cluster, f"kubectl annotate --overwrite namespace/flux-system {CLUSTER_UID_ANNOTATION}={here}")
    living.up()
    figure("another cluster under the same context: refused, 0 objects written")
