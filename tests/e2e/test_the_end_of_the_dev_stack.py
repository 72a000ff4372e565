"""The end of the dev stack, and its second life on the same cluster. Runs last: the other files use the stack that this destroys."""

from pathlib import Path

import pytest

from devcluster.gitea.encrypted_files import EncryptedFiles
from devcluster.machine.home import LOOPBACK
from flux.release.distribution import read_distribution
from gitops.status.row import Readiness
from tests.e2e.running_stack import GIT_SOURCES, RunningStack, changed_stack_file, eventually
from tests.manifests import manifests_directory


@pytest.fixture(scope="module")
def destroyed(synced: RunningStack) -> RunningStack:
    """The stack after `destroy`."""
    synced.pulumi("destroy", "--stack", synced.name, "--yes", "--skip-preview")
    return synced


def test_destroy_ends_and_removes_the_workloads(destroyed: RunningStack) -> None:
    with destroyed.cluster.kube as kube:
        definitions = kube.get("/apis/apiextensions.k8s.io/v1/customresourcedefinitions")
        namespace = kube.get("/api/v1/namespaces/flux-system")
    assert definitions is not None
    flux = [item["metadata"]["name"] for item in definitions["items"] if item["metadata"]["name"].endswith(".fluxcd.io")]
    assert flux == []
    assert namespace is None
    for app in ("gatus", "ntfy"):
        assert destroyed.get("Deployment", app, "observability") is None, f"{app} was applied by Flux and must go with removeWorkloads"
    assert destroyed.get("ConfigMap", "pushed-by-a-test", "argo") is None


def test_up_works_again_on_the_same_cluster_from_an_artifact_pulled_by_digest(destroyed: RunningStack) -> None:
    directory = manifests_directory()
    version = read_distribution(directory).version
    digest = destroyed.cluster.samples.push_flux_artifact("flux-manifests", version, directory)
    registry = f"{LOOPBACK}:{destroyed.cluster.home.port('gitea-http')}"
    artifact = f"{registry}/daviestechlabs/flux-manifests:{version}@{digest}"
    destroyed.up(GITOPS_DEV_FLUX_MANIFESTS=artifact)
    assert destroyed.output("fluxVersion") == version
    # the same objects, whichever way they came
    destroyed.preview("--expect-no-changes")
    rows = eventually(
        destroyed.rows,
        lambda rows: len([row for row in rows if row.kind == "GitRepository" and row.ready is Readiness.YES]) == len(GIT_SOURCES),
        "every GitRepository ready again",
    )
    assert {row.name for row in rows if row.kind == "GitRepository"} == set(GIT_SOURCES)


def test_an_artifact_with_another_digest_is_refused_and_nothing_changes(destroyed: RunningStack) -> None:
    registry = f"{LOOPBACK}:{destroyed.cluster.home.port('gitea-http')}"
    artifact = f"{registry}/daviestechlabs/flux-manifests:v2.9.4@sha256:{'ab' * 32}"
    refused = destroyed.up(expect=None, GITOPS_DEV_FLUX_MANIFESTS=artifact)
    assert refused.code != 0
    assert "flux-manifests:v2.9.4@sha256:abab" in refused.printed
    assert "1 problem; nothing was changed" in refused.printed
    assert "Traceback" not in refused.printed


def test_destroy_can_leave_the_workloads_and_a_later_up_takes_over_what_stayed(destroyed: RunningStack, tmp_path: Path) -> None:
    file = changed_stack_file(tmp_path, onDestroy="keepWorkloads")
    destroyed.up("--config-file", file)
    files = EncryptedFiles(destroyed.cluster.home, destroyed.cluster.samples)
    files.publish(sorted(destroyed.output("ageRecipients").values()))
    eventually(lambda: destroyed.get("Deployment", "gatus", "observability"), lambda body: body is not None, "a workload")

    destroyed.pulumi("destroy", "--stack", destroyed.name, "--yes", "--skip-preview", "--config-file", file)

    assert destroyed.get("Deployment", "source-controller") is None
    assert destroyed.get("Deployment", "gatus", "observability") is not None, "keepWorkloads must leave what Flux applied"
    assert destroyed.get("HelmRelease", "gatus", "observability") is not None, "its CRD must have stayed, too"
    destroyed.up("--config-file", file)
    destroyed.preview("--expect-no-changes", "--config-file", file)
