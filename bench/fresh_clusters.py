"""The directory of one benchmark, and the fresh clusters in it."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from devcluster.control_plane.control_plane import ControlPlane
from devcluster.control_plane.kube_client import Credentials
from devcluster.gitea.gitea_server import ORGANISATION
from devcluster.machine.home import Home
from devcluster.machine.ssh_keys import write_private_key
from devcluster.program.shell_environment import DEMO_PASSPHRASE, FLUX_VERSION, search_path
from devcluster.toolchain.build_tools import entry
from devcluster.toolchain.plugins import PulumiPrograms, prepare_pulumi
from devcluster.toolchain.tool import load_tool

NOWHERE = "127.0.0.1:9"
"""Where the sources point: no controller runs, so they are never fetched."""
KNOWN_HOSTS_OF_NOWHERE = "[127.0.0.1]:9 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What all contenders share: one temporary directory, one CLI, one set of provider plugins."""

    directory: Path
    programs: PulumiPrograms

    @classmethod
    @contextlib.contextmanager
    def made(cls) -> Iterator["Surroundings"]:
        """A temporary directory with the plugins, removed at the end."""
        directory = Path(tempfile.mkdtemp(prefix="gitops-bench-"))
        try:
            (directory / "tmp").mkdir()
            write_private_key(directory / "deploy-key")
            yield cls(directory=directory, programs=prepare_pulumi(directory / "pulumi"))
        finally:
            shutil.rmtree(directory, ignore_errors=True)

    @contextlib.contextmanager
    def fresh_cluster(self) -> Iterator["FreshCluster"]:
        """A new control plane, ended and removed afterwards."""
        home = Home(directory=Path(tempfile.mkdtemp(prefix="cluster-", dir=self.directory)), name="gitops-bench")
        control_plane = ControlPlane(home)
        try:
            home.make()
            home.choose_ports()
            control_plane.start()
            yield FreshCluster(home=home, surroundings=self)
        finally:
            control_plane.stop()
            shutil.rmtree(home.directory, ignore_errors=True)


@dataclass(frozen=True, kw_only=True)
class FreshCluster:
    """One control plane with one simulated node. No Flux controller runs, and there is no Gitea."""

    home: Home
    surroundings: Surroundings

    def environment(self) -> dict[str, str]:
        """What every contender runs with: this cluster, and nothing of the stacks that the person works on."""
        shared, cluster = self.surroundings.directory, self.home.directory
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "GITOPS_", "KUBE"))}
        # A program is compiled when it runs first. Only the machine of a build would have it compiled every time.
        kept.pop("PYTHONDONTWRITEBYTECODE", None)
        cache = {"GITOPS_CACHE": os.environ["GITOPS_CACHE"]} if "GITOPS_CACHE" in os.environ else {}
        return {
            **kept,
            **cache,
            "KUBECONFIG": str(self.home.kubeconfig),
            "KUBECACHEDIR": str(cluster / "kubectl-cache"),
            "PULUMI_HOME": str(shared / "pulumi"),
            "PULUMI_BACKEND_URL": f"file://{cluster / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": DEMO_PASSPHRASE,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            **self.surroundings.programs.environment,
            "TMPDIR": str(shared / "tmp"),
            "PATH": search_path(self.surroundings.programs.cli, os.environ.get("PATH", "")),
        }

    def dev_stack_environment(self) -> dict[str, str]:
        """What the dev stack takes from the environment: this cluster, a Gitea that is not there, test values as secrets."""
        credentials = Credentials.from_kubeconfig(self.home.kubeconfig, self.home.context)
        return {
            "GITOPS_DEV_CONTEXT": self.home.context,
            "GITOPS_DEV_SERVER": credentials.server,
            "GITOPS_DEV_CA_SHA256": credentials.authority_sha256,
            "GITOPS_DEV_FLUX_MANIFESTS": str(entry(load_tool("flux-manifests")) / "share" / FLUX_VERSION),
            "GITOPS_DEV_GITEA_HTTPS": f"https://{NOWHERE}/{ORGANISATION}",
            "GITOPS_DEV_GITEA_CA": credentials.authority.decode(),
            "GITOPS_DEV_GITEA_SSH": f"ssh://git@{NOWHERE}/{ORGANISATION}",
            "GITOPS_DEV_GITEA_KNOWN_HOSTS": KNOWN_HOSTS_OF_NOWHERE,
            "GITOPS_DEV_GITEA_PACKAGES": f"http://{NOWHERE}/api/packages/{ORGANISATION}",
            "GITOPS_DEV_GITEA_REGISTRY": f"oci://{NOWHERE}/{ORGANISATION}",
            "GITOPS_DEV_CHECK_RECORD": str(self.home.check_record),
            "GITOPS_SECRET_HOMELAB_DEPLOY_IDENTITY": (self.surroundings.directory / "deploy-key").read_text().strip(),
            "GITOPS_SECRET_GITEA_READ_PASSWORD": "a-test-value",
        }
