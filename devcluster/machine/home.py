"""Where everything of one embedded cluster lies: below one directory, so that removing it removes all."""

import json
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devcluster.messages.errors import DevclusterError
from devcluster.messages.shell_commands import ShellCommands
from flux.atomic_write import UNFINISHED, write_atomically

LOOPBACK = "127.0.0.1"
LOCK = "demo.lock"
IGNORED = ".gitignore"
"""Keeps a home that lies in a repository, with its keys and tokens, out of `git add --all`."""
FOLDERS = ("logs", "secrets", "processes", "gitea", "controllers", "kwok", "pulumi", "state", "checked", "tmp")
SERVERS = (
    *("etcd", "etcd-peer", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"),
    "gitea-http",
    "gitea-https",
    "gitea-ssh",
    "source-controller-storage",
    "notification-controller-events",
    "notification-controller-receiver",
    *(f"{name}-controller-{kind}" for name in ("source", "kustomize", "helm", "notification") for kind in ("metrics", "health")),
)


@dataclass(frozen=True, kw_only=True)
class Home:
    """Paths and ports of the embedded cluster `name` in `directory`. Holds no secret itself."""

    directory: Path
    name: str

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig, mode 600."""
        return self.directory / "kubeconfig"

    @property
    def context(self) -> str:
        """The context of `kubeconfig`."""
        return f"kwok-{self.name}"

    @property
    def logs(self) -> Path:
        """One file for each process."""
        return self.directory / "logs"

    @property
    def secrets(self) -> Path:
        """Generated keys, tokens and plain demo values; mode 700, each file 600."""
        return self.directory / "secrets"

    @property
    def processes(self) -> Path:
        """One record (pid and start time) for each process that runs for this cluster."""
        return self.directory / "processes"

    @property
    def commands(self) -> ShellCommands:
        """How a person calls the commands of this cluster."""
        return ShellCommands(self.directory)

    @property
    def pulumi(self) -> Path:
        """PULUMI_HOME of whatever runs a stack on this cluster."""
        return self.directory / "pulumi"

    @property
    def check_record(self) -> Path:
        """What `gitops check` saw of the repositories."""
        return self.directory / "checked" / "dev.yaml"

    @property
    def foreign(self) -> list[str]:
        """What lies in the directory and is nothing of a cluster's; such a directory is not to be removed."""
        there = {path.name for path in self.directory.iterdir()} if self.directory.is_dir() else set()
        ours = {*FOLDERS, "kubeconfig", "cluster.json", LOCK, IGNORED}
        return sorted(name for name in there if UNFINISHED.sub(r"\1", name) not in ours)

    def make(self) -> None:
        """Create the directories; those that hold secrets for this user alone."""
        for folder in FOLDERS:
            (self.directory / folder).mkdir(parents=True, exist_ok=True)
        for private in (self.directory, self.secrets):
            private.chmod(0o700)
        (self.directory / IGNORED).write_text("*\n")

    def recorded(self) -> dict[str, Any]:
        """What `cluster.json` says; empty before the first start. Raises DevclusterError when it cannot be understood."""
        file = self.directory / "cluster.json"
        try:
            found = json.loads(file.read_text())
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise self._unreadable(str(error)) from error
        if not isinstance(found, dict):
            raise self._unreadable("it holds no object")
        return found

    def record(self, **facts: Any) -> None:
        """Merge `facts` into `cluster.json`, in one rename."""
        write_atomically(self.directory / "cluster.json", json.dumps(self.recorded() | facts, indent=2, sort_keys=True) + "\n")

    def port(self, server: str) -> int:
        """The port of `server`, the same for as long as this home exists."""
        return int(self.recorded()["ports"][server])

    def choose_ports(self) -> None:
        """Give each server that has none a free port and record it."""
        known: dict[str, int] = self.recorded().get("ports", {})
        missing = [server for server in SERVERS if server not in known]
        if missing:
            self.record(name=self.name, ports=known | dict(zip(missing, free_ports(len(missing)), strict=True)))

    def _unreadable(self, reason: str) -> DevclusterError:
        return DevclusterError(
            f"{self.directory / 'cluster.json'} cannot be read ({reason})",
            "The ports of this cluster are unknown without it.",
            f"To start over: {self.commands.start_over}",
        )


def free_ports(count: int) -> list[int]:
    """`count` different ports that nothing listens on."""
    # Held open together, or the kernel could give one port twice.
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind((LOOPBACK, 0))
        return [int(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()
