"""The steps of the workflows for pull requests: what they show of one, and what they say if they cannot."""

import json
import sys
from pathlib import Path

import httpx
import pytest

from tests.any_server import Answer, Request, any_server
from tests.gitops.comment.forge_double import ForgeDouble
from tests.gitops.workflow_job import FASTER, SECRETS, TOKEN, Job, Repository, double, git


def compared(job: Job, token: str) -> dict[str, int]:
    """What `compare.yaml` makes of the pull request as it is now."""
    if not (job.workspace / ".venv").exists():
        (job.workspace / ".venv").symlink_to(Path(sys.prefix), target_is_directory=True)
    return job.run("compare.yaml", {"github.token": token, "github.event.pull_request.number": "7"}, leave_out=("Install",))


@pytest.mark.thorough
def test_compare_tells_of_a_fork_in_the_summary_and_runs_nothing_of_it(tmp_path: Path) -> None:
    hostile, repository = tmp_path / "was-run", Repository(tmp_path, "https://git.test")
    (repository.work / "gitops" / "cli.py").write_text(f"open({str(hostile)!r}, 'w')\n")
    (repository.work / f"$(touch {hostile.name})`touch {hostile.name}`.yaml").write_text("a: b\n")
    repository.pushed("catalog.yaml", *FASTER, message=f"$(touch {hostile}) @everyone")
    job = Job(tmp_path, {**repository.variables, "GITHUB_HEAD_REF": f"$(touch {hostile})"})

    assert [*compared(job, "").values()] == [0, 0, 0]

    assert "`interval` `15m` → `10m`" in (tmp_path / "summary").read_text()
    assert not hostile.exists()
    assert not (job.workspace / hostile.name).exists()
    assert "was-run" not in (job.workspace / "gitops" / "cli.py").read_text(), "the target branch is what is installed"


@pytest.mark.thorough
def test_three_pushes_have_one_comment_with_the_state_after_the_last(tmp_path: Path) -> None:
    double = ForgeDouble("gitea")

    def answered(request: Request) -> Answer:
        said = double(httpx.Request(request.method, f"https://git.test{request.path}", content=request.body))
        return Answer(status=said.status_code, headers={"Content-Type": "application/json"}, body=said.read())

    with any_server(answered) as forge:
        repository = Repository(tmp_path, f"http://{forge.address}")
        job = Job(tmp_path, {**repository.variables, "GITEA_ACTIONS": "true"})
        seen = []
        for file, old, new in (
            ("catalog.yaml", *FASTER),
            ("Pulumi.production.yaml", "storage,", "storrage,"),
            ("catalog.yaml", *FASTER[::-1]),
        ):
            repository.pushed(file, old, new)
            seen.append(([*compared(job, TOKEN).values()], *double.bodies()))

    assert [codes for codes, *_ in seen] == [[0, 0, 0], [0, 1, 0], [0, 1, 0]]
    (_, first), (_, second), (_, third) = seen
    assert "`15m` → `10m`" in first
    assert "storrage" in second
    assert ("storrage" in third, "10m" in third) == (True, False)
    assert not (tmp_path / "summary").exists()


@pytest.mark.thorough
def test_preview_shows_what_the_state_adds_and_says_so_if_there_is_no_preview(tmp_path: Path) -> None:
    repository = Repository(tmp_path, "https://git.test")
    repository.pushed("catalog.yaml", *FASTER)
    gone = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "old", "namespace": "flux-system"}}
    state = {"type": "kubernetes:core/v1:ConfigMap", "inputs": gone}
    steps = [{"op": "delete", "urn": "urn:pulumi:production::gitops::kubernetes:core/v1:ConfigMap::old", "oldState": state}]
    job, asked = double(tmp_path, {**repository.variables, "PREVIEWED": json.dumps({"steps": steps}), "PREVIEW": "0"}, at="unused")
    (job.workspace / ".venv").symlink_to(Path(sys.prefix), target_is_directory=True)
    head = {"github.event.pull_request.head.sha": git("rev-parse", "HEAD", at=repository.work)}
    of_a_reader = {**SECRETS, **head, "github.token": ""}

    first = job.run("preview.yaml", of_a_reader, leave_out=("Install",))
    shown = (tmp_path / "summary").read_text()
    for file in (tmp_path / "summary", job.temporary / "compare.md"):  # each job begins without them
        file.unlink()
    failing = {"PREVIEW": "1", "PREVIEWED": '{\n    "diagnostics": [\n        {\n            "message": "no such passphrase",\n'}
    job.environment |= failing
    second = job.run("preview.yaml", of_a_reader, leave_out=("Install",))

    assert first == {"Check out the commit that was approved": 0, "Preview": 0, "Compare": 0, "Comment": 0}
    assert "`interval` `15m` → `10m`" in shown
    assert "flux-system/old" in shown.partition("applied with it**")[2]
    assert second == {"Check out the commit that was approved": 0, "Preview": 1, "Comment": 0}
    assert (tmp_path / "summary").read_text() == "The last commit could not be previewed: the log of the job says why.\n"
    assert [line.split()[:4] for line in asked().splitlines()] == [["pulumi", "preview", "--stack", "production"]] * 2
    assert (tmp_path / "read").read_text() == f"600\n{TOKEN}\n" * 2
    assert not (job.temporary / "kubeconfig").exists()


PULL_REQUEST_WORKFLOWS = {
    "compare.yaml": (".", "compared", ("Fetch both sides, and check out the target branch", "Install")),
    "synced-pull-request.yaml": ("stacks", "compared", ("Fetch both sides, and the stacks", "Install")),
    "preview.yaml": (".", "previewed", ("Check out the commit that was approved", "Install")),
}
"""Where gitops is installed, what could not be done, and the steps before it."""


@pytest.mark.parametrize("name", PULL_REQUEST_WORKFLOWS)
@pytest.mark.parametrize(("code", "text"), [(0, "### Nothing changes\n"), (1, "### 1 stack refused\n"), (2, "")])
def test_what_cannot_be_compared_replaces_the_comment_of_the_commit_before(code: int, text: str, name: str, tmp_path: Path) -> None:
    folder, what, before = PULL_REQUEST_WORKFLOWS[name]
    job, _ = double(tmp_path, {"COMPARED": text, "COMPARE": str(code), "PREVIEWED": "{}", "PREVIEW": "0"}, at=folder)
    (job.workspace / "changes").mkdir()
    (tmp_path / "bin" / "git").write_text("#!/bin/sh\necho base\n")
    (tmp_path / "bin" / "git").chmod(0o755)

    ended = job.run(name, SECRETS, leave_out=before)

    assert {step: ended[step] for step in ("Compare", "Comment")} == {"Compare": code, "Comment": 0}
    assert (tmp_path / "told").read_text() == (text or f"The last commit could not be {what}: the log of the job says why.\n")


@pytest.mark.parametrize("name", PULL_REQUEST_WORKFLOWS)
def test_without_the_program_no_comment_is_tried(name: str, tmp_path: Path) -> None:
    folder, _, (checkout, install) = PULL_REQUEST_WORKFLOWS[name]
    job, _ = double(tmp_path, {}, at=folder)

    ended = job.run(name, SECRETS, leave_out=(checkout,))

    assert list(ended) == [install]
    assert ended[install] != 0, "requirements/install.py is not there"
