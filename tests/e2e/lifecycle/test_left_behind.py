"""An entry that leaves the stack file while Pulumi's state does not know its object: the next plain `up` removes it all the same."""

import json
import sys
import time
from pathlib import Path

from tests.e2e.lifecycle import sessions
from tests.e2e.lifecycle.objects import figure, objects_of, synced, uids
from tests.e2e.running_stack import RunningStack, changed_stack_file, clone_with, eventually

TEMPLATE = "/apis/argoproj.io/v1alpha1/namespaces/argo/workflowtemplates/document-ingestion"
"""What Kustomization argo-workflows applied."""
LEFT = ["Kustomization/argo-workflows", "GitRepository/argo-workflows", "GitRepository/kubeflow"]
"""Some of what is in groups ml and code."""


def without_them(folder: Path) -> tuple[str, str]:
    folder.mkdir()
    return "--config-file", changed_stack_file(folder, use=["base", "apps"])


def template(stack: RunningStack) -> bool:
    with stack.cluster.kube as kube:
        return kube.get(TEMPLATE) is not None


def of_them(stack: RunningStack) -> set[str]:
    """Those of them that are there."""
    return {each for each in LEFT if stack.get(*each.split("/")) is not None}


def killed(stack: RunningStack, *arguments: str, when: str) -> int:
    """`gitops up` with these arguments; every process of its session is killed once an object is there."""
    running = sessions.started([sys.executable, "-m", "gitops", "up", "--stack", stack.name, *arguments], stack.environment)
    while running.poll() is None and stack.get(*when.split("/")) is None:
        time.sleep(0.02)
    sessions.killed(running)
    return running.wait()


def urn_of_the_variables(stack: RunningStack) -> str:
    """Of ConfigMap stack-vars, which no run here changes."""
    resources = json.loads(stack.pulumi("stack", "export", "--stack", stack.name).printed)["deployment"]["resources"]
    (urn,) = [each["urn"] for each in resources if each.get("inputs", {}).get("metadata", {}).get("name") == "stack-vars"]
    return str(urn)


def test_after_a_lost_state_what_left_the_file_leaves_the_cluster_with_what_it_applied(living: RunningStack, tmp_path: Path) -> None:
    living.up()
    synced(living)
    before = objects_of(living.cluster)
    assert (of_them(living), template(living)) == (set(LEFT), True)
    living.lose_state()
    file = without_them(tmp_path / "less")

    previewed = living.preview(*file)
    assert "`pulumi up` will remove objects of this stack that are no longer in its file or in Pulumi's state: " in previewed.printed
    assert "Kustomization/argo-workflows" in previewed.printed
    assert of_them(living) == set(LEFT), "a preview removes nothing"
    started = time.monotonic()
    done = living.up(*file)
    seconds = time.monotonic() - started

    assert "Removes objects of this stack that are no longer in its file or in Pulumi's state: " in done.printed
    assert (of_them(living), template(living)) == (set(), False)
    after = objects_of(living.cluster)
    changed = [path for path, uid in uids(after).items() if uids(before).get(path) != uid]
    assert changed == []
    quiet = living.preview("--expect-no-changes", *file)
    assert "will remove" not in quiet.printed
    gone = len(before) - len(after)
    figure(f"lost state, {gone} objects left the file: all removed, {len(changed)} uids changed, {seconds:.0f} s of `up`")


def test_after_a_killed_fast_up_what_left_the_file_meanwhile_leaves_the_cluster_unless_the_run_is_limited(
    living: RunningStack, tmp_path: Path
) -> None:
    file = without_them(tmp_path / "less")
    living.up(*file)
    before = objects_of(living.cluster)

    code = killed(living, "--fast", "--", "--yes", "--skip-preview", when=LEFT[0])
    there = len(objects_of(living.cluster)) - len(before)
    assert of_them(living)
    clone = clone_with(tmp_path / "clone", file[1])
    drifted = living.gitops("drift", "--stack", living.name, expect=1, clone=clone).printed
    assert (
        f"{LEFT[0].replace('/', '/flux-system/')}\n  `pulumi up` will remove it; its spec.prune and spec.deletionPolicy decide" in drifted
    )
    assert " the mark of stack dev, but neither its file nor Pulumi's state has " in drifted
    only = ("--target", urn_of_the_variables(living), "--target-dependents")  # without it: docs/limits.md
    limited = living.gitops("up", "--stack", living.name, "--", "--yes", "--skip-preview", "--non-interactive", *only, *file, expect=0)
    assert "This run is limited by --target, --target-dependents; another `pulumi up` removes them." in " ".join(limited.printed.split())
    assert of_them(living), "a run that is limited to other objects removes nothing"
    started = time.monotonic()
    living.gitops("up", "--stack", living.name, "--", "--yes", "--skip-preview", "--non-interactive", *file, expect=0)
    seconds = time.monotonic() - started

    after = objects_of(living.cluster)
    assert of_them(living) == set()
    assert uids(after) == uids(before)
    figure(f"killed `gitops up --fast` (exit {code}), {there} objects left the file meanwhile: all removed, {seconds:.0f} s of `up`")
    living.preview("--expect-no-changes", *file)
    living.up()
    eventually(lambda: template(living), bool, "what Kustomization argo-workflows applies")
