"""A second stack for a cluster is refused before it creates anything."""

import json
import time
from pathlib import Path

from tests.e2e.lifecycle.objects import figure, objects_of
from tests.e2e.running_stack import RunningStack, changed_stack_file


def versions(stack: RunningStack) -> dict[str, str]:
    """What would show that somebody wrote to an object of the first stack; controllers write to others."""
    quiet = ("/namespaces/", "/serviceaccounts/", "/clusterroles/", "/secrets/", "/customresourcedefinitions/", "/networkpolicies/")
    found = objects_of(stack.cluster)
    return {path: body["metadata"]["resourceVersion"] for path, body in found.items() if any(part in path for part in quiet)}


def test_it_is_refused_and_the_preview_says_so(living: RunningStack, tmp_path: Path) -> None:
    second = RunningStack(living.cluster, living.environment, "second")
    second.pulumi("stack", "init", second.name)
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
    living.preview("--expect-no-changes", expect=None)
    second.pulumi("stack", "rm", second.name, "--yes", "--preserve-config")
