"""staging and production preview without their secrets and without a cluster, as in a pull request's CI."""

import subprocess

import pytest

from tests.e2e.running_stack import CLONE, RunningStack
from tests.manifests import manifests_directory


@pytest.mark.parametrize("name", ["staging", "production"])
def test_a_preview_needs_neither_secrets_nor_a_cluster(stack: RunningStack, name: str) -> None:
    other = RunningStack(stack.cluster, _without_the_dev_cluster(stack.environment), name)
    other.pulumi("stack", "init", name)
    printed = other.preview("--diff", GITOPS_FLUX_MANIFESTS=str(manifests_directory())).printed
    assert "homelab-k8s2-gitrepository" in printed
    assert "https://git.daviestechlabs.io/daviestechlabs/argo.git" in printed
    assert "errored" not in printed
    changed = subprocess.run(["git", "status", "--porcelain", "--", "Pulumi.*.yaml"], cwd=CLONE, capture_output=True, text=True, check=True)
    assert changed.stdout == "", "the CLI must leave committed stack files alone"


def _without_the_dev_cluster(environment: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in environment.items() if not key.startswith(("GITOPS_", "KUBECONFIG"))}
