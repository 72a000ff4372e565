"""`up`, `gitops up --fast` and `destroy`, killed at a random moment, are mended by one plain `up`. Nothing that Flux applied is lost.

GITOPS_TEST_KILLS says how many kills there are: five in `make test`, fifty in `make soak`.
"""

import contextlib
import os
import random
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from devcluster.gitea.encrypted_files import EncryptedFiles
from tests.e2e.lifecycle.objects import figure, objects_of
from tests.e2e.running_stack import CLONE, RunningStack, changed_stack_file, eventually

KILLS = int(os.environ.get("GITOPS_TEST_KILLS", "5"))
QUIET = ("--yes", "--skip-preview", "--non-interactive", "--color", "never")
FAST = {"PULUMI_EXPERIMENTAL": "true", "PULUMI_SKIP_CHECKPOINTS": "true"}
"""What `gitops up --fast` sets."""
KINDS = ("up", "up --fast", "destroy")


@dataclass(frozen=True, kw_only=True)
class Synced:
    """A stack that keeps its workloads on destroy, and what Flux applied."""

    stack: RunningStack
    file: str
    own: frozenset[str]
    """Everything that the stack makes."""
    workloads: dict[str, str]
    """Object that Flux applied → uid."""


@pytest.fixture(scope="module")
def synced_once(living: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Synced:
    """The stack, with all that Flux applies, before the first kill."""
    file = changed_stack_file(tmp_path_factory.mktemp("kept"), onDestroy="keepWorkloads")
    living.up("--config-file", file)
    EncryptedFiles(living.cluster.home, living.cluster.samples).publish(sorted(living.output("ageRecipients").values()))
    workloads = eventually(lambda: applied(living), lambda found: len(found) == len(WORKLOADS), "what Flux applies")
    return Synced(stack=living, file=file, own=frozenset(objects_of(living.cluster)), workloads=workloads)


WORKLOADS = (
    "/apis/apps/v1/namespaces/observability/deployments/gatus",
    "/apis/apps/v1/namespaces/observability/deployments/ntfy",
    "/apis/apps/v1/namespaces/ai-ml/deployments/milvus",
    "/apis/argoproj.io/v1alpha1/namespaces/argo/workflowtemplates/document-ingestion",
)


def stays(path: str) -> bool:
    """What keepWorkloads leaves in the cluster."""
    return "customresourcedefinitions" in path or path == "/api/v1/namespaces/flux-system"


def applied(stack: RunningStack) -> dict[str, str]:
    with stack.cluster.kube as kube:
        return {path: found["metadata"]["uid"] for path in WORKLOADS if (found := kube.get(path))}


def killed(stack: RunningStack, command: Sequence[str], environment: dict[str, str], enough: int, seconds: float, *, falling: bool) -> int:
    """Start it in a process group of its own, and end all of it with SIGKILL `seconds` after so many objects are there."""
    running = subprocess.Popen(
        command,
        cwd=CLONE,
        env={**os.environ, **stack.environment, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    while running.poll() is None and (len(objects_of(stack.cluster)) > enough) == falling:
        time.sleep(0.05)
    with contextlib.suppress(subprocess.TimeoutExpired):
        running.wait(seconds)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(running.pid, signal.SIGKILL)
    return running.wait()


def without_empty_attributes(stack: RunningStack) -> int:
    """What the runbook says of `failed to load checkpoint: EOF`: the file backend writes the attributes of a state in two steps."""
    broken = [file for file in (Path(stack.cluster.home.directory) / "state").rglob("*.attrs") if file.stat().st_size == 0]
    for file in broken:
        file.unlink()
    return len(broken)


@pytest.mark.parametrize("number", range(KILLS))
def test_the_next_up_converges(synced_once: Synced, number: int) -> None:
    stack, kind = synced_once.stack, KINDS[number % len(KINDS)]
    options = ("--stack", stack.name, *QUIET, "--config-file", synced_once.file)
    destroys = kind == "destroy"
    if destroys:
        stack.up("--config-file", synced_once.file)
    else:
        stack.pulumi("destroy", *options)
    staying = len([path for path in synced_once.own if stays(path)])
    enough, moment = random.randint(staying + 1, len(synced_once.own) - 1), random.uniform(0.0, 0.5)  # noqa: S311 (moments, no secrets)

    command = ["pulumi", "destroy" if destroys else "up", *options]
    code = killed(stack, command, FAST if kind == "up --fast" else {}, enough, moment, falling=destroys)
    there, workloads = len(objects_of(stack.cluster)), applied(stack)
    mended = without_empty_attributes(stack)
    stack.pulumi("cancel", "--stack", stack.name, "--yes", expect=None)
    started = time.monotonic()
    done = stack.up("--config-file", synced_once.file, expect=None)
    seconds = time.monotonic() - started

    assert done.code == 0, done.printed
    lost = synced_once.own - set(objects_of(stack.cluster))
    gone = [path for path, uid in synced_once.workloads.items() if workloads.get(path) != uid or applied(stack).get(path) != uid]
    state = "a broken state" if mended else "a whole state"
    moment_told = f"{moment:.1f} s after {enough} of {len(synced_once.own)} objects ({there} there, exit {code}, {state})"
    lost_told = f"{len(lost)} objects lost, {len(gone)} synced objects lost or made anew"
    figure(f"kill {number + 1} of {kind}: {moment_told}: {lost_told}, {seconds:.1f} s to converged")
    assert lost == set()
    assert gone == []
    stack.preview("--expect-no-changes", "--config-file", synced_once.file)
