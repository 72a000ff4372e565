"""What the commands of any home share: which cluster it is, one command at a time, its environment, its processes, its end."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devcluster.embedded_cluster import Devcluster
from devcluster.machine.home import LOCK, SERVERS, Home
from devcluster.machine.processes import StartedProcess
from devcluster.messages.errors import DevclusterError
from devcluster.messages.numbered_steps import say
from devcluster.messages.progress import step
from devcluster.messages.shell_commands import DEMO_HOME
from devcluster.program.shell_environment import (
    DEMO_PASSPHRASE,
    git_login,
    gitea_token_files,
    of_any_stack,
    of_gitea,
    of_the_dev_stack,
    secret_files,
    shell_lines,
)

DEMO_NAME = "gitops-demo"
OF_THIS_CLUSTER_ALONE = "# GITEA_TOKEN opens this cluster's Gitea alone, and ends with it."
"""The last line, so that a shell that is given all of them as one loses nothing."""


STILL_SET = "A shell that has its environment keeps it, and what it sets is for that cluster alone: open a new shell for any other stack."
WITHOUT_THE_DEMOS_PASSPHRASE = f'[ "${{PULUMI_CONFIG_PASSPHRASE-}}" != {DEMO_PASSPHRASE} ] || unset PULUMI_CONFIG_PASSPHRASE'
"""For a cluster of one's own: a shell that had the demo's environment would encrypt with what anyone can read."""


def cluster_at(directory: Path, name: str = DEMO_NAME) -> Devcluster:
    """The cluster that lies in `directory`; one called `name` where there is none yet."""
    try:
        recorded = Home(directory=directory, name=name).recorded().get("name", name)
    except DevclusterError:  # an unreadable record; commands that need what is in it say so themselves
        recorded = name
    return Devcluster(directory, recorded)


def is_bare(home: Home) -> bool:
    """Whether this home was made by `up --bare`, so that no stack is applied to it here."""
    return bool(home.recorded().get("bare", False))


def host_name(*, bare: bool) -> str:
    """What the catalog calls Gitea: as `gitops new` writes it for a bare cluster, or as the example has it."""
    return "git" if bare else "gitea"


def running(directory: Path) -> Devcluster:
    """The cluster in `directory`. Raises DevclusterError when it does not run."""
    cluster = cluster_at(directory)
    home, up = cluster.home, cluster.home.commands.up
    if not home.recorded():
        raise DevclusterError(
            f"there is no embedded cluster in {directory}", "It has neither processes nor an environment.", _to_start_one(home)
        )
    if not set(SERVERS) <= set(home.recorded().get("ports", {})):
        raise DevclusterError(
            f"another version started the embedded cluster in {directory}", "It lacks a server of this version.", f"To add it: {up}"
        )
    if not cluster.control_plane.is_running:
        raise DevclusterError(
            f"the embedded cluster in {directory} does not run",
            "The machine may have been restarted. The cluster's data is kept.",
            f"To start it again: {up}",
        )
    return cluster


def _to_start_one(home: Home) -> str:
    """After `down` nothing says which of the two it was; the demo's own home is never bare."""
    up = home.commands.up
    return f"To start it: {up}" if home.directory == DEMO_HOME else f"To start an empty one: {up} --bare; one with the demo: {up}"


def down(directory: Path) -> None:
    """Every process and every file gone."""
    if not directory.is_dir():
        say(f"there is nothing to remove: {directory} does not exist")
        return
    cluster = cluster_at(directory)
    cluster.refuse_foreign()
    with alone(cluster), step(f"stopping every process of {directory} and removing its files"):
        cluster.stop()
    say(STILL_SET)


def env(directory: Path) -> list[str]:
    """The shell lines of the running cluster's environment: what any stack needs, Gitea, and of a demo what stack dev needs."""
    home = running(directory).home
    values, secrets = of_any_stack(home) | of_gitea(home) | git_login(home), gitea_token_files(home)
    if not is_bare(home):
        values, secrets = values | of_the_dev_stack(home), secrets | secret_files(home)
    own = [WITHOUT_THE_DEMOS_PASSPHRASE] if is_bare(home) else []
    return [*shell_lines(values, secrets), *own, OF_THIS_CLUSTER_ALONE]


def processes(cluster: Devcluster) -> dict[str, int | None]:
    """Name of each process on record → its pid, None when it does not run."""
    found = {record.stem: StartedProcess.read(record) for record in sorted(cluster.home.processes.glob("*.json"))}
    return {name: process.pid if process and process.alive else None for name, process in found.items()}


@contextmanager
def alone(cluster: Devcluster) -> Iterator[None]:
    """No other command works on this home meanwhile. Raises DevclusterError when one does."""
    cluster.home.directory.mkdir(parents=True, exist_ok=True)
    with (cluster.home.directory / LOCK).open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            raise DevclusterError(
                f"process {handle.read().strip() or 'unknown'} is using {cluster.home.directory}",
                "Two commands at once would undo each other's work.",
                "Wait for it, or stop it with Ctrl-C in its terminal, then try again.",
            ) from None
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield
