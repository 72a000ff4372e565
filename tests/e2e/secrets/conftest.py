"""A cluster for the tests of secrets alone: they rotate keys, break hosts and destroy, which other tests must not see.

Their files run in the order of their names, as pytest does: the rotations first, and last what destroys the stack.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from devcluster.cluster import Devcluster
from devcluster.gitea.encrypted_files import EncryptedFiles
from devcluster.program.environment import environment
from devcluster.program.reconciling import wait_until_synced
from tests.e2e.running_stack import RunningStack, fresh_cluster

OLD_KEY, NEW_KEY = "2026-11", "2026-12"
CURRENT: dict[str, Any] = {"age": {"keys": {NEW_KEY: "generated"}}}
"""What the rotation of the age key, which comes first, leaves in the stack file."""


@pytest.fixture(scope="package")
def secret_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Devcluster]:
    """A fresh cluster with Gitea and the sample repositories; everything of it is gone afterwards."""
    with fresh_cluster(tmp_path_factory, "gitops-secrets") as made:
        yield made


@pytest.fixture(scope="package")
def running(secret_cluster: Devcluster) -> RunningStack:
    """The dev stack, applied and synced, every file encrypted for its one age key."""
    stack = RunningStack(secret_cluster, environment(secret_cluster.home))
    stack.pulumi("stack", "init", stack.name)
    stack.up()
    publish(stack, stack.output("ageRecipients").values())
    return stack


def publish(stack: RunningStack, recipients: Iterable[str]) -> str:
    """Encrypt for exactly `recipients`, push, and return once Flux reports everything ready at the pushed commit."""
    commit = EncryptedFiles(stack.cluster.home, stack.cluster.samples).publish(sorted(recipients))
    with stack.cluster.kube as kube:
        wait_until_synced(stack.cluster.home, kube, stack.cluster.samples.outdated_commits())
    return commit
