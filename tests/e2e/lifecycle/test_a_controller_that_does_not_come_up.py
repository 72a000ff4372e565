"""A controller that ends as soon as it starts: `gitops up` ends with the reason and its log, and the next `up` without the fault mends it.

Pulumi waits five minutes for a Deployment, so this belongs to `make soak`.
"""

import time
from pathlib import Path

import yaml

from gitops.status.row import Readiness
from tests.e2e.lifecycle.objects import figure, synced
from tests.e2e.running_stack import CLONE, RunningStack, changed_stack_file

CONTROLLER = "helm-controller"
ARGUMENT = {"op": "add", "path": "/spec/template/spec/containers/0/args/-", "value": "--watch-label-selector=(("}


def test_up_ends_with_its_reason_and_the_next_one_mends_it(living: RunningStack, tmp_path: Path) -> None:
    living.up()
    synced(living)
    flux = yaml.safe_load((CLONE / "Pulumi.dev.yaml").read_text())["config"]["gitops:flux"]
    patch = {"target": {"kind": "Deployment", "name": CONTROLLER}, "patch": [ARGUMENT]}
    file = changed_stack_file(tmp_path, flux={**flux, "patches": [*flux.get("patches", []), patch]})

    started = time.monotonic()
    options = ("--yes", "--skip-preview", "--non-interactive", "--color", "never", "--config-file", file)
    refused = living.gitops("up", "--stack", living.name, "--", *options)
    seconds = time.monotonic() - started

    assert refused.code not in (0, None)
    told = refused.printed.partition("Controllers that do not run:")[2]
    assert f"  {CONTROLLER}-" in told, refused.printed
    assert "reason: " in told
    assert "watch label selector" in told, "the end of its log"
    assert "Correct gitops:flux in the stack file" in told

    living.up()
    rows = {row.name: row for row in living.rows()}
    assert rows[CONTROLLER].ready is Readiness.YES
    living.preview("--expect-no-changes")
    figure(f"{CONTROLLER} did not come up: `gitops up` ended with the reason after {seconds:.0f} s, and the next `up` mended it")
