"""The embedded cluster as one thing: control plane, Gitea with its samples, and the Flux controllers once their Deployments are there."""

import re
import shutil
from pathlib import Path

from devcluster.control_plane.control_plane import ControlPlane
from devcluster.control_plane.kube import Credentials, Kube
from devcluster.controllers.background import start_supervisor, stop_supervisor
from devcluster.gitea.https import GiteaHttps
from devcluster.gitea.samples import Samples
from devcluster.gitea.server import Gitea
from devcluster.machine.home import Home
from devcluster.machine.processes import StartedProcess, end
from devcluster.messages.errors import DevclusterError
from devcluster.messages.progress import step
from devcluster.program.environment import environment
from devcluster.toolchain.build import build_missing_tools
from devcluster.toolchain.plugins import PulumiPrograms, prepare_pulumi


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
    def gitea(self) -> Gitea:
        """The Git server, package and OCI registry."""
        return Gitea(self.home)

    @property
    def samples(self) -> Samples:
        """The repositories; `samples.push` makes a commit."""
        return Samples(self.home, self.gitea)

    @property
    def kube(self) -> Kube:
        """The API server as its administrator."""
        return Kube(Credentials.from_kubeconfig(self.home.kubeconfig, self.home.context))

    def start(self, *, download: bool = True) -> PulumiPrograms:
        """Everything runs and the sample repositories are there; what is so already is left alone.

        Returns what a stack runs with: the official provider plugins where they can be had, unless `download` is off.
        """
        self.refuse_unusable()
        self.home.make()
        self.home.choose_ports()
        build_missing_tools()
        with step("control plane with one simulated node"):
            self.control_plane.start()
        with step("Gitea, and the supervisor of the Flux controllers"):
            start_supervisor(self.home)
            self.gitea.wait_until_ready()
            GiteaHttps(self.home).wait_until_ready()
        with step(f"sample repositories: {len(self.samples.repositories)}, and one chart"):
            self.samples.publish()
        with step("Pulumi's CLI and provider plugins"):
            return prepare_pulumi(self.home.directory / "pulumi", download=download)

    def stop(self) -> None:
        """End every process of this cluster and remove every file of it, in whatever state they are."""
        if not self.home.directory.exists():
            return
        self.refuse_foreign()
        stop_supervisor(self.home)
        self.control_plane.stop()
        rest = [StartedProcess.read(record) for record in self.home.processes.glob("*.json")]
        end([identity for identity in rest if identity])
        shutil.rmtree(self.home.directory)

    def environment(self) -> dict[str, str]:
        """What a shell or a test needs to work with this cluster: see devcluster.program.environment."""
        return environment(self.home)

    def refuse_unusable(self) -> None:
        """Raise DevclusterError when no cluster can be had in this directory or on this machine; nothing is written."""
        if shutil.which("git") is None:
            raise DevclusterError(
                "there is no git on PATH; Gitea and the sample repositories need it.\nInstall git from your distribution, then: make demo"
            )
        self.refuse_foreign()
        if odd := sorted(set(re.findall(r"[^\w@%+=:,./-]", str(self.home.directory)))):
            raise DevclusterError(
                f"the path {self.home.directory} holds {', '.join(map(repr, odd))}, at which kwokctl would cut it off "
                f"and put the cluster elsewhere.\n"
                f"Use a clone, or with --home a directory, whose path has letters, digits and the like only."
            )
        recorded = self.home.recorded().get("name", self.home.name)
        if recorded != self.home.name:
            raise DevclusterError(
                f"{self.home.directory} is the home of the embedded cluster {recorded!r}, not of {self.home.name!r}.\n"
                f"Choose another directory, or remove that cluster: make demo-down"
            )

    def refuse_foreign(self) -> None:
        """Raise DevclusterError when the directory holds somebody's files; nothing is written."""
        if foreign := self.home.foreign:
            raise DevclusterError(
                f"{self.home.directory} holds {', '.join(foreign[:3])}, which is nothing of an embedded cluster's; "
                f"`down` would remove it with the rest.\nMove it elsewhere, or choose another directory with --home."
            )
