"""A real Kubernetes control plane as host processes, with one simulated node: kwokctl's binary runtime on loopback."""

import os
import ssl
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import httpx
import yaml

from devcluster.control_plane.kube_client import Credentials
from devcluster.machine.home import LOOPBACK, Home
from devcluster.machine.processes import StartedProcess, end
from devcluster.messages.errors import DevclusterError, last_lines
from devcluster.toolchain.build_tools import entry
from devcluster.toolchain.tool import load_tool
from flux.atomic_write import write_atomically

PROGRAMS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok-controller")
READY_SECONDS = 90
NODE_LEASE_SECONDS = 2
"""Of which kwokctl makes five times as many. A kwok that ends keeps the node's lease, and until that is over, the pods of the next one
neither start nor end: 200 s by default."""


class ControlPlane:
    """The control plane of one home. `start` brings back whatever part of it does not run."""

    def __init__(self, home: Home) -> None:
        """Describe the control plane of `home`, whose ports are chosen already."""
        self.home = home
        self._kwok = entry(load_tool("kwok")) / "bin"
        self._directory = home.directory / "kwok" / "clusters" / home.name

    @property
    def server(self) -> str:
        """Where the API server answers."""
        return f"https://{LOOPBACK}:{self.home.port('kube-apiserver')}"

    @property
    def is_running(self) -> bool:
        """Whether each of its processes runs and the API server says that it is ready."""
        return all(record.alive for record in self._records()) and len(self._records()) == len(PROGRAMS) and self._serves()

    def start(self) -> None:
        """Create it, or start those of its processes that do not run; returns when it is ready. Nothing happens when it is."""
        if self.is_running:
            return
        self._forget_the_dead()
        if self.home.kubeconfig.exists() and (self._directory / "kwok.yaml").exists():
            self._kwokctl("start", "cluster", "--wait", f"{READY_SECONDS}s")
        else:
            self._create()
        self._record()
        self._wait()
        self._kwokctl("scale", "node", "--replicas", "1")

    def stop(self) -> None:
        """End its processes; what they stored stays."""
        self._record()
        # etcd last: the others would fill their logs with its absence.
        etcd = StartedProcess.read(self.home.processes / "etcd.json")
        end([record for record in self._records() if record != etcd], patience=5.0)
        end([etcd] if etcd else [], patience=5.0)
        for program in PROGRAMS:
            (self.home.processes / f"{program}.json").unlink(missing_ok=True)
            (self._directory / "pids" / f"{program}.pid").unlink(missing_ok=True)

    def _create(self) -> None:
        write_atomically(self.home.directory / "kwok" / "config.yaml", yaml.safe_dump(self._configuration()))
        if self._directory.exists():  # left by a start that was killed: it has no kubeconfig, so it was never used
            self.stop()
            self._kwokctl("delete", "cluster", "--kubeconfig", str(self.home.kubeconfig))
        self._kwokctl(
            "create", "cluster", "--runtime", "binary", "--config", str(self.home.directory / "kwok" / "config.yaml"),
            "--kubeconfig", str(self._kubeconfig_in_the_making), "--wait", f"{READY_SECONDS}s",
        )  # fmt: skip
        made = Credentials.from_kubeconfig(self._kubeconfig_in_the_making, self.home.context)
        self._kubeconfig_in_the_making.unlink()
        write_atomically(self.home.kubeconfig, made.kubeconfig(self.home.context), mode=0o600)

    @property
    def _kubeconfig_in_the_making(self) -> Path:
        return self.home.directory / "kwok" / "kubeconfig"

    def _configuration(self) -> dict[str, object]:
        kubernetes = entry(load_tool("kubernetes")) / "bin"
        options = {
            # The default is every interface, and etcd asks for no password.
            "bindAddress": LOOPBACK,
            "kubeApiserverBinary": str(kubernetes / "kube-apiserver"),
            "kubeControllerManagerBinary": str(kubernetes / "kube-controller-manager"),
            "kubeSchedulerBinary": str(kubernetes / "kube-scheduler"),
            "etcdBinary": str(entry(load_tool("etcd")) / "bin" / "etcd"),
            "kwokControllerBinary": str(self._kwok / "kwok"),
            "etcdPort": self.home.port("etcd"),
            "etcdPeerPort": self.home.port("etcd-peer"),
            "kubeApiserverPort": self.home.port("kube-apiserver"),
            "kubeControllerManagerPort": self.home.port("kube-controller-manager"),
            "kubeSchedulerPort": self.home.port("kube-scheduler"),
            "kwokControllerPort": self.home.port("kwok"),
            "nodeLeaseDurationSeconds": NODE_LEASE_SECONDS,
        }
        return {"apiVersion": "config.kwok.x-k8s.io/v1alpha1", "kind": "KwokctlConfiguration", "options": options}

    def _kwokctl(self, *arguments: str) -> None:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home.directory / "kwok"),
            "KWOK_WORKDIR": str(self.home.directory / "kwok"),
            "TMPDIR": str(self.home.directory / "tmp"),
            "NO_PROXY": LOOPBACK,
        }
        log = self.home.logs / "kwokctl.log"
        with log.open("ab") as output:
            command = [str(self._kwok / "kwokctl"), "--name", self.home.name, *arguments]
            done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False)
        if done.returncode != 0:
            self._record()
            raise DevclusterError(
                f"the embedded control plane did not start: `kwokctl {' '.join(arguments[:2])}` exited with {done.returncode}",
                "There is no cluster to work on.",
                f"See {log} and {self._directory / 'logs'}. To start over: {self.home.commands.start_over}",
                said=last_lines(log.read_text(errors="replace"), 5),
            )

    def _forget_the_dead(self) -> None:
        # After a reboot a pid in kwokctl's files may belong to somebody else's process, which kwokctl would take for its own.
        for program in PROGRAMS:
            recorded = StartedProcess.read(self.home.processes / f"{program}.json")
            if not (recorded and recorded.alive):
                (self._directory / "pids" / f"{program}.pid").unlink(missing_ok=True)

    def _record(self) -> None:
        for program in PROGRAMS:
            try:
                pid = int((self._directory / "pids" / f"{program}.pid").read_text())
            except (FileNotFoundError, ValueError):
                continue
            process = StartedProcess.of(pid)
            if process and self._is_ours(pid):
                process.write(self.home.processes / f"{program}.json")

    def _is_ours(self, pid: int) -> bool:
        try:
            return Path(f"/proc/{pid}/cwd").resolve() == self._directory.resolve()
        except OSError:
            return False

    def _records(self) -> Sequence[StartedProcess]:
        found = [StartedProcess.read(self.home.processes / f"{program}.json") for program in PROGRAMS]
        return [process for process in found if process]

    def _serves(self) -> bool:
        try:
            credentials = Credentials.from_kubeconfig(self.home.kubeconfig, self.home.context)
            with credentials.client(timeout=2.0) as client:
                return client.get("/readyz").is_success
        except (httpx.HTTPError, OSError, ssl.SSLError, LookupError):
            return False

    def _wait(self) -> None:
        until = time.monotonic() + READY_SECONDS
        while not self._serves():
            if time.monotonic() > until:
                raise DevclusterError(
                    f"the API server at {self.server} is not ready after {READY_SECONDS} s",
                    "Nothing can be installed.",
                    f"Its log says why: {self._directory / 'logs' / 'kube-apiserver.log'}. To start over: {self.home.commands.start_over}",
                )
            time.sleep(0.2)
