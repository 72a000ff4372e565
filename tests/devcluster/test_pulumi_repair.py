"""After a kill: what is taken back, and what is left alone."""

import json
import os
from pathlib import Path
from typing import Any

from devcluster.control_plane.kube_client import Kube
from devcluster.program.pulumi_repair import paths, remove_locks_of_the_dead, take_back_half_made

NO_SUCH_PID = 2**22 + 1


class FakeKube(Kube):
    """Knows Services, NetworkPolicies and the objects that exist."""

    def __init__(self, *existing: str) -> None:
        self.existing = set(existing)
        self.deleted: list[str] = []

    def get(self, path: str) -> dict[str, Any] | None:
        kinds = {
            "/api/v1": [{"name": "services/status", "kind": "Service"}, {"name": "services", "kind": "Service"}],
            "/apis/networking.k8s.io/v1": [{"name": "networkpolicies", "kind": "NetworkPolicy"}],
        }
        if path in kinds:
            return {"resources": kinds[path]}
        return {} if path in self.existing else None

    def delete(self, path: str) -> None:
        self.deleted.append(path)
        self.existing.discard(path)


def resource(kind: str, name: str, version: str = "v1", namespace: str | None = "flux-system") -> dict[str, Any]:
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    inputs = {"apiVersion": version, "kind": kind, "metadata": metadata}
    return {"urn": f"urn:{kind}:{name}", "type": f"kubernetes:it:{kind}", "inputs": inputs}


def state(*pending: tuple[str, dict[str, Any]], resources: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    operations = [{"type": operation, "resource": of} for operation, of in pending]
    return {"version": 3, "deployment": {"resources": list(resources), "pending_operations": operations}}


def test_a_state_without_interrupted_operations_is_left_alone() -> None:
    kube = FakeKube()
    assert take_back_half_made(kube, state()) is None
    assert take_back_half_made(kube, {"version": 3, "deployment": None}) is None
    assert kube.deleted == []


def test_what_was_being_created_is_deleted_and_forgotten() -> None:
    policy = resource("NetworkPolicy", "allow", "networking.k8s.io/v1")
    kube = FakeKube("/apis/networking.k8s.io/v1/namespaces/flux-system/networkpolicies/allow")
    repaired = take_back_half_made(kube, state(("creating", policy)))
    assert kube.deleted == ["/apis/networking.k8s.io/v1/namespaces/flux-system/networkpolicies/allow"]
    assert repaired == {"version": 3, "deployment": {"resources": []}}


def test_what_was_being_updated_or_deleted_stays_in_the_cluster() -> None:
    kube = FakeKube()
    service = resource("Service", "it")
    repaired = take_back_half_made(kube, state(("updating", service), ("deleting", service), resources=(service,)))
    assert kube.deleted == []
    assert repaired == {"version": 3, "deployment": {"resources": [service]}}


def test_what_the_state_holds_already_is_not_taken_back() -> None:
    service = resource("Service", "it")
    kube = FakeKube()
    take_back_half_made(kube, state(("creating", service), resources=(service,)))
    assert kube.deleted == []


def test_only_kubernetes_objects_of_known_kinds_have_a_place() -> None:
    password = {"urn": "urn:random", "type": "random:index/randomPassword:RandomPassword", "inputs": {"length": 64}}
    unknown = resource("GitRepository", "argo", "source.toolkit.fluxcd.io/v1")
    assert paths(FakeKube(), [password, unknown, resource("Service", "it")]) == ["/api/v1/namespaces/flux-system/services/it"]


def test_the_lock_of_a_dead_pulumi_goes_and_that_of_a_living_one_stays(tmp_path: Path) -> None:
    locks = tmp_path / ".pulumi" / "locks" / "organization" / "gitops" / "dev"
    locks.mkdir(parents=True)
    for name, pid in (("dead", NO_SUCH_PID), ("living", os.getpid())):
        (locks / f"{name}.json").write_text(json.dumps({"pid": pid}))
    (locks / "unreadable.json").write_text("{")
    remove_locks_of_the_dead(tmp_path)
    assert sorted(file.stem for file in locks.iterdir()) == ["living", "unreadable"]
