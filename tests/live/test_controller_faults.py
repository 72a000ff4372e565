"""Why a controller does not come up, as the cluster has it: no pod, a pod that no node takes, one that crashes."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from live.access.target import find_target
from live.errors import LiveError
from live.flux_objects.controller_faults import ControllerFault, PodFault, controller_faults
from live.flux_objects.fault_text import fault_lines, on_one_line, way_back
from tests.any_server import Answer, Request, any_server
from tests.gitops.api_server import write_kubeconfig

CORE, APPS = "/api/v1/namespaces/flux-system", "/apis/apps/v1/namespaces/flux-system"
QUOTA = 'pods "helm-controller-1-" is forbidden: exceeded quota: none, requested: pods=1, used: pods=4, limited: pods=4'


def deployment(name: str, *, available: int = 0, conditions: Any = (), **status: Any) -> dict[str, Any]:
    counts = {"observedGeneration": 2, "replicas": 1, "updatedReplicas": 1, "availableReplicas": available}
    metadata = {"name": name, "uid": name, "generation": 2, "labels": {"app.kubernetes.io/version": "v2.9.4"}}
    return {"metadata": metadata, "spec": {"replicas": 1}, "status": {**counts, "conditions": list(conditions), **status}}


def replica_set(name: str, owner: str, **status: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, "uid": name, "ownerReferences": [{"uid": owner}]}, "spec": {"replicas": 1}, "status": status}


def pod(name: str, owner: str, *, ready: bool = False, conditions: Any = (), **status: Any) -> dict[str, Any]:
    of_containers = {"type": "Ready", "status": "True" if ready else "False"}
    metadata = {"name": name, "ownerReferences": [{"uid": owner}]}
    return {"metadata": metadata, "status": {"conditions": [of_containers, *conditions], **status}}


def event(reason: str, message: str, time: str = "2026-11-27T12:00:00Z") -> dict[str, Any]:
    return {"reason": reason, "message": message, "lastTimestamp": None, "eventTime": time}


class Cluster:
    """Lists by path, events by name, logs by pod; everything else is not there."""

    def __init__(self, deployments: Any, replica_sets: Any = (), pods: Any = ()) -> None:
        self.lists: dict[str, Any] = {
            f"{APPS}/deployments": list(deployments),
            f"{APPS}/replicasets": list(replica_sets),
            f"{CORE}/pods": list(pods),
        }
        self.events: dict[str, list[Mapping[str, Any]]] = {}
        self.logs: dict[str, str] = {}
        self.asked: list[str] = []

    def answer(self, request: Request) -> Answer:
        self.asked.append(request.path)
        parts = urlsplit(request.path)
        if parts.path in self.lists:
            return Answer(body=json.dumps({"metadata": {}, "items": self.lists[parts.path]}).encode())
        if parts.path == f"{CORE}/events":
            name = parse_qs(parts.query)["fieldSelector"][0].rpartition("=")[2]
            return Answer(body=json.dumps({"metadata": {}, "items": self.events.get(name, [])}).encode())
        log = self.logs.get(parts.path.removeprefix(f"{CORE}/pods/").removesuffix("/log"))
        return Answer(body=log.encode()) if log is not None else Answer(status=404)

    def faults(self, folder: Path) -> list[ControllerFault]:
        with any_server(self.answer) as server:
            return controller_faults(find_target(write_kubeconfig(folder / "config", f"http://{server.address}"), None))


def test_a_crash_is_told_with_its_reason_events_and_the_log_of_what_crashed(tmp_path: Path) -> None:
    crashed = {"name": "manager", "state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": {"terminated": {"reason": "Error"}}}
    pods = [
        pod("helm-1-a", "helm-1", containerStatuses=[crashed]),
        pod("helm-0-a", "helm-0", ready=True),
        pod("job", "job", phase="Succeeded"),
        pod("source-1-a", "source-1", containerStatuses=[crashed]),
    ]
    sets = [replica_set("helm-1", "helm", replicas=1), replica_set("helm-0", "helm", replicas=1), replica_set("source-1", "source")]
    cluster = Cluster([deployment("helm", replicas=2, available=1), deployment("source", available=1)], sets, pods)
    cluster.events["helm-1-a"] = [event("BackOff", "restarting", f"2026-11-27T12:00:0{second}Z") for second in range(8)]
    cluster.logs["helm-1-a"] = "starting\nunknown flag: --concurent\n"

    (fault,) = cluster.faults(tmp_path)

    events = tuple(f"2026-11-27T12:00:0{second}Z BackOff: restarting" for second in range(3, 8))
    log = ("starting", "unknown flag: --concurent")
    crash = PodFault(pod="helm-1-a", reasons=("CrashLoopBackOff", "Error"), events=events, log=log)
    assert fault == ControllerFault(controller="helm", version="v2.9.4", reasons=(), events=(), pods=(crash,))
    assert any("previous=true" in path for path in cluster.asked)


def test_where_no_pod_is_made_the_replica_set_says_why(tmp_path: Path) -> None:
    failure = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": QUOTA}
    sets = [replica_set("helm-1", "helm", conditions=[failure]), replica_set("helm-0", "helm", replicas=1)]
    conditions = [failure, {"type": "Available", "status": "True", "reason": "MinimumReplicasAvailable", "message": "has it"}]
    cluster = Cluster([deployment("helm", updatedReplicas=0, available=1, conditions=conditions)], sets)
    cluster.events["helm-1"] = [event("FailedCreate", f"Error creating: {QUOTA}")]

    (fault,) = cluster.faults(tmp_path)

    assert fault.reasons == (f"FailedCreate: {QUOTA}",)
    assert fault.events == (f"2026-11-27T12:00:00Z FailedCreate: Error creating: {QUOTA}",)
    assert fault.pods == ()
    assert fault.is_explained


def test_a_webhook_that_refuses_every_pod_is_told_by_the_event_alone(tmp_path: Path) -> None:
    cluster = Cluster([deployment("helm", replicas=0, updatedReplicas=0)], [replica_set("helm-1", "helm")])
    cluster.events["helm-1"] = [event("FailedCreate", 'Error creating: admission webhook "policy.test" denied the request')]

    (fault,) = cluster.faults(tmp_path)

    assert "denied the request" in fault.events[0]


def test_a_pod_that_no_node_takes_is_told_with_the_schedulers_words(tmp_path: Path) -> None:
    words = "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector."
    unscheduled = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": words}
    cluster = Cluster(
        [deployment("helm")], [replica_set("helm-1", "helm", replicas=1)], [pod("helm-1-a", "helm-1", conditions=[unscheduled])]
    )
    cluster.events["helm-1-a"] = [event("FailedScheduling", words)]

    (fault,) = cluster.faults(tmp_path)

    assert fault.pods[0].reasons == (f"Unschedulable: {words}",)
    assert fault.pods[0].events == (f"2026-11-27T12:00:00Z FailedScheduling: {words}",)


def test_a_pod_that_still_pulls_its_image_is_no_explanation_yet_and_one_that_ends_is_no_fault(tmp_path: Path) -> None:
    starting = {"name": "manager", "state": {"waiting": {"reason": "ContainerCreating"}}}
    ending = pod("helm-0-a", "helm-1", containerStatuses=[])
    ending["metadata"]["deletionTimestamp"] = "2026-11-27T12:00:00Z"
    pods = [ending, pod("helm-1-a", "helm-1", containerStatuses=[starting])]

    (fault,) = Cluster([deployment("helm")], [replica_set("helm-1", "helm", replicas=1)], pods).faults(tmp_path)

    assert [each.pod for each in fault.pods] == ["helm-1-a"]
    assert not fault.is_explained


def test_pods_are_found_by_name_where_replica_sets_may_not_be_listed(tmp_path: Path) -> None:
    cluster = Cluster([deployment("helm-controller")], (), [pod("helm-controller-1-a", "x"), pod("helm-controller-shard1-1-a", "y")])
    del cluster.lists[f"{APPS}/replicasets"]

    (fault,) = cluster.faults(tmp_path)

    assert [each.pod for each in fault.pods] == ["helm-controller-1-a"]


def test_controllers_that_are_up_or_scaled_to_0_are_no_fault(tmp_path: Path) -> None:
    stopped = deployment("helm", replicas=0, updatedReplicas=0)
    stopped["spec"]["replicas"] = 0
    cluster = Cluster([deployment("source", available=1), stopped])

    assert cluster.faults(tmp_path) == []
    assert [urlsplit(path).path for path in cluster.asked] == [f"{APPS}/deployments"]


@pytest.mark.parametrize("odd", [None, 7, [7], [{"metadata": {"name": 7}}], [{"metadata": {"name": "a"}, "spec": {"replicas": "1"}}]])
def test_an_answer_of_another_form_is_one_sentence(odd: Any, tmp_path: Path) -> None:
    cluster = Cluster([])
    cluster.lists[f"{APPS}/deployments"] = odd

    with pytest.raises(LiveError):
        cluster.faults(tmp_path)


def test_it_is_told_with_the_way_back_and_without_what_a_terminal_would_obey() -> None:
    crash = PodFault(pod="bad-1", reasons=("ImagePullBackOff: \x1b[2Jno such image",), events=("then",), log=("last",))
    fault = ControllerFault(controller="bad", version="v2.9.4", reasons=(), events=(), pods=(crash,))

    assert list(fault_lines([fault])) == [
        "bad",
        "  pod bad-1",
        "    reason: ImagePullBackOff: \\x1b[2Jno such image",
        "    event: then",
        "    log: last",
    ]
    assert on_one_line(fault).startswith("bad does not come up; pod bad-1; reason: ImagePullBackOff: ")
    assert way_back([fault], "v2.8.8").startswith("The way back to Flux v2.8.8: restore gitops:flux.manifests")
    assert way_back([fault], "v2.9.4").startswith("Correct gitops:flux in the stack file")
    assert way_back([fault], None) == way_back([fault], "v2.9.4")
