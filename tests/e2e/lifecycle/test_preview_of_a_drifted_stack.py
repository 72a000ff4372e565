"""`gitops compare --preview` with what the real CLI writes: what had drifted is told apart from what a change does, also in one object."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.e2e.running_stack import RunningStack, own_clone
from tests.gitops.check.kustomize_trees import KUBECTL

PERSON = ("-c", "user.name=A Person", "-c", "user.email=person@example.org")
TOUCHED, DRIFTED, MERGED = "mlflow", "kubeflow", "gradio-ui"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The project, with a change that is committed, and was never applied."""
    folder = own_clone(tmp_path / "clone")
    changed(folder, MERGED, "20m")
    subprocess.run(["git", *PERSON, "commit", "--quiet", "--all", "--message", "merged"], cwd=folder, check=True)
    return folder


def changed(folder: Path, source: str, interval: str, **more: str) -> None:
    """Override a source in the stack file of the clone."""
    file = folder / "Pulumi.dev.yaml"
    text = file.read_text()
    spec = "".join(f", {key}: {value}" for key, value in more.items())
    entry = f"    git/{source}: {{spec: {{interval: {interval}{spec}}}}}\n"
    if "  gitops:override:\n" in text:
        text = text.replace("  gitops:override:\n", f"  gitops:override:\n{entry}", 1)
    else:
        text += f"  gitops:override:\n{entry}"
    file.write_text(text)


def edited(living: RunningStack, source: str) -> None:
    """As a person does it, but for the editor."""
    home = living.cluster.home
    command = [str(KUBECTL), "--kubeconfig", str(home.kubeconfig), "--context", home.context, "--namespace", "flux-system", "edit"]
    environment = {"PATH": os.environ["PATH"], "KUBE_EDITOR": "sed -i 's/^  interval: .*/  interval: 7m/'"}
    subprocess.run([*command, f"gitrepository/{source}"], env=environment, check=True, timeout=60)


def test_what_had_drifted_is_told_apart_from_what_the_change_does(living: RunningStack, clone: Path) -> None:
    living.up()
    for name in (TOUCHED, DRIFTED):
        edited(living, name)
    changed(clone, TOUCHED, "25m")
    options = ("--stack", living.name, "--non-interactive", "--color", "never", "--json")
    file = clone.parent / "preview.json"
    file.write_text(living.run("pulumi", "preview", *options, expect=0, changes={}, clone=clone).printed)
    written = json.loads(file.read_text())
    steps = {step["urn"].rpartition("::")[2]: step["op"] for step in written["steps"]}
    assert [op for name, op in steps.items() if DRIFTED in name] == ["same"], "Pulumi itself does not see it"

    found = json.loads(
        living.gitops("compare", "HEAD", "--stack", living.name, "--preview", str(file), "-o", "json", expect=0, clone=clone).printed
    )

    pending = [(each["kind"], each["text"]) for each in found["pending"]]
    assert sorted(pending) == [
        ("pending-set-back", f"pulumi up sets back what others changed in GitRepository/flux-system/{DRIFTED} (by kubectl-edit)"),
        (
            "pending-set-back",
            f"pulumi up sets back what others changed in GitRepository/flux-system/{TOUCHED} (by kubectl-edit); "
            "this change touches the same object",
        ),
        ("pending-update", f"Pulumi updates GitRepository flux-system/{MERGED}"),
    ]
    assert [each["names"] for each in found["changes"]] == [[TOUCHED]]


def test_what_was_merged_and_never_applied_is_told_of_an_object_that_the_change_touches_too(living: RunningStack, clone: Path) -> None:
    changed(clone, TOUCHED, "25m", timeout="80s")
    subprocess.run(["git", *PERSON, "commit", "--quiet", "--all", "--message", "merged, too"], cwd=clone, check=True)
    file = clone / "Pulumi.dev.yaml"
    file.write_text(file.read_text().replace("interval: 25m", "interval: 35m"))
    preview = clone.parent / "preview.json"
    options = ("--stack", living.name, "--non-interactive", "--color", "never", "--json")
    preview.write_text(living.run("pulumi", "preview", *options, expect=0, changes={}, clone=clone).printed)

    printed = living.gitops("compare", "HEAD", "--stack", living.name, "--preview", str(preview), expect=0, clone=clone).printed

    words = f"Pulumi also changes spec.interval, spec.timeout of GitRepository flux-system/{TOUCHED}: that was merged before this change"
    assert words in " ".join(printed.split())
