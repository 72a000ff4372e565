"""A deploy key is rotated: registered at the real Gitea, used by the real Flux, and the old one retired, without a moment in between."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from gitops.deploy_keys.sync import public_half
from gitops.deploy_keys.titles import key_titles
from tests.e2e.events import about, events_of, failures
from tests.e2e.running_stack import CORE_KINDS, Finished, RunningStack, changed_stack_file, eventually

OLD, NEW = "2026-05", "2026-11"
CREDENTIAL, REPOSITORY = "homelab-deploy", "homelab-k8s2"
SOURCES = "/apis/source.toolkit.fluxcd.io/v1/namespaces/flux-system/gitrepositories"
KUSTOMIZATIONS = "/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations"
SECRETS = f"/api/v1/namespaces/flux-system/{CORE_KINDS['Secret']}"
KEYS = f"/api/v1/repos/daviestechlabs/{REPOSITORY}/keys"


@dataclass(kw_only=True)
class Rotation:
    """What happened, in order."""

    said: dict[str, Finished] = field(default_factory=dict)
    """Step → what the command said."""
    titles: dict[str, list[str]] = field(default_factory=dict)
    """Step → the titles of the repository's keys afterwards, those of the stack by the name of the key."""
    used: list[str | None] = field(default_factory=list)
    """The public key that Flux had after each change of `active`."""
    sources: list[dict[str, Any]] = field(default_factory=list)
    kustomizations: list[dict[str, Any]] = field(default_factory=list)
    secrets: list[dict[str, Any]] = field(default_factory=list)
    public: dict[str, str] = field(default_factory=dict)


class Rotating:
    """Runs the steps."""

    def __init__(self, stack: RunningStack, folder: Path) -> None:
        self.stack, self.folder = stack, folder
        backend = {"user": "", "url": stack.environment["PULUMI_BACKEND_URL"]}
        self.prefix = key_titles("dev", "gitops", lambda *_: json.dumps(backend)).prefix(CREDENTIAL)
        self.gitea = httpx.Client(
            base_url=stack.cluster.gitea.url,
            headers={"Authorization": f"token {stack.cluster.gitea.administrator_token()}"},
            trust_env=False,
        )

    def up(self, active: str) -> None:
        credentials = {
            CREDENTIAL: {"type": "ssh", "generated": [OLD, NEW], "active": active},
            "gitea-read": {"type": "basic", "username": "flux"},
        }
        file = changed_stack_file(self.folder, credentials=credentials)
        self.stack.up("--config-file", file)

    def gitops(self, *arguments: str) -> Finished:
        return self.stack.gitops("deploy-key", *arguments)

    def fetch(self) -> str | None:
        """Have Flux fetch now; the public half of the key it has done that with."""
        self.stack.reconcile("GitRepository", REPOSITORY)
        eventually(lambda: self.stack.get("GitRepository", REPOSITORY), _ready, "a fetch on request")
        return public_half(self.stack.secret(CREDENTIAL)["identity"].encode())

    def titles(self) -> list[str]:
        return [key["title"].removeprefix(self.prefix) for key in self.gitea.get(KEYS).raise_for_status().json()]

    def forget(self, title: str) -> None:
        for key in self.gitea.get(KEYS).raise_for_status().json():
            if key["title"] == title:
                self.gitea.delete(f"{KEYS}/{key['id']}").raise_for_status()


def _ready(body: dict[str, Any] | None) -> bool:
    conditions = ((body or {}).get("status") or {}).get("conditions") or []
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


@pytest.fixture(scope="module")
def rotation(synced: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rotation]:
    """From the supplied key to a generated one, and from that to the next; the stack is as it was afterwards."""
    steps, done = Rotating(synced, tmp_path_factory.mktemp("deploy-keys")), Rotation()

    def said(step: str, finished: Finished) -> None:
        done.said[step], done.titles[step] = finished, steps.titles()

    try:
        with (
            events_of(synced.cluster, SOURCES) as done.sources,
            events_of(synced.cluster, KUSTOMIZATIONS) as done.kustomizations,
            events_of(synced.cluster, SECRETS) as done.secrets,
        ):
            steps.up("supplied")
            done.public = synced.output("deployKeys")[CREDENTIAL]["keys"]
            said("listed", steps.gitops("list"))
            said("dry run", steps.gitops("register", "--dry-run"))
            said("registered", steps.gitops("register"))
            said("registered again", steps.gitops("register"))
            steps.up(OLD)
            done.used.append(steps.fetch())
            said("too early", steps.gitops("retire"))
            steps.up(NEW)
            said("would retire", steps.gitops("retire", "--dry-run"))
            said("retired", steps.gitops("retire"))
            said("retired again", steps.gitops("retire"))
            said("registered after that", steps.gitops("register"))
            done.used.append(steps.fetch())
        # From here on Flux fails on purpose.
        steps.forget(f"{steps.prefix}{NEW}")
        steps.gitea.post(KEYS, json={"title": f"{steps.prefix}{OLD}", "key": done.public[OLD], "read_only": True}).raise_for_status()
        said("refused", steps.gitops("retire", "--wait", "20"))
        said("mended", steps.gitops("register"))
        said("retired at last", steps.gitops("retire"))
        yield done
    finally:
        synced.up()
        steps.fetch()
        for key in (OLD, NEW):
            steps.forget(f"{steps.prefix}{key}")
        steps.gitea.close()


def test_keys_that_the_stack_generated_are_registered_read_only_and_once(rotation: Rotation) -> None:
    assert rotation.said["listed"].printed.count("not registered") == 2
    assert rotation.titles["dry run"] == ["flux"]
    assert rotation.said["registered"].code == 0, rotation.said["registered"].printed
    assert rotation.titles["registered"] == ["flux", OLD, NEW], "the key that somebody else registered stays"
    assert rotation.titles["registered again"] == rotation.titles["registered"]
    assert rotation.said["registered again"].printed.count("already registered: id") == 2


def test_flux_fetches_with_each_key_in_turn(rotation: Rotation) -> None:
    assert rotation.used == [rotation.public[OLD], rotation.public[NEW]]


def test_a_key_that_is_not_used_yet_is_not_retired(rotation: Rotation) -> None:
    assert rotation.said["too early"].code == 0
    assert "is not used yet" in rotation.said["too early"].printed
    assert rotation.titles["too early"] == rotation.titles["registered"]


def test_the_old_key_is_retired_once_the_new_one_is_seen_to_sync_and_does_not_come_back(rotation: Rotation) -> None:
    assert rotation.titles["would retire"] == rotation.titles["registered"]
    assert rotation.said["retired"].code == 0, rotation.said["retired"].printed
    assert "removed: id" in rotation.said["retired"].printed
    for step in ("retired", "retired again", "registered after that"):
        assert rotation.titles[step] == ["flux", NEW], step
    assert "There is nothing to retire" in rotation.said["retired again"].printed


def test_while_the_new_key_does_not_sync_the_old_one_stays_and_fluxs_own_message_says_why(rotation: Rotation) -> None:
    refused = rotation.said["refused"]
    assert refused.code == 1
    assert f"{CREDENTIAL}: nothing is removed: after " in refused.printed
    assert f" s, still waiting for GitRepository {REPOSITORY}, which " in refused.printed
    assert "ssh: handshake failed" in refused.printed
    assert rotation.titles["refused"] == ["flux", OLD]
    assert rotation.titles["retired at last"] == ["flux", NEW]


def test_at_no_moment_did_a_source_or_a_kustomization_fail_nor_was_the_secret_absent(rotation: Rotation) -> None:
    changed = about(rotation.secrets, CREDENTIAL)
    assert len(changed) >= 2, "a watch that saw neither change of the Secret proves nothing"
    assert {event["type"] for event in changed} == {"MODIFIED"}
    assert about(rotation.sources, REPOSITORY)
    assert failures([*rotation.sources, *rotation.kustomizations, *rotation.secrets]) == []
