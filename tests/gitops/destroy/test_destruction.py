"""`gitops destroy` as a whole: what is refused before anything changes, and what is not."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from typer.testing import CliRunner

from flux.message import Message
from flux.object_reference import ObjectReference
from flux.owners_mark import CLUSTER_LABEL, STACK_LABEL
from gitops.cli import app
from gitops.errors import CommandError
from gitops.pulumi_cli import StackName
from gitops.pulumi_state import StackState, StateObject
from live.access.target import find_target
from live.flux_objects.flux_removal import FluxRemoval
from tests.any_server import Answer, Request, any_server
from tests.gitops.api_server import write_kubeconfig

KUSTOMIZATIONS = "/apis/kustomize.toolkit.fluxcd.io/v1"
NAMESPACE = ObjectReference("Namespace", "", "flux-system")
SECRETS = "/api/v1/namespaces/flux-system/secrets"
SOPS_AGE = ObjectReference("Secret", "flux-system", "sops-age")


class Cluster:
    """A cluster without Flux: of the stack, only the namespace is left."""

    def __init__(self) -> None:
        self.labels = {STACK_LABEL: "gitops.dev", CLUSTER_LABEL: "dev"}
        self.answers: dict[str, Any] = {
            "/apis/": {"groups": []},
            "/apis/apps/v1/namespaces/flux-system/deployments": {"metadata": {}, "items": []},
            "/api/v1": {"resources": []},
        }
        self.written: list[str] = []
        self.bodies: list[Any] = []
        self.removes: dict[str, dict[str, Any]] = {}
        """Path → metadata of what is deleted by the first request, and gone after the second."""

    def __call__(self, request: Request) -> Answer:
        path = urlsplit(request.path).path
        if request.method != "GET":
            self.written.append(path)
            self.bodies.append(json.loads(request.body))
            if "dryRun" not in self.bodies[-1] and "dryRun" not in request.path:
                self._remove(path)
        if path == "/api/v1/namespaces/flux-system":
            return Answer(body=json.dumps({"metadata": {"name": "flux-system", "labels": self.labels}}).encode())
        found = self.answers.get(path)
        return Answer(status=found if isinstance(found, int) else 200 if found else 404, body=json.dumps(found or {}).encode())

    def _remove(self, path: str) -> None:
        metadata = self.removes.get(path, {})
        if "deletionTimestamp" in metadata:
            listed = self.answers[path.rpartition("/")[0]]
            listed["items"] = [each for each in listed["items"] if each["metadata"] is not metadata]
        metadata["deletionTimestamp"] = "2026-11-27T12:00:00Z"

    def pulumi(self, command: str, *_: str, folder: Path) -> int:
        self.written.append(f"pulumi {command}")
        return 0


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    served = Cluster()
    with any_server(served) as server:
        file = write_kubeconfig(tmp_path / "config", f"http://{server.address}")
        monkeypatch.setattr("gitops.destroy.destruction.target_of", lambda *_: find_target(file, None))
        monkeypatch.setattr("gitops.destroy.destruction.run_pulumi", served.pulumi)
        monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}")
        monkeypatch.setattr("gitops.state_file.pulumi_says", lambda *_, **__: None)
        monkeypatch.chdir(Path(__file__).parents[3])
        yield served


def destroy(monkeypatch: pytest.MonkeyPatch, option: str = "--yes", generated: tuple[str, ...] = (), **changes: Any) -> tuple[int, str]:
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "flux-system"}}
    namespace = StateObject(urn="urn:namespace", reference=NAMESPACE, body=body, secret_keys=frozenset(), stays=False)
    state = StackState(objects=(replace(namespace, **changes),), is_empty=False, cluster="dev", generated_age_keys=generated)
    monkeypatch.setattr("gitops.destroy.destruction.read_state", lambda *_: state)
    ended = CliRunner().invoke(app, ["destroy", "--stack", "dev", option])
    if ended.exception and not isinstance(ended.exception, SystemExit | CommandError):
        raise ended.exception
    return ended.exit_code, f"{ended.output}{ended.exception or ''}"


def test_a_stack_that_is_whole_is_handed_to_pulumi(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    assert destroy(monkeypatch)[0] == 0
    assert cluster.written == ["pulumi destroy"]


@pytest.mark.parametrize("stays", [True, False])
def test_at_the_end_it_says_what_pulumis_own_advice_would_delete_and_how_flux_goes(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, stays: bool
) -> None:
    printed = destroy(monkeypatch, stays=stays)[1]
    assert "run: pulumi stack rm --preserve-config dev\n" in printed
    assert "`pulumi stack rm` alone, as pulumi says above, would also delete Pulumi.dev.yaml." in printed
    assert ("docs/how-to/destroy.md#afterwards-with-workloads-kept" in printed) is stays


def test_a_generated_age_key_is_named_before_it_is_lost(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    told = " ".join(destroy(monkeypatch, "--dry-run", generated=("2026-11",))[1].split())
    assert "Deleted for good: the generated age key 2026-11. No later `pulumi up` makes it again" in told
    assert "Deleted for good" not in destroy(monkeypatch, "--dry-run")[1]


def test_a_dry_run_says_what_has_to_be_confirmed(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    message = Message("the cluster has to be named", "Workloads would go.", "Add --yes-remove-workloads-of dev.")
    monkeypatch.setattr("gitops.destroy.destruction.refusal", lambda *_: message)
    code, told = destroy(monkeypatch, "--dry-run")
    assert code == 0
    assert "without --dry-run, this is refused: the cluster has to be named" in " ".join(told.split())


def test_what_a_killed_run_left_is_removed_before_the_state_is_read_but_not_by_a_dry_run(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    lock = tmp_path / ".pulumi" / "locks" / "organization" / "gitops" / "dev" / "a.json"
    lock.parent.mkdir(parents=True)
    lock.write_text(json.dumps({"pid": ended.pid, "hostname": socket.gethostname()}))

    destroy(monkeypatch, "--dry-run")
    assert lock.exists()

    code, printed = destroy(monkeypatch)

    assert (code, lock.exists()) == (0, False)
    assert printed.startswith("Removed the lock of a run that is gone (a.json).")


@pytest.mark.parametrize(("code", "cleared"), [(0, ["dev"]), (1, [])])
def test_pending_creations_of_an_interrupted_run_are_cleared_once_the_stack_is_gone(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: int, cleared: list[str]
) -> None:
    asked: list[str] = []

    def clear(stack: StackName, _: Path) -> int:
        asked.append(stack.short)
        return 2

    file = tmp_path / ".pulumi" / "stacks" / "gitops" / "dev.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"version": 3, "checkpoint": {"latest": {"pending_operations": [{"type": "creating"}] * 2}}}))
    monkeypatch.setattr("gitops.interrupted_run.clear_pending_creates", clear)
    monkeypatch.setattr("gitops.destroy.destruction.run_pulumi", lambda *_, **__: code)

    ended, printed = destroy(monkeypatch)

    assert (ended, asked) == (code, cleared)
    assert ("Cleared 2 pending operations of an interrupted run from the state." in printed) == bool(cleared)


def test_a_stack_that_is_gone_is_gone_and_controllers_without_a_state_are_not(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gitops.destroy.destruction.read_state", lambda *_: StackState(cluster="dev"))

    again = CliRunner().invoke(app, ["destroy", "--stack", "dev", "--yes"])
    assert (again.exit_code, cluster.written) == (0, [])
    assert "Nothing of stack dev runs in cluster dev, and its state is empty." in again.output

    left = {"metadata": {"name": "source-controller"}, "status": {}}
    cluster.answers["/apis/apps/v1/namespaces/flux-system/deployments"] = {"metadata": {}, "items": [left]}
    lost = CliRunner().invoke(app, ["destroy", "--stack", "dev", "--yes"])
    assert lost.exit_code == 1
    assert "Run `pulumi up`, which takes them over again" in lost.output


def test_what_another_stack_has_taken_over_is_not_removed_with_the_old_state(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    for label, owner in ((STACK_LABEL, "stack/other"), (CLUSTER_LABEL, "cluster/other")):
        cluster.labels = {STACK_LABEL: "gitops.dev", CLUSTER_LABEL: "dev", label: "other"}
        code, printed = destroy(monkeypatch)
        assert code != 0
        assert f"1 object in the state of stack dev belongs to {owner} now" in printed
        assert "pulumi stack rm --force --preserve-config dev" in printed
    assert cluster.written == []


def test_an_api_that_does_not_answer_is_named_and_does_not_hold_the_command(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """metrics-server is down, or went with the workloads; the CRD of a Widget has a conversion webhook that is gone."""
    listable = {"name": "widgets", "kind": "Widget", "namespaced": True, "verbs": ["list", "delete"]}
    widgets = "/apis/example.com/v1/namespaces/flux-system/widgets"
    cluster.answers |= {
        "/apis/": {"groups": [{"name": name, "versions": [{"version": "v1"}]} for name in ("metrics.k8s.io", "example.com")]},
        "/apis/metrics.k8s.io/v1": 503,
        "/apis/example.com/v1": {"resources": [listable]},
        widgets: 500,
    }

    code, printed = destroy(monkeypatch)

    assert code == 0, printed
    assert "API metrics.k8s.io/v1 does not answer (503" in printed
    assert f"API {widgets} does not answer (500" in printed
    assert printed.count("the namespace may stay until it does") == 2
    for status in (403, 404, 405, 406):
        cluster.answers |= {"/apis/metrics.k8s.io/v1": status, widgets: status}
        assert "does not answer" not in destroy(monkeypatch)[1]


def test_what_holds_a_secret_of_the_stack_is_waited_for_and_then_released(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """`pulumi destroy` would wait for two minutes, and fail."""
    folder = SECRETS
    metadata = {"name": "sops-age", "namespace": "flux-system", "uid": "1", "finalizers": ["example.com/backup"]}
    other = {"name": "other", "namespace": "flux-system", "uid": "2", "finalizers": ["example.com/backup"]}
    cluster.answers[folder] = {"metadata": {}, "items": [{"metadata": metadata}, {"metadata": other}]}
    cluster.removes = {f"{folder}/sops-age": metadata}
    monkeypatch.setattr("gitops.destroy.carry_out.HOLDER_SECONDS", 0.0)
    monkeypatch.setattr("gitops.destroy.carry_out.POLL_SECONDS", 0.01)

    code, printed = destroy(monkeypatch, reference=SOPS_AGE, body={"apiVersion": "v1", "kind": "Secret"})

    assert code == 0, printed
    assert cluster.written == [f"{folder}/sops-age"] * 4 + ["pulumi destroy"], "two dry runs, deleted, released"
    assert [each.get("dryRun") for each in cluster.bodies] == [["All"], None, None, None]
    assert cluster.bodies[-1] == {"metadata": {"uid": "1", "finalizers": None}}
    before, _, after = printed.partition("Finalizers released")
    assert "Secret/flux-system/sops-age has the finalizer example.com/backup: if it is not taken away within a minute" in before
    assert "Secret/flux-system/sops-age  (example.com/backup)" in after


@pytest.mark.parametrize("finalizer", ["foregroundDeletion", "kubernetes.io/pvc-protection", "customresourcecleanup.apiextensions.k8s.io"])
def test_what_kubernetes_takes_away_itself_is_left_to_it(finalizer: str, cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    metadata = {"name": "sops-age", "namespace": "flux-system", "uid": "1", "finalizers": [finalizer]}
    cluster.answers["/api/v1/namespaces/flux-system/secrets"] = {"metadata": {}, "items": [{"metadata": metadata}]}

    assert destroy(monkeypatch, reference=SOPS_AGE, body={"apiVersion": "v1", "kind": "Secret"})[0] == 0
    assert cluster.written == ["pulumi destroy"]


def test_what_is_protected_in_the_state_is_refused_before_workloads_go(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    code, printed = destroy(monkeypatch, is_protected=True)

    assert code != 0
    assert "Namespace/flux-system of stack dev is protected in Pulumi's state" in printed
    code, printed = destroy(monkeypatch, "--dry-run", is_protected=True)
    assert (code, "It will be refused: Namespace/flux-system of stack dev is protected" in printed) == (0, True)
    assert cluster.written == []


def test_a_time_without_an_end_is_refused() -> None:
    for seconds in ("nan", "inf", "1e9", "-1"):
        assert CliRunner().invoke(app, ["destroy", "--stack", "dev", "--timeout", seconds]).exit_code == 2


def test_what_kustomize_controller_leaves_is_known_by_a_label_or_an_annotation(cluster: Cluster, tmp_path: Path) -> None:
    key = "kustomize.toolkit.fluxcd.io/"
    kept = [
        {"annotations": {"helm.sh/resource-policy": "keep"}},
        {"labels": {f"{key}prune": "Disabled"}},
        {"annotations": {f"{key}reconcile": "disabled"}},
        {"annotations": {f"{key}ssa": "Ignore"}},
    ]
    metadata: list[dict[str, Any]] = [*kept, {"labels": {f"{key}prune": "enabled"}}, {}]
    cluster.answers |= {
        "/apis/": {"groups": [{"name": "kustomize.toolkit.fluxcd.io", "versions": [{"version": "v1"}]}]},
        KUSTOMIZATIONS: {"resources": [{"name": "kustomizations", "kind": "Kustomization", "namespaced": True, "verbs": ["list"]}]},
        f"{KUSTOMIZATIONS}/kustomizations": {"metadata": {}, "items": [{"metadata": {"name": "x", **each}} for each in metadata]},
    }
    removal = FluxRemoval(find_target(tmp_path / "config", None))
    assert [each.is_left for each in removal.objects()] == [True, True, True, True, False, False]
    removal.close()


def test_the_controller_of_an_object_is_that_of_its_shard(cluster: Cluster, tmp_path: Path) -> None:
    key = "sharding.fluxcd.io/key"

    def deployment(name: str, *selectors: str) -> dict[str, Any]:
        arguments = [f"--watch-label-selector={each}" for each in selectors]
        template = {"spec": {"containers": [{"name": "manager", "args": arguments}]}}
        labels = {"app.kubernetes.io/component": "kustomize-controller"}
        return {"metadata": {"name": name, "labels": labels}, "spec": {"template": template}, "status": {"availableReplicas": 1}}

    deployments = "/apis/apps/v1/namespaces/flux-system/deployments"
    metadata: list[dict[str, Any]] = [{}, {"labels": {key: "shard1"}}, {"labels": {key: "shard2"}}]
    cluster.answers |= {
        "/apis/": {"groups": [{"name": "kustomize.toolkit.fluxcd.io", "versions": [{"version": "v1"}]}]},
        KUSTOMIZATIONS: {"resources": [{"name": "kustomizations", "kind": "Kustomization", "namespaced": True, "verbs": ["list"]}]},
        f"{KUSTOMIZATIONS}/kustomizations": {"metadata": {}, "items": [{"metadata": {"name": "x", **each}} for each in metadata]},
        deployments: {"metadata": {}, "items": [deployment("kustomize-controller", f"!{key}"), deployment("by-hand", f"{key}=shard1")]},
    }
    removal = FluxRemoval(find_target(tmp_path / "config", None))
    assert [each.controller for each in removal.objects()] == ["kustomize-controller", "by-hand", "kustomize-controller-shard2"]
    cluster.answers[deployments] = {"metadata": {}, "items": [deployment("kustomize-controller")]}
    assert {each.controller for each in removal.objects()} == {"kustomize-controller"}, "without shards, a label changes nothing"
    removal.close()
