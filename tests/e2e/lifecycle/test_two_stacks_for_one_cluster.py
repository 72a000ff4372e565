"""A second stack for a cluster is refused before it creates anything."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.lifecycle.objects import figure, objects_of
from tests.e2e.running_stack import RunningStack, changed_stack_file


def versions(stack: RunningStack) -> dict[str, str]:
    """What would show that somebody wrote to an object of the first stack; controllers write to others."""
    quiet = ("/namespaces/", "/serviceaccounts/", "/clusterroles/", "/secrets/", "/customresourcedefinitions/", "/networkpolicies/")
    found = objects_of(stack.cluster)
    return {path: body["metadata"]["resourceVersion"] for path, body in found.items() if any(part in path for part in quiet)}


@pytest.fixture
def second(living: RunningStack) -> Iterator[RunningStack]:
    """Another stack with the same environment; `stack rm` also removes the file that `stack init` wrote for its salt."""
    made = RunningStack(living.cluster, living.environment, "second")
    made.pulumi("stack", "init", made.name)
    yield made
    made.pulumi("stack", "rm", made.name, "--yes", "--force")


def test_it_is_refused_and_the_preview_says_so(living: RunningStack, second: RunningStack, tmp_path: Path) -> None:
    file = changed_stack_file(tmp_path)
    before = versions(living)

    previewed = second.preview("--config-file", file)
    started = time.monotonic()
    refused = second.up("--config-file", file, expect=None)
    seconds = time.monotonic() - started

    assert "`pulumi up` would refuse: " in previewed.printed
    assert "belong to stack gitops.dev" in previewed.printed
    assert refused.code != 0
    told = " ".join(refused.printed.split())
    assert "exist already and belong to stack gitops.dev" in told
    assert "write gitops:takeOver: [stack/gitops.dev]" in told
    assert "1 problem; nothing was changed." in told
    state = json.loads(second.pulumi("stack", "export", "--stack", second.name).printed)
    assert [each["type"] for each in state["deployment"].get("resources", []) if each["type"] != "pulumi:pulumi:Stack"] == []
    changed = {path for path, version in before.items() if versions(living).get(path) != version}
    assert changed == set()
    figure(f"second stack: refused after {seconds:.1f} s, {len(changed)} of {len(before)} objects written")
