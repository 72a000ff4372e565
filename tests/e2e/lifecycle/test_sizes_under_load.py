"""Each size under load: hundreds of Kustomizations, the controllers' concurrency in use, and their memory against the limits of the size.

No kubelet enforces a limit here: what is shown is that a controller stays below it. CPU limits cannot be shown with host processes.
"""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from devcluster.machine.home import LOOPBACK
from devcluster.machine.processes import StartedProcess
from flux.quantities import amount_of
from flux.release.size_presets import SIZE_PRESETS
from tests.e2e.lifecycle.objects import figure, synced
from tests.e2e.running_stack import CLONE, RunningStack, changed_stack_file, eventually

KUSTOMIZATIONS = "/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations"
AMOUNTS = (100, 300)
LOADED = ("kustomize-controller", "source-controller")
SECONDS = 400
MIB = 1024 * 1024
_METRIC = re.compile(
    r'^(controller_runtime_(?:active_workers|max_concurrent_reconciles))\{controller="kustomization"\} (\S+)$', re.MULTILINE
)


@pytest.fixture(params=sorted(SIZE_PRESETS, key=lambda size: SIZE_PRESETS[str(size)].concurrent))
def sized(request: pytest.FixtureRequest, living: RunningStack, tmp_path: Path) -> Iterator[tuple[RunningStack, str]]:
    """The dev stack with a size, and without the Kustomizations of the size before."""
    flux = yaml.safe_load((CLONE / "Pulumi.dev.yaml").read_text())["config"]["gitops:flux"]
    living.up("--config-file", changed_stack_file(tmp_path, flux={**flux, "size": request.param}))
    synced(living)
    try:
        yield living, request.param
    finally:
        _remove(living)
        living.up()


def test_a_size_keeps_up_and_stays_within_its_memory(sized: tuple[RunningStack, str]) -> None:
    stack, size = sized
    preset, limit = SIZE_PRESETS[size], amount_of(SIZE_PRESETS[size].memory)
    assert limit is not None
    with stack.cluster.kube as kube:
        if kube.get("/api/v1/namespaces/load") is None:
            kube.post("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "load"}})
    made = 0
    for amount in AMOUNTS:
        busiest = Busiest(stack)
        started = time.monotonic()
        _make(stack, size, range(made, amount))
        made = amount
        eventually(lambda: busiest.seen(_ready(stack)), lambda count: count >= amount, f"{amount} Kustomizations ready", SECONDS)  # noqa: B023
        first = time.monotonic() - started
        started, mark = time.monotonic(), f"load-{amount}"
        _ask(stack, size, amount, mark)
        eventually(lambda: busiest.seen(_handled(stack, mark)), lambda count: count >= amount, "all of them again", SECONDS)  # noqa: B023
        again = time.monotonic() - started
        peaks = {name: _peak(stack, name) for name in LOADED}
        shown = ", ".join(f"{name} {peak / MIB:.0f} MiB" for name, peak in peaks.items())
        figure(
            f"size {size}, {amount} Kustomizations: {first:.0f} s to ready, {again:.0f} s for all again; "
            f"{busiest.workers:.0f} of {busiest.most:.0f} workers busy; at most {shown} of {preset.memory}"
        )
        assert busiest.most == preset.concurrent
        assert all(peak < float(limit) for peak in peaks.values())


class Busiest:
    """How many of kustomize-controller's workers were busy at most, as its metrics say."""

    def __init__(self, stack: RunningStack) -> None:
        self._url = f"http://{LOOPBACK}:{stack.cluster.home.port('kustomize-controller-metrics')}/metrics"
        self.workers = self.most = 0.0

    def seen(self, count: int) -> int:
        """Look, and hand on what else was seen."""
        found = dict(_METRIC.findall(httpx.get(self._url, timeout=10).text))
        self.workers = max(self.workers, float(found.get("controller_runtime_active_workers", 0)))
        self.most = float(found.get("controller_runtime_max_concurrent_reconciles", 0))
        return count


def _body(name: str) -> dict[str, Any]:
    spec = {
        "interval": "1h",
        "path": "./kubernetes/flux/vars",
        "prune": True,
        "deletionPolicy": "Orphan",
        "sourceRef": {"kind": "GitRepository", "name": "homelab-k8s2"},
        "decryption": {"provider": "sops"},
        "targetNamespace": "load",
        "namePrefix": f"{name}-",
    }
    metadata = {"name": name, "namespace": "flux-system", "labels": {"load": "yes"}}
    return {"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "metadata": metadata, "spec": spec}


def _make(stack: RunningStack, size: str, numbers: range) -> None:
    with stack.cluster.kube as kube:
        for number in numbers:
            kube.post(KUSTOMIZATIONS, _body(f"{size}-{number}"))


def _ask(stack: RunningStack, size: str, amount: int, mark: str) -> None:
    with stack.cluster.kube as kube:
        for number in range(amount):
            annotations = {"reconcile.fluxcd.io/requestedAt": mark}
            kube.merge(f"{KUSTOMIZATIONS}/{size}-{number}", {"metadata": {"annotations": annotations}})


def _listed(stack: RunningStack) -> list[dict[str, Any]]:
    with stack.cluster.kube as kube:
        found: list[dict[str, Any]] = (kube.get(f"{KUSTOMIZATIONS}?labelSelector=load%3Dyes") or {})["items"]
    return found


def _ready(stack: RunningStack) -> int:
    def is_ready(body: dict[str, Any]) -> bool:
        conditions = body.get("status", {}).get("conditions", [])
        return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)

    return sum(is_ready(each) for each in _listed(stack))


def _handled(stack: RunningStack, mark: str) -> int:
    return sum(each.get("status", {}).get("lastHandledReconcileAt") == mark for each in _listed(stack))


def _remove(stack: RunningStack) -> None:
    with stack.cluster.kube as kube:
        for each in _listed(stack):
            kube.delete(f"{KUSTOMIZATIONS}/{each['metadata']['name']}")
    eventually(lambda: len(_listed(stack)), lambda count: count == 0, "no Kustomization of the load left", SECONDS)


def _peak(stack: RunningStack, name: str) -> int:
    """The most memory that the process had, in bytes."""
    process = StartedProcess.read(stack.cluster.home.processes / f"{name}.json")
    assert process is not None
    found = re.search(r"^VmHWM:\s+(\d+) kB$", Path(f"/proc/{process.pid}/status").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1]) * 1024
