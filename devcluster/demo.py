"""`make demo`: from nothing, or from wherever the last run stopped, to a cluster in which Flux reports everything ready."""

import fcntl
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from devcluster.cluster import Devcluster
from devcluster.gitea.encrypted_files import EncryptedFiles
from devcluster.machine.home import LOCK, SERVERS
from devcluster.machine.processes import StartedProcess
from devcluster.messages.errors import DevclusterError
from devcluster.messages.progress import duration, step
from devcluster.program.checking import check_repositories
from devcluster.program.environment import git_login, plain, secret_files, shell_lines
from devcluster.program.pulumi_stack import CLONE, STACK, PulumiStack
from devcluster.program.reconciling import wait_until_synced
from gitops.status.row import StatusRow
from gitops.status.table import print_table

DEMO = CLONE / ".demo"
NAME = "gitops-demo"
NEXT = """
Try next:  eval "$(make -s env)"; then gitops status, pulumi preview, kubectl get gitrepositories -A
           git clone "$GITOPS_DEV_GITEA_HTTP/argo"; then change a file, git push, and gitops status within a minute
To stop:   make demo-down"""


def demo(directory: Path) -> Devcluster:
    """The demo's cluster."""
    return Devcluster(directory, NAME)


def up(directory: Path) -> None:
    """Everything up to date and ready, with a table at the end."""
    cluster = demo(directory)
    cluster.refuse_unusable()
    with _alone(cluster):
        programs = cluster.start()
        _say(f"  {programs.description}")
        stack = PulumiStack(cluster.home, cluster.environment())
        with step(f"pulumi up of stack {STACK}"), cluster.kube as kube:
            changed = stack.up(kube)
        _say(f"  {changed}")
        with step("secrets encrypted with sops for the cluster's key, and pushed"):
            recipients = sorted(stack.output("ageRecipients").values())
            EncryptedFiles(cluster.home, cluster.samples).publish(recipients)
        started = time.monotonic()
        with cluster.kube as kube:
            rows = wait_until_synced(cluster.home, kube, cluster.samples.outdated_commits())
        _say(f"  Flux reports everything ready: after {duration(time.monotonic() - started)}")
        show(rows, cluster.environment())


def show(rows: Sequence[StatusRow], environment: Mapping[str, str]) -> None:
    """What Flux made of it, after a check of the repositories; a check that cannot be run is told below the table."""
    try:
        _say(f"  {check_repositories(environment)}\n")
    finally:
        print_table(rows, Console())
    print(NEXT)


def down(directory: Path) -> None:
    """Every process and every file gone."""
    if not directory.is_dir():
        _say(f"  there is nothing to remove: {directory} does not exist")
        return
    cluster = demo(directory)
    cluster.refuse_foreign()
    with _alone(cluster), step("ending the demo's processes and removing its files"):
        cluster.stop()


def env(directory: Path) -> list[str]:
    """The shell lines of the running demo's environment."""
    cluster = running(directory)
    return shell_lines(plain(cluster.home) | git_login(cluster.home), secret_files(cluster.home))


def running(directory: Path) -> Devcluster:
    """The demo's cluster. Raises DevclusterError when it does not run."""
    cluster = demo(directory)
    if not cluster.home.recorded():
        raise DevclusterError(f"there is no demo in {directory}, so it has no environment. To start it: make demo")
    if not set(SERVERS) <= set(cluster.home.recorded().get("ports", {})):
        raise DevclusterError(
            f"the demo in {directory} was started by another version and lacks a server of this one. To add it: make demo"
        )
    if not cluster.control_plane.is_running:
        raise DevclusterError(f"the demo in {directory} does not run (its machine was restarted, perhaps). To start it again: make demo")
    return cluster


@contextmanager
def _alone(cluster: Devcluster) -> Iterator[None]:
    cluster.home.directory.mkdir(parents=True, exist_ok=True)
    with (cluster.home.directory / LOCK).open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            raise DevclusterError(
                f"process {handle.read().strip() or 'unknown'} works on {cluster.home.directory}; two would undo each other's work.\n"
                f"Wait for it, or end it with Ctrl-C where it runs, then try again."
            ) from None
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield


def processes(cluster: Devcluster) -> dict[str, int | None]:
    """Name of each process on record → its pid, None when it does not run."""
    found = {record.stem: StartedProcess.read(record) for record in sorted(cluster.home.processes.glob("*.json"))}
    return {name: identity.pid if identity and identity.alive else None for name, identity in found.items()}


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
