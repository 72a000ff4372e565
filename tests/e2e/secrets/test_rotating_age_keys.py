"""An age key is rotated as docs/runbooks/rotate-the-age-key.md says, and nobody notices: judged by the API server's event stream."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from devcluster.gitea.encrypted_files import APP_SECRET, CLUSTER_SECRETS, EncryptedFiles, recipients_of
from devcluster.program.shell_environment import git_login
from tests.e2e.events import Event, about, events_of, failures
from tests.e2e.running_stack import CLONE, RunningStack, changed_stack_file, clone_with, eventually

OLD_KEY, NEW_KEY = "2026-11", "2026-12"
KUSTOMIZATIONS = "/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations"
EVERY_KUSTOMIZATION = ("cluster-vars", "cluster-apps", "gatus", "ntfy", "milvus")
"""Those that homelab-k8s2 brings or feeds."""
SECRETS = "/api/v1/namespaces/flux-system/secrets"


@dataclass(frozen=True, kw_only=True)
class Rotation:
    """What was seen while the key was rotated."""

    kustomizations: dict[str, list[Event]]
    """Step → what happened to Kustomizations during it."""
    secrets: list[Event]
    uid_before: str
    recipients: dict[str, dict[str, str]]
    """Step → the stack's recipients after it."""
    previews: dict[str, str]
    """Step → what its preview printed."""
    entries: dict[str, set[str]]
    """Step → the entries of the Secret after it."""
    checks: dict[str, str]
    """Before and after the files were re-encrypted → what `gitops check` printed."""


@pytest.fixture(scope="module")
def rotated(running: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Rotation:
    """Key 1; key 2 added; every file re-encrypted for key 2 with `sops updatekeys`, and pushed; key 1 removed."""
    steps = {
        "both": {OLD_KEY: "generated", NEW_KEY: "generated"},
        "new": {NEW_KEY: "generated"},
    }
    files = {step: changed_stack_file(tmp_path_factory.mktemp(step), age={"keys": keys}) for step, keys in steps.items()}
    body = running.get("Secret", "sops-age")
    assert body is not None
    with events_of(running.cluster, SECRETS) as secrets:
        seen = Rotation(
            kustomizations={},
            secrets=secrets,
            uid_before=body["metadata"]["uid"],
            recipients={"old": running.output("ageRecipients")},
            previews={},
            entries={},
            checks={},
        )
        with _watched(running, seen, "an ordinary commit"):
            running.cluster.samples.push("homelab-k8s2", {"NOTES.md": b"nothing that Flux applies"}, "docs: notes")
            _wait_until_applied(running)
        with _watched(running, seen, "the new key is added"):
            _apply(running, seen, "both", files["both"])
            _reconcile_all(running)
        seen.checks["before"] = _check(running, tmp_path_factory.mktemp("before"), files["both"])
        seen.previews["too early"] = running.preview("--config-file", files["new"], expect=None).printed
        with _watched(running, seen, "the re-encrypted files are pushed"):
            _update_keys(running, tmp_path_factory.mktemp("clone"))
            _wait_until_applied(running)
        seen.checks["after"] = _check(running, tmp_path_factory.mktemp("after"), files["both"])
        with _watched(running, seen, "the old key is removed"):
            _apply(running, seen, "new", files["new"])
            _reconcile_all(running)
    return seen


@contextmanager
def _watched(running: RunningStack, seen: Rotation, step: str) -> Iterator[None]:
    with events_of(running.cluster, KUSTOMIZATIONS) as seen.kustomizations[step]:
        yield


def _reconcile_all(running: RunningStack) -> None:
    for name in EVERY_KUSTOMIZATION:
        running.reconcile("Kustomization", name)


def _wait_until_applied(running: RunningStack) -> None:
    running.reconcile("GitRepository", "homelab-k8s2")
    head = str(running.cluster.samples.head("homelab-k8s2"))
    for name in EVERY_KUSTOMIZATION:
        eventually(partial(_applied_revision, running, name), lambda revision: revision.endswith(head), f"{name} at {head}")


def _applied_revision(running: RunningStack, name: str) -> str:
    return str((running.get("Kustomization", name) or {}).get("status", {}).get("lastAppliedRevision", ""))


def _apply(running: RunningStack, seen: Rotation, step: str, file: str) -> None:
    seen.previews[step] = running.preview("--config-file", file).printed
    running.up("--config-file", file)
    seen.recipients[step] = running.output("ageRecipients")
    seen.entries[step] = set(running.secret("sops-age"))


def _check(running: RunningStack, folder: Path, stack_file: str) -> str:
    """`gitops check` of a clone whose stack file has both keys; the record lands where the stack's previews look for it."""
    return running.gitops("check", "--stack", running.name, expect=0, clone=clone_with(folder, stack_file)).printed


def _update_keys(running: RunningStack, clone: Path) -> None:
    """As a person does it: the stack's own .sops.yaml into the repository, then `sops updatekeys` on every file."""
    home = running.cluster.home
    environment = {**os.environ, **running.environment, **git_login(home), "SOPS_AGE_KEY": running.secret("sops-age")[f"{OLD_KEY}.agekey"]}
    address = f"{running.environment['GITOPS_DEV_GITEA_HTTP']}/homelab-k8s2"

    def run(*command: str) -> None:
        done = subprocess.run(command, cwd=clone, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}{done.stderr}"

    run("git", "clone", "--quiet", address, ".")
    (clone / ".sops.yaml").write_text(running.output("sopsConfig"))
    encrypted = sorted(clone.glob("**/*.sops.yaml"))
    encrypted = [file for file in encrypted if file.name != ".sops.yaml"]
    assert len(encrypted) == 2, "the samples hold two encrypted files"
    for file in encrypted:
        run("sops", "updatekeys", "--yes", str(file.relative_to(clone)))
    run(
        "git",
        "-c",
        "user.name=A Person",
        "-c",
        "user.email=person@example.org",
        "commit",
        "--quiet",
        "--all",
        "--message",
        "chore: new key",
    )
    run("git", "push", "--quiet")


def test_adding_a_key_is_an_update_of_one_secret_and_nothing_is_replaced(rotated: Rotation) -> None:
    printed = rotated.previews["both"]
    assert "1 to update" in printed, printed
    assert "1 to create" in printed, "the new key's seed"
    assert "replace" not in printed
    assert "delete" not in printed


def test_removing_a_key_is_an_update_of_one_secret_and_nothing_is_replaced(rotated: Rotation) -> None:
    printed = rotated.previews["new"]
    assert "1 to update" in printed, printed
    assert "1 to delete" in printed, "the old key's seed"
    assert "replace" not in printed


def test_a_key_that_files_still_need_cannot_be_removed_and_the_refusal_names_them(rotated: Rotation) -> None:
    printed = " ".join(rotated.previews["too early"].split())  # where its lines end is the message's own affair
    assert "1 problem; nothing was changed" in printed, printed
    assert f'the key "{OLD_KEY}" is gone from this stack, but 2 files that the cluster reads still need it' in printed, printed
    assert f"homelab-k8s2: {CLUSTER_SECRETS}" in printed
    assert f"homelab-k8s2: {APP_SECRET}" in printed
    for advice in ("sops updatekeys", "sops rotate", "gitops check"):
        assert advice in printed


def test_the_check_says_which_key_reads_each_file(rotated: Rotation) -> None:
    for step, key in (("before", OLD_KEY), ("after", NEW_KEY)):
        lines = [line.split() for line in rotated.checks[step].splitlines() if line.startswith("  kubernetes/")]
        assert [line[-1] for line in lines] == [key, key], rotated.checks[step]


def test_the_old_key_stays_beside_the_new_one_until_it_is_removed(rotated: Rotation) -> None:
    assert rotated.entries == {"both": {f"{OLD_KEY}.agekey", f"{NEW_KEY}.agekey"}, "new": {f"{NEW_KEY}.agekey"}}
    assert rotated.recipients["both"][OLD_KEY] == rotated.recipients["old"][OLD_KEY], "adding a key must not change another"
    assert rotated.recipients["new"] == {NEW_KEY: rotated.recipients["both"][NEW_KEY]}


def test_at_no_moment_is_the_secret_gone_or_empty(rotated: Rotation) -> None:
    events = about(rotated.secrets, "sops-age")
    assert len(events) >= 2, "the two changes must have been seen, or the watch proves nothing"
    assert [event["type"] for event in events if event["type"] != "MODIFIED"] == []
    assert {event["object"]["metadata"]["uid"] for event in events} == {rotated.uid_before}
    assert all(event["object"].get("data") for event in events)


@pytest.mark.parametrize("step", ["the new key is added", "the old key is removed"])
def test_at_no_moment_is_a_kustomization_not_ready_because_a_key_comes_or_goes(rotated: Rotation, step: str) -> None:
    events = rotated.kustomizations[step]
    assert {event["object"]["metadata"]["name"] for event in events} >= set(EVERY_KUSTOMIZATION)
    assert failures(events) == []


def test_at_no_moment_of_the_whole_rotation_is_a_kustomization_not_ready_that_waits_for_no_other(rotated: Rotation) -> None:
    for step, events in rotated.kustomizations.items():
        independent = [event for event in events if not event["object"].get("spec", {}).get("dependsOn")]
        assert {event["object"]["metadata"]["name"] for event in independent} >= {"cluster-vars", "ntfy", "milvus"}, step
        assert failures(independent) == [], step


def test_re_encrypted_files_make_no_kustomization_wait_but_for_what_any_commit_makes_it_wait_for(rotated: Rotation) -> None:
    # On every commit Flux says Ready=False, DependencyNotReady, of a Kustomization whose dependency has not applied that commit yet.
    reasons = {step: {said.split(": ")[1] for said in failures(events)} for step, events in rotated.kustomizations.items()}
    assert reasons["an ordinary commit"] <= {"DependencyNotReady"}
    assert reasons["the re-encrypted files are pushed"] <= {"DependencyNotReady"}


def test_the_files_are_readable_with_the_new_key_alone_and_flux_has_their_values(rotated: Rotation, running: RunningStack) -> None:
    encrypted = running.cluster.samples.read("homelab-k8s2", CLUSTER_SECRETS)
    assert encrypted is not None
    assert recipients_of(encrypted) == {rotated.recipients["new"][NEW_KEY]}
    plain = EncryptedFiles(running.cluster.home, running.cluster.samples).values()
    assert running.secret("cluster-secrets")["SECRET_ALERT_EMAIL"] == plain["SECRET_ALERT_EMAIL"]


def test_nothing_is_left_to_do_after_the_rotation(rotated: Rotation, running: RunningStack, tmp_path: Path) -> None:
    assert rotated
    file = changed_stack_file(tmp_path, age={"keys": {NEW_KEY: "generated"}})
    running.preview("--expect-no-changes", "--config-file", file)
    assert (CLONE / "docs" / "runbooks" / "rotate-the-age-key.md").is_file(), "the runbook that these steps are"
