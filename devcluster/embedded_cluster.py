"""The embedded cluster as one thing: control plane, Gitea with its repositories, and the Flux controllers once their Deployments exist."""

import re
import shutil
from pathlib import Path

from devcluster.control_plane.control_plane import ControlPlane
from devcluster.control_plane.kube_client import Credentials, Kube
from devcluster.controllers.supervisor_process import start_supervisor, stop_supervisor
from devcluster.gitea.gitea_server import GiteaServer
from devcluster.gitea.https_front import GiteaHttps
from devcluster.gitea.sample_repositories import Samples
from devcluster.machine.home import Home
from devcluster.machine.processes import StartedProcess, end
from devcluster.messages.errors import DevclusterError
from devcluster.messages.numbered_steps import NumberedSteps
from devcluster.program.pulumi_processes import pulumi_processes
from devcluster.program.shell_environment import environment
from devcluster.toolchain.build_tools import build_missing_tools, missing_tools
from devcluster.toolchain.plugins import PulumiPrograms, prepare_pulumi

START_STEPS = 5
"""How many steps `Devcluster.start` takes."""


class Devcluster:
    """One embedded cluster below one directory. `start` is idempotent and repairs; `stop` leaves nothing."""

    def __init__(self, directory: Path, name: str) -> None:
        """Describe the cluster `name` (as in its kubeconfig context `kwok-<name>`) in `directory`; nothing is started or read."""
        self.home = Home(directory=directory.absolute(), name=name)

    @property
    def control_plane(self) -> ControlPlane:
        """The API server and its companions."""
        return ControlPlane(self.home)

    @property
    def gitea(self) -> GiteaServer:
        """The Git server, package and OCI registry."""
        return GiteaServer(self.home)

    @property
    def https(self) -> GiteaHttps:
        """Gitea over HTTPS, with a private CA."""
        return GiteaHttps(self.home)

    @property
    def samples(self) -> Samples:
        """The repositories; `samples.push` makes a commit."""
        return Samples(self.home, self.gitea)

    @property
    def kube(self) -> Kube:
        """The API server as its administrator."""
        return Kube(Credentials.from_kubeconfig(self.home.kubeconfig, self.home.context))

    def start(self, steps: NumberedSteps | None = None, *, download: bool = True, samples: bool = True) -> PulumiPrograms:
        """Everything runs, with the sample repositories or with none; what is so already is left alone.

        Returns what a stack runs with: the official provider plugins where they can be had, unless `download` is off.
        """
        step = steps or NumberedSteps(START_STEPS)
        self.refuse_unusable()
        self.home.make()
        self.home.choose_ports()
        missing = len(missing_tools())
        step.begin(f"toolchain: {f'{missing} missing tools are built first' if missing else 'no tool is missing'}")
        build_missing_tools(keep_caches_until_exit=True)
        with step("control plane with one simulated node"):
            self.control_plane.start()
        with step("Gitea, and the supervisor of the Flux controllers"):
            start_supervisor(self.home)
            self.gitea.wait_until_ready()
            self.https.wait_until_ready()
        with step(f"sample repositories: {len(self.samples.repositories)}, and one chart" if samples else "Gitea's organisation"):
            self.samples.publish() if samples else self.samples.prepare_organisation()
        with step("Pulumi's CLI and provider plugins"):
            return prepare_pulumi(self.home.pulumi, download=download)

    def stop(self) -> None:
        """End every process of this cluster and remove every file of it, in whatever state they are."""
        if not self.home.directory.exists():
            return
        self.refuse_foreign()
        end(pulumi_processes(self.home))
        stop_supervisor(self.home)
        self.control_plane.stop()
        rest = [StartedProcess.read(record) for record in self.home.processes.glob("*.json")]
        end([process for process in rest if process])
        shutil.rmtree(self.home.directory)

    def environment(self) -> dict[str, str]:
        """What a shell or a test needs to work with the dev stack on this cluster: see devcluster.program.shell_environment."""
        return environment(self.home)

    def refuse_unusable(self) -> None:
        """Raise DevclusterError when no cluster can be had in this directory or on this machine; nothing is written."""
        if shutil.which("git") is None:
            raise DevclusterError(
                "git is not on PATH",
                "Gitea and the sample repositories need it.",
                f"Install git from your distribution, then: {self.home.commands.up}",
            )
        self.refuse_foreign()
        if odd := sorted(set(re.findall(r"[^\w@%+=:,./-]", str(self.home.directory)))):
            raise DevclusterError(
                f"the path {self.home.directory} contains {', '.join(map(repr, odd))}",
                "kwokctl would truncate the path there and create the cluster in another directory.",
                "Use a clone, or a directory with --home, whose path has only letters, digits and @%+=:,./-_",
            )
        recorded = self.home.recorded().get("name", self.home.name)
        if recorded != self.home.name:
            raise DevclusterError(
                f"{self.home.directory} is the home of the embedded cluster {recorded!r}, not of {self.home.name!r}",
                "One directory holds one cluster.",
                f"Choose another directory with --home, or remove that cluster: {self.home.commands.down}",
            )

    def refuse_foreign(self) -> None:
        """Raise DevclusterError when the directory holds files of another program; nothing is written."""
        if foreign := self.home.foreign:
            raise DevclusterError(
                f"{self.home.directory} contains {', '.join(foreign[:3])}, which does not belong to an embedded cluster",
                "`down` would remove it as well.",
                "Move it elsewhere, or choose another directory with --home.",
            )
