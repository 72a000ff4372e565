"""The types by which patches of Flux's manifests are merged and judged are those of the API server that the embedded cluster runs."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from flux.patching import kubernetes_types
from tests.e2e.running_stack import RunningStack
from tests.gather_kubernetes_types import ROOTS, gathered

KUBECTL = Path(sys.executable).with_name("kubectl")


def test_every_field_that_the_api_server_describes_is_known_with_the_way_in_which_it_is_merged(applied: RunningStack) -> None:
    command = [str(KUBECTL), "--kubeconfig", str(applied.cluster.home.kubeconfig), "get", "--raw", "/openapi/v2"]
    served = gathered(json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)["definitions"])
    known = _known()

    missing = [name for name in served if name not in known]
    assert not missing
    for name, described in served.items():
        for field, node in described.get("properties", {}).items():
            mine = known[name]["properties"].get(field)
            assert mine is not None, f"{name}.{field}"
            assert [mine.get(key) for key in ("is", "type", "strategy", "mergeKey")] == [
                node.get(key) for key in ("is", "type", "strategy", "mergeKey")
            ], f"{name}.{field}"


def _known() -> dict[str, Any]:
    assert all(kubernetes_types.type_of(kind) for kind in ROOTS)
    return dict(kubernetes_types._types())
