"""staging and production preview without their secrets and without a cluster, as in a pull request's CI."""

import subprocess
from pathlib import Path

import pytest

from tests.e2e.running_stack import RunningStack, own_clone
from tests.manifests import manifests_directory


@pytest.mark.parametrize("name", ["staging", "production"])
def test_a_preview_needs_neither_secrets_nor_a_cluster(stack: RunningStack, name: str, tmp_path: Path) -> None:
    clone = own_clone(tmp_path)
    other = RunningStack(stack.cluster, _without_the_dev_cluster(stack.environment), name)
    manifests = {"GITOPS_FLUX_MANIFESTS": str(manifests_directory())}
    plain = ("--non-interactive", "--color", "never")

    other.run("pulumi", "stack", "init", name, *plain, expect=0, changes={}, clone=clone)
    printed = other.run("pulumi", "preview", "--stack", name, "--diff", *plain, expect=0, changes=manifests, clone=clone).printed

    assert "gitrepository-homelab-k8s2" in printed
    assert "https://git.daviestechlabs.io/daviestechlabs/argo.git" in printed
    assert "errored" not in printed
    assert _added_lines(clone) == [f"Pulumi.{name}.yaml", "encryptionsalt"], "the CLI adds a salt, and leaves all else as it is written"


def _added_lines(clone: Path) -> list[str]:
    """The files that the CLI changed, and the keys of the lines that it added; a line that it removed fails."""
    diff = subprocess.run(["git", "diff", "--unified=0"], cwd=clone, capture_output=True, text=True, check=True).stdout.splitlines()
    removed = [line for line in diff if line.startswith("-") and not line.startswith("---")]
    assert removed == []
    return [line[1:].removeprefix("++ b/").partition(":")[0] for line in diff if line.startswith("+")]


def _without_the_dev_cluster(environment: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in environment.items() if not key.startswith(("GITOPS_", "KUBECONFIG"))}
