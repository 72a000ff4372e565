"""docs/how-to/destroy.md, "Afterwards, with workloads kept": its commands, with the real kubectl, after a destruction that kept them."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.e2e.lifecycle.destroy_cells import WORKLOADS, left_in
from tests.e2e.lifecycle.objects import figure, synced
from tests.e2e.running_stack import CLONE, RunningStack, changed_stack_file

PAGE = (CLONE / "docs" / "how-to" / "destroy.md").read_text(encoding="utf-8")
SCRIPT = re.compile(r"^```sh file=([\w-]+\.sh)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_what_is_left_of_flux_is_removed_by_kubectl_and_workloads_stay(living: RunningStack, tmp_path: Path) -> None:
    living.up("--config-file", changed_stack_file(tmp_path, onDestroy="keepWorkloads"))
    synced(living)
    scripts = dict(SCRIPT.findall(PAGE))

    while_it_runs = run(living, scripts["remove-flux.sh"])

    assert while_it_runs.returncode == 1
    assert "Flux still runs" in while_it_runs.stderr
    before = left_in(living)
    assert before.workloads.keys() == WORKLOADS.keys()
    assert before.helm_releases > 0

    living.gitops("destroy", "--stack", living.name, "--yes", "--keep-workloads")
    assert left_in(living).helm_releases == before.helm_releases
    looked, removed = (run(living, scripts[name]) for name in ("look.sh", "remove-flux.sh"))

    assert looked.returncode == 0, looked.stderr
    assert removed.returncode == 0, removed.stderr
    left = left_in(living)
    figure(f"removed by kubectl: {len(removed.stdout.splitlines())} lines; {left}")
    assert left.workloads == before.workloads, "nothing was pruned or uninstalled"
    assert (left.definitions, left.helm_releases, left.of_the_stack) == (0, 0, [])
    with living.cluster.kube as kube:
        assert kube.get("/api/v1/namespaces/flux-system") is None
    living.up()  # the other scenarios go on with this stack
    synced(living)


def run(stack: RunningStack, script: str) -> "subprocess.CompletedProcess[str]":
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["sh", "-euc", script],
        env={**os.environ, **stack.environment, "PATH": path}, capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
