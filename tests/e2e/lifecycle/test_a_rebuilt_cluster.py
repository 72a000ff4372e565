"""A fresh control plane under the context of the old one: refused until the stack file names it, then filled again by one plain `up`."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from devcluster.gitea.encrypted_files import EncryptedFiles
from tests.e2e.lifecycle.objects import figure, is_applied, objects_of, synced, uids
from tests.e2e.running_stack import CLONE, RunningStack, changed_stack_file, eventually, on_a_fresh_control_plane


@dataclass(frozen=True, kw_only=True)
class Rebuilt:
    """What was there before, and the new cluster."""

    old: RunningStack
    new: RunningStack
    own: frozenset[str]
    key: dict[str, str]
    """Entry of the Secret `sops-age` → what the old cluster had."""


def uid_of(stack: RunningStack) -> str:
    with stack.cluster.kube as kube:
        found = kube.get("/api/v1/namespaces/kube-system")
    assert found is not None
    return str(found["metadata"]["uid"])


def naming(folder: Path, uid: str) -> tuple[str, str]:
    """The stack file with `gitops:cluster.uid`, as the runbook says."""
    cluster: dict[str, Any] = yaml.safe_load((CLONE / "Pulumi.dev.yaml").read_text())["config"]["gitops:cluster"]
    return "--config-file", changed_stack_file(folder, cluster={**cluster, "uid": uid})


@pytest.fixture(scope="module")
def rebuilt(living: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rebuilt]:
    """The stack in one cluster, with everything applied, and another one that is empty."""
    living.up()
    synced(living)
    own, key = frozenset(objects_of(living.cluster)), living.secret("sops-age")
    with on_a_fresh_control_plane(living, tmp_path_factory.mktemp("rebuilt")) as new:
        yield Rebuilt(old=living, new=new, own=own, key=key)
    living.lose_state()
    living.up()


def test_it_is_refused_in_preview_and_up_and_neither_cluster_is_touched(rebuilt: Rebuilt) -> None:
    old, new = rebuilt.old, rebuilt.new
    before = uids(objects_of(old.cluster))

    previewed = new.preview()
    refused = new.up(expect=None)

    told = " ".join(refused.printed.split())
    wrong = f"Pulumi's state is of the cluster whose kube-system has the UID {uid_of(old)}, but context {new.cluster.home.context}"
    assert refused.code != 0
    for printed in (told, " ".join(previewed.printed.split())):
        assert f"{wrong} reaches one that has {uid_of(new)}" in printed
        assert f"write gitops:cluster.uid: {uid_of(new)}" in printed
    assert "`pulumi up` would refuse: " in previewed.printed
    assert "will recreate" not in previewed.printed
    assert objects_of(new.cluster) == {}
    assert uids(objects_of(old.cluster)) == before
    figure(f"another, empty cluster under the same context: refused, 0 objects made in it, 0 of {len(before)} touched in the old one")


def test_once_the_stack_file_names_it_one_plain_up_brings_it_back_until_flux_is_ready(rebuilt: Rebuilt, tmp_path: Path) -> None:
    new = rebuilt.new
    file = naming(tmp_path, uid_of(new))
    assert "`pulumi up` will recreate objects that are in Pulumi's state but missing from the cluster: " in new.preview(*file).printed

    started = time.monotonic()
    new.up(*file)
    seconds = time.monotonic() - started

    lost = rebuilt.own - set(objects_of(new.cluster))
    assert lost == set()
    assert new.secret("sops-age") == rebuilt.key, "nothing would decrypt with another one"
    eventually(new.rows, is_applied, "everything that Git has is applied again")
    figure(f"rebuilt cluster, state kept: {len(lost)} of {len(rebuilt.own)} objects lost, {seconds:.0f} s of `up`, ready after it")
    assert "No drift" in new.gitops("drift", "--stack", new.name, expect=0).printed
    new.preview("--expect-no-changes", *file)
    new.preview("--expect-no-changes")


def test_with_the_state_lost_too_one_plain_up_does_it_without_a_statement(rebuilt: Rebuilt, tmp_path: Path) -> None:
    rebuilt.old.lose_state()
    with on_a_fresh_control_plane(rebuilt.old, tmp_path) as new:
        started = time.monotonic()
        new.up()
        seconds = time.monotonic() - started

        lost = rebuilt.own - set(objects_of(new.cluster))
        assert lost == set()
        # Of a generated key nothing is left, so that what is encrypted is encrypted anew, as the runbook says.
        git = rebuilt.old.cluster
        EncryptedFiles(git.home, git.samples).publish(sorted(new.output("ageRecipients").values()))
        eventually(new.rows, is_applied, "everything that Git has is applied again")
        figure(f"rebuilt cluster, state lost: {len(lost)} of {len(rebuilt.own)} objects lost, {seconds:.0f} s of `up`, ready after it")
        new.preview("--expect-no-changes")
