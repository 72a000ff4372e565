"""The objects of a stack as the API server has them, found by the owner's mark."""

import json
import sys
import time
from typing import Any

import httpx

from devcluster.embedded_cluster import Devcluster
from devcluster.gitea.encrypted_files import EncryptedFiles
from flux.object_reference import ObjectReference
from flux.owners_mark import FIELD_MANAGER, STACK_LABEL
from gitops.status.row import Readiness, StatusRow
from live.access.target import find_target
from live.flux_objects.flux_removal import FluxRemoval
from live.ownership.wanted_objects import WantedObject
from tests.e2e.running_stack import RunningStack, eventually

Body = dict[str, Any]
_MADE_BY = (STACK_LABEL, "kustomize.toolkit.fluxcd.io/name", "helm.toolkit.fluxcd.io/name")
APPLIED = 8
"""Kustomizations and HelmReleases of the samples."""
KINDS = (
    *(f"/api/v1/{name}" for name in ("namespaces", "secrets", "configmaps", "services", "serviceaccounts", "resourcequotas")),
    "/apis/apps/v1/deployments",
    "/apis/networking.k8s.io/v1/networkpolicies",
    *(f"/apis/rbac.authorization.k8s.io/v1/{name}" for name in ("clusterroles", "clusterrolebindings")),
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
    *(f"/apis/source.toolkit.fluxcd.io/v1/{name}" for name in ("gitrepositories", "helmrepositories", "ocirepositories")),
    "/apis/kustomize.toolkit.fluxcd.io/v1/kustomizations",
    "/apis/notification.toolkit.fluxcd.io/v1/receivers",
    *(f"/apis/notification.toolkit.fluxcd.io/v1beta3/{name}" for name in ("alerts", "providers")),
)


def objects_of(cluster: Devcluster, stack: str = "gitops.dev") -> dict[str, Body]:
    """Path of the kind and name → object."""
    found: dict[str, Body] = {}
    with cluster.kube as kube, kube.credentials.client() as client:
        for path in KINDS:
            answer = client.get(path, params={"labelSelector": f"{STACK_LABEL}={stack}"})
            while answer.status_code == httpx.codes.TOO_MANY_REQUESTS:  # its CRD has just been made
                time.sleep(0.2)
                answer = client.get(path, params={"labelSelector": f"{STACK_LABEL}={stack}"})
            items = [] if answer.status_code == httpx.codes.NOT_FOUND else answer.raise_for_status().json()["items"]
            found |= {f"{path}/{item['metadata']['name']}": item for item in items}
    return found


def strangers(cluster: Devcluster) -> list[str]:
    """Flux objects that neither a stack made, nor a Kustomization or a HelmRelease."""
    removal = FluxRemoval(find_target(cluster.home.kubeconfig, cluster.home.context))
    try:
        found = [each for each in removal.objects() if each.kind not in ("HelmChart", "ExternalArtifact")]
    finally:
        removal.close()
    return [str(each.reference) for each in found if not any(label in each.labels for label in _MADE_BY)]


def wanted_object(path: str, body: Body) -> WantedObject:
    """An object as the program looks for it: `path` is of its kind in every namespace, with its name."""
    root, plural = path.rsplit("/", 2)[:2]
    metadata = body["metadata"]
    version = root.removeprefix("/apis/").removeprefix("/api/")
    return WantedObject(version, plural, ObjectReference(plural, metadata.get("namespace", ""), metadata["name"]))


def uids(objects: dict[str, Body]) -> dict[str, str]:
    """Which objects they are, whatever is in them."""
    return {path: body["metadata"]["uid"] for path, body in objects.items()}


def appliers(body: Body) -> list[str]:
    """Who applies it, without those that only write its status."""
    return [each["manager"] for each in body["metadata"]["managedFields"] if each["operation"] == "Apply" and not each.get("subresource")]


def not_applied_by_the_stack_alone(objects: dict[str, Body]) -> dict[str, list[str]]:
    """Objects with another applier than the stack's own name."""
    return {path: appliers(body) for path, body in objects.items() if appliers(body) != [FIELD_MANAGER]}


def figure(text: str) -> None:
    """Show a figure, with `pytest -s`."""
    sys.stdout.write(f"\n{text}\n")


def apply(cluster: Devcluster, collection: str, body: Body, manager: str) -> Body:
    """Server-side apply as somebody else, who forces it as Flux does."""
    with cluster.kube as kube, kube.credentials.client() as client:
        answer: httpx.Response = client.patch(
            f"{collection}/{body['metadata']['name']}",
            content=json.dumps(body),
            params={"fieldManager": manager, "force": "true"},
            headers={"Content-Type": "application/apply-patch+yaml"},
        )
        assert answer.is_success, answer.text
        made: Body = answer.json()
        return made


def synced(stack: RunningStack) -> None:
    """Encrypt for the stack's keys, push, and wait until Flux has applied all of it.

    Not only until the workloads are there: a stack that kept them may have left them, and a Kustomization that has not applied anything
    yet removes nothing.
    """
    EncryptedFiles(stack.cluster.home, stack.cluster.samples).publish(sorted(stack.output("ageRecipients").values()))
    eventually(stack.rows, is_applied, "every Kustomization and HelmRelease ready")


def is_applied(rows: list[StatusRow]) -> bool:
    """Whether all that the samples have is applied and ready."""
    applied = [row for row in rows if row.kind in ("Kustomization", "HelmRelease")]
    return len(applied) >= APPLIED and all(row.ready is Readiness.YES for row in applied)
