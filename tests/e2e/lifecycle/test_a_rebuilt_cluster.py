"""An empty cluster under a stack whose state still has everything: one plain `up` makes all of it again, keys included."""

import time
from pathlib import Path

import pytest

from devcluster.gitea.encrypted_files import EncryptedFiles
from gitops.status.row import Readiness
from tests.e2e.lifecycle.objects import figure, objects_of
from tests.e2e.running_stack import RunningStack, eventually


@pytest.fixture(scope="module")
def emptied(living: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> tuple[RunningStack, frozenset[str], dict[str, str]]:
    """The stack, its objects and its age key, after the cluster lost everything and the state nothing."""
    living.up()
    EncryptedFiles(living.cluster.home, living.cluster.samples).publish(sorted(living.output("ageRecipients").values()))
    own, key = frozenset(objects_of(living.cluster)), living.secret("sops-age")
    state = Path(tmp_path_factory.mktemp("state")) / "state.json"
    living.pulumi("stack", "export", "--stack", living.name, "--file", str(state))
    living.gitops("destroy", "--stack", living.name, "--yes", "--timeout", "60", expect=0)
    living.pulumi("stack", "import", "--stack", living.name, "--file", str(state))
    assert objects_of(living.cluster) == {}
    return living, own, key


def test_a_preview_says_that_the_cluster_lost_what_the_state_has(emptied: tuple[RunningStack, frozenset[str], dict[str, str]]) -> None:
    stack, _, _ = emptied

    assert "`pulumi up` will recreate objects that are in Pulumi's state but missing from the cluster: " in stack.preview().printed


def test_one_plain_up_brings_it_back_until_flux_is_ready(emptied: tuple[RunningStack, frozenset[str], dict[str, str]]) -> None:
    stack, own, key = emptied

    started = time.monotonic()
    stack.up()
    seconds = time.monotonic() - started

    lost = own - set(objects_of(stack.cluster))
    assert lost == set()
    assert stack.secret("sops-age") == key, "nothing would decrypt with another one"
    eventually(
        stack.rows,
        lambda rows: all(row.ready is Readiness.YES for row in rows if row.kind in ("Kustomization", "HelmRelease")),
        "everything that Git has is applied again",
    )
    figure(f"rebuilt cluster, state kept: {len(lost)} of {len(own)} objects lost, {seconds:.0f} s of `up`, everything ready after it")
    assert "No drift" in stack.gitops("drift", "--stack", stack.name, expect=0).printed
    stack.preview("--expect-no-changes")
