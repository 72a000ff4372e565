"""A cluster for the tests of secrets alone: they rotate keys, break hosts and destroy, which other tests must not see.

Each file passes alone and in any order: it leaves behind a stack that works, with whatever keys, or none at all.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from devcluster.gitea.encrypted_files import EncryptedFiles
from devcluster.program.waiting_for_flux import wait_until_synced
from tests.e2e.running_stack import RunningStack, stack_on_a_fresh_cluster


@pytest.fixture(scope="package")
def secrets_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """The dev stack on a cluster for these files, applied or not."""
    with stack_on_a_fresh_cluster(tmp_path_factory, "gitops-secrets") as made:
        yield made


@pytest.fixture(scope="module")
def running(secrets_stack: RunningStack) -> RunningStack:
    """The dev stack, applied and synced, every file encrypted for its one age key."""
    if secrets_stack.get("Deployment", "source-controller") is None:
        # What was seen of the files speaks of the keys of a stack that is gone.
        secrets_stack.cluster.home.check_record.unlink(missing_ok=True)
        secrets_stack.up()
        _encrypt_for_its_keys(secrets_stack)
    return secrets_stack


def current_keys(stack: RunningStack) -> dict[str, Any]:
    """The age keys that the stack has now, for a stack file that changes something else."""
    return {"age": {"keys": dict.fromkeys(sorted(stack.output("ageRecipients")), "generated")}}


def _encrypt_for_its_keys(stack: RunningStack) -> None:
    """Encrypt for exactly the stack's keys, push, and return once Flux reports everything ready at the pushed commit."""
    EncryptedFiles(stack.cluster.home, stack.cluster.samples).publish(sorted(stack.output("ageRecipients").values()))
    with stack.cluster.kube as kube:
        wait_until_synced(stack.cluster.home, kube, stack.cluster.samples.outdated_commits())
