"""docs/render.md, "Continue without this program": its commands, with the real kubectl, on a cluster that the stack has set up."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from tests.e2e.lifecycle.objects import Body, figure, not_applied_by_the_stack_alone, objects_of, uids
from tests.e2e.running_stack import CLONE, RunningStack
from tests.e2e.what_flux_did import content

PAGE = (CLONE / "docs" / "render.md").read_text(encoding="utf-8")
LEAVE = re.compile(r"^```sh file=leave\.sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FORGET = re.compile(r"^pulumi (stack rm production .*)$", re.MULTILINE)
ON_THE_PAGE = "production"


def contents(objects: dict[str, Body]) -> dict[str, Body]:
    """What each object is meant to be. Annotations under pulumi.com/ say how Pulumi applies an object, and no file has them."""
    return {path: {**content(body), "metadata": without_pulumi(content(body)["metadata"])} for path, body in objects.items()}


def without_pulumi(metadata: Body) -> Body:
    """Metadata whose annotations are everybody's."""
    kept = {key: value for key, value in metadata.get("annotations", {}).items() if not key.startswith("pulumi.com/")}
    return {**metadata, "annotations": kept}


def test_what_was_rendered_and_applied_with_kubectl_changes_nothing_and_outlives_the_state(living: RunningStack, tmp_path: Path) -> None:
    living.up()
    before = objects_of(living.cluster)
    living.gitops("render", "--stack", living.name, "--output-dir", str(tmp_path / "rendered"), expect=0)
    (script,) = (each.replace(ON_THE_PAGE, living.name) for each in LEAVE.findall(PAGE))
    (forget,) = (each.replace(ON_THE_PAGE, living.name) for each in FORGET.findall(PAGE))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    left = subprocess.run(
        ["sh", "-euc", script],
        cwd=tmp_path, env={**os.environ, **living.environment, "PATH": path}, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip

    assert left.returncode == 0, left.stderr
    applied = left.stdout.splitlines()
    secrets = [each for each in before if "/secrets/" in each]
    figure(f"way out: {len(applied)} objects applied by kubectl, {len(secrets)} Secrets left as they are")
    assert all(line.endswith(" serverside-applied") for line in applied), left.stdout
    assert len(applied) == len(before) - len(secrets)
    after = objects_of(living.cluster)
    assert uids(after) == uids(before)
    changed = [path for path, body in contents(after).items() if body != contents(before)[path]]
    assert changed == []
    assert not_applied_by_the_stack_alone(after) == {}
    living.preview("--expect-no-changes")
    drifted = [line for line in living.gitops("drift", "--stack", living.name).printed.splitlines() if line.startswith("  ")]
    assert [line for line in drifted if not (line.startswith("  metadata.annotations") and "pulumi.com/" in line)] == []

    living.pulumi(*shlex.split(forget), "--yes")

    assert uids(objects_of(living.cluster)) == uids(before)
    living.pulumi("stack", "init", living.name)  # the other scenarios go on with this stack
    living.up()
    assert uids(objects_of(living.cluster)) == uids(before), "and there is a way back"
