"""The background process that runs Gitea and the Flux controllers, and follows the live Deployments."""

import base64
import fcntl
import os
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import httpx

from devcluster.control_plane.kube_client import Credentials, Kube
from devcluster.controllers.live_deployments import Deployments, Snapshot
from devcluster.controllers.pod_command import (
    CONTROLLERS,
    NAMESPACE,
    Program,
    UnsupportedPodError,
    controller_in,
    program,
    servers_of,
)
from devcluster.controllers.pod_status import PodStatus
from devcluster.controllers.service_account import make_folders, refresh_token, write_kubeconfig
from devcluster.controllers.supervised_process import TROUBLE_SECONDS, Health, SupervisedProcess, Wanted
from devcluster.gitea.gitea_server import GiteaServer
from devcluster.gitea.https_front import GiteaHttps
from devcluster.machine.home import Home, free_ports
from devcluster.machine.processes import StartedProcess, end
from devcluster.messages.errors import DevclusterError
from devcluster.toolchain.build_tools import entry
from devcluster.toolchain.tool import load_tool

TICK = 0.1
AGAIN_SECONDS = 2.0
TOKEN_REFRESH_SECONDS = 3600.0
LAST_GRACE = 5.0
TRANSIENT = (httpx.HTTPError, OSError, LookupError, ValueError, DevclusterError)
"""What an API server that is down, or an object or a file that is half there, may raise: the supervisor outlives it."""
SUPERVISED = ("gitea", "gitea-https", *CONTROLLERS)


@dataclass(frozen=True)
class Copy:
    """A copy of a controller."""

    controller: str
    ports: Mapping[str, int] = field(default_factory=dict)


class Supervisor:
    """Runs until SIGTERM, or until its home is gone; takes every process it started with it."""

    def __init__(self, home: Home) -> None:
        """Supervise `home`."""
        self.home = home
        self._record = home.processes / "supervisor.json"
        self._binaries = {name: entry(load_tool(name)) / "bin" / name for name in CONTROLLERS}
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._deployments = Deployments(self._kube, self._wake.set)
        self._seen: Snapshot | None = None
        self._decided = 0.0
        self._tokens_made = time.monotonic()
        self._programs: dict[str, Program] = {}
        self._wanted: dict[str, Wanted | None] = {}
        self._troubles: dict[str, str] = {}
        self._pods = PodStatus(self._kube, self._say, home.logs)
        self._troubled_since: dict[str, float] = {}
        self._children = {name: self._child(name) for name in SUPERVISED}
        self._copies: dict[str, Copy] = {}
        for name, server in (("gitea", GiteaServer(home)), ("gitea-https", GiteaHttps(home))):
            command, prepare = tuple(server.command), server.prepare
            self._wanted[name] = Wanted(command=command, environment=server.environment, grace=LAST_GRACE, prepare=prepare)

    def run(self) -> None:
        """Supervise. Raises DevclusterError when another supervisor runs for this home."""
        with self._alone():
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                signal.signal(number, self._stop)
            end([found for file in self._records_of_children() if (found := StartedProcess.read(file))])
            started = StartedProcess.of(os.getpid())
            if started is None:
                raise DevclusterError(
                    "/proc does not show this process", "It could not be stopped later.", "Run on Linux with /proc mounted."
                )
            started.write(self._record)
            self._deployments.start()
            self._say("started")
            try:
                # The children are started on this thread: they are told when it ends, and so never outlive it.
                while not self._stopping.is_set() and StartedProcess.read(self._record) == started:
                    self._step()
                    self._wake.wait(TICK)
                    self._wake.clear()
            finally:
                self._deployments.stop()
                self._end_children()
                if StartedProcess.read(self._record) == started:
                    self._record.unlink(missing_ok=True)
                self._say("ended")

    def _step(self) -> None:
        now = time.monotonic()
        snapshot = self._deployments.snapshot
        if snapshot is not self._seen or (self._troubles and now - self._decided > AGAIN_SECONDS):
            self._seen, self._decided = snapshot, now
            self._see_copies(snapshot)
            self._programs = {name: found for name in self._controllers if (found := self._program(name, snapshot.get(name)))}
            self._wanted |= {name: self._want(self._programs.get(name)) for name in self._controllers}
        for name, child in self._children.items():
            child.step(self._wanted.get(name))
        for name in self._controllers:
            self._pods.tell(name, snapshot.get(name), self._health(name, now), now)
        if now - self._tokens_made > TOKEN_REFRESH_SECONDS:
            self._refresh_tokens(now)

    @property
    def _controllers(self) -> list[str]:
        return [*CONTROLLERS, *self._copies]

    def _see_copies(self, snapshot: Snapshot) -> None:
        """A shard has copies of controllers, under other names. Each keeps its ports for as long as this process runs."""
        for name, deployment in snapshot.items():
            controller = controller_in(deployment)
            if controller is not None and name not in self._children:
                servers = servers_of(name, controller)
                self._copies[name] = Copy(controller, dict(zip(servers, free_ports(len(servers)), strict=True)))
                self._children[name] = self._child(name)

    def _records_of_children(self) -> list[Path]:
        """Those of an earlier supervisor, too, which may have run copies."""
        return sorted({file for name in SUPERVISED for file in self.home.processes.glob(f"{name}*.json")})

    def _program(self, name: str, deployment: Mapping[str, Any] | None) -> Program | None:
        trouble = ""
        try:
            if deployment is None:
                return None
            copied = self._copies.get(name, Copy(name))
            return program(deployment, self._binaries[copied.controller], self.home, self._lookup, copied.ports)
        except (UnsupportedPodError, *TRANSIENT, TypeError) as found:
            trouble = str(found)
            if self._troubles.get(name) != trouble:
                self._say(f"{name}: its Deployment cannot run here: {trouble}")
            return None
        finally:
            self._troubles.pop(name, None)
            if trouble:
                self._troubles[name] = trouble

    def _want(self, found: Program | None) -> Wanted | None:
        if found is None:
            return None
        return Wanted(
            command=found.command,
            environment=found.environment,
            grace=found.grace,
            prepare=lambda: self._prepare(found),
            template=found.template,
        )

    def _prepare(self, wanted: Program) -> None:
        make_folders(wanted, self.home.directory / "controllers" / wanted.name)
        with self._kube() as kube:
            write_kubeconfig(kube, self.home, wanted)

    def _health(self, name: str, now: float) -> Health | None:
        if trouble := self._troubles.get(name):
            is_lasting = now - self._troubled_since.setdefault(name, now) >= TROUBLE_SECONDS
            return Health(ready=False, trouble=trouble) if is_lasting else None
        self._troubled_since.pop(name, None)
        return self._children[name].health

    def _refresh_tokens(self, now: float) -> None:
        self._tokens_made = now
        for name, found in self._programs.items():
            try:
                with self._kube() as kube:
                    refresh_token(kube, self.home, found)
            except TRANSIENT as trouble:
                self._say(f"{name}: its token could not be renewed, the next try is in an hour: {trouble}")

    def _lookup(self, kind: str, name: str, key: str) -> str | None:
        with self._kube() as kube:
            found = kube.get(f"/api/v1/namespaces/{NAMESPACE}/{kind.lower()}s/{name}") or {}
        value: str | None = (found.get("data") or {}).get(key)
        return base64.b64decode(value).decode() if value is not None and kind == "Secret" else value

    def _kube(self) -> Kube:
        return Kube(Credentials.from_kubeconfig(self.home.kubeconfig, self.home.context))

    def _end_children(self) -> None:
        for child in self._children.values():
            child.ask_to_end(LAST_GRACE)
        while any(child.runs for child in self._children.values()):
            for child in self._children.values():
                child.step(None)
            time.sleep(0.05)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping.set()
        self._wake.set()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with (self.home.processes / "supervisor.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise DevclusterError(
                    f"a supervisor already runs for {self.home.directory}",
                    "A second one would start everything twice.",
                    f"To stop it: {self.home.commands.down}",
                ) from None
            yield

    def _child(self, name: str) -> SupervisedProcess:
        record = self.home.processes / f"{name}.json"
        return SupervisedProcess(name, directory=self.home.directory, log=self.home.logs / f"{name}.log", record=record, say=self._say)

    def _say(self, text: str) -> None:
        print(f"{time.strftime('%Y-%m-%dT%H:%M:%S')} {text}", flush=True)
