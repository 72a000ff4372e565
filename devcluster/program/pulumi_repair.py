"""Going on after a Pulumi that was killed: its lock, and what it was creating at that moment.

A killed `pulumi up` leaves operations whose outcome its state does not know. Where an object was created after all, the next `up` would
get the answer that it already exists. Here nothing but the embedded cluster is at stake, so such objects are removed and created again. On
a real cluster a person decides that, with `pulumi refresh`.
"""

import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from devcluster.control_plane.kube_client import Kube
from devcluster.machine.processes import StartedProcess
from devcluster.messages.errors import DevclusterError

GONE_SECONDS = 60.0


def remove_locks_of_the_dead(state: Path) -> None:
    """Remove the locks below `state` (a file backend) whose Pulumi does not run any more; with them none would start again."""
    for lock in (state / ".pulumi" / "locks").rglob("*.json"):
        try:
            pid = int(json.loads(lock.read_text())["pid"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if StartedProcess.of(pid) is None:
            lock.unlink(missing_ok=True)


def take_back_half_made(kube: Kube, exported: dict[str, Any]) -> dict[str, Any] | None:
    """Delete what was being created when Pulumi was killed; the state without these operations, None when there were none.

    `exported` is what `pulumi stack export` printed.
    """
    deployment: dict[str, Any] = exported.get("deployment") or {}
    pending = deployment.get("pending_operations") or []
    if not pending:
        return None
    known = {resource["urn"] for resource in deployment.get("resources") or ()}
    creating = [operation["resource"] for operation in pending if operation["type"] == "creating"]
    for path in paths(kube, [resource for resource in creating if resource["urn"] not in known]):
        _delete(kube, path)
    return exported | {"deployment": {key: value for key, value in deployment.items() if key != "pending_operations"}}


def paths(kube: Kube, resources: Iterable[dict[str, Any]]) -> list[str]:
    """Where the API server keeps each of these resources that is a Kubernetes object."""
    found = []
    for resource in resources:
        inputs = resource.get("inputs") or {}
        if not resource["type"].startswith("kubernetes:") or "metadata" not in inputs:
            continue
        version: str = inputs["apiVersion"]
        root = f"/apis/{version}" if "/" in version else f"/api/{version}"
        kinds = (kube.get(root) or {}).get("resources", ())
        plural = next((kind["name"] for kind in kinds if kind["kind"] == inputs["kind"] and "/" not in kind["name"]), None)
        if plural:
            metadata = inputs["metadata"]
            namespace = f"/namespaces/{metadata['namespace']}" if metadata.get("namespace") else ""
            found.append(f"{root}{namespace}/{plural}/{metadata['name']}")
    return found


def _delete(kube: Kube, path: str) -> None:
    kube.delete(path)
    until = time.monotonic() + GONE_SECONDS
    while kube.get(path) is not None:
        if time.monotonic() > until:
            raise DevclusterError(
                f"{path} was incomplete when Pulumi was killed, and still exists {GONE_SECONDS:.0f} s after its deletion",
                "Until it is gone, Pulumi cannot create it.",
                "Find the finalizer that blocks its deletion, or remove the cluster and start over.",
            )
        time.sleep(0.1)
