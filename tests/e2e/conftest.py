"""One embedded cluster for the whole end-to-end tier, in a directory of its own: a running demo is never touched."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from devcluster.gitea.encrypted_files import EncryptedFiles
from gitops.status.row import Readiness, StatusRow
from tests.e2e.running_stack import FirstPreview, RunningStack, eventually, stack_on_a_fresh_cluster


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs the toolchain."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """The dev stack, initialised and not yet applied."""
    with stack_on_a_fresh_cluster(tmp_path_factory, "gitops-e2e") as made:
        yield made


@pytest.fixture(scope="session")
def previewed(stack: RunningStack) -> FirstPreview:
    """A preview on the empty cluster."""
    printed = stack.preview("--diff").printed
    return FirstPreview(printed=printed, controller_afterwards=stack.get("Deployment", "source-controller"))


@pytest.fixture(scope="session")
def applied(stack: RunningStack, previewed: FirstPreview) -> RunningStack:
    """The stack after its first `up`."""
    stack.up()
    return stack


@pytest.fixture(scope="session")
def synced(applied: RunningStack) -> RunningStack:
    """The stack after its secrets were encrypted and pushed, and Flux reports everything ready at the pushed commits."""
    files = EncryptedFiles(applied.cluster.home, applied.cluster.samples)
    files.publish(sorted(applied.output("ageRecipients").values()))
    eventually(applied.rows, lambda rows: _all_ready(applied, rows), "every Flux object ready at the newest commit")
    return applied


def _all_ready(stack: RunningStack, rows: list[StatusRow]) -> bool:
    root = stack.cluster.samples.head("homelab-k8s2") or "?"
    at_root = [row for row in rows if row.name in ("homelab-k8s2", "cluster-vars", "cluster-apps", "gatus", "ntfy", "milvus")]
    releases = [row for row in rows if row.kind == "HelmRelease"]
    return (
        len(releases) == 2
        and all(row.ready is Readiness.YES for row in rows)
        and all(row.revision.endswith(root) for row in at_root if row.kind in ("GitRepository", "Kustomization"))
    )
