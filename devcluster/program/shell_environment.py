"""The environment in which a stack, git and kubectl meet the embedded cluster."""

import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

from devcluster.control_plane.kube_client import Credentials
from devcluster.gitea.gitea_server import ADMINISTRATOR, ORGANISATION, GiteaServer
from devcluster.gitea.https_front import GiteaHttps
from devcluster.gitea.sample_repositories import Samples
from devcluster.machine.home import LOOPBACK, Home
from devcluster.toolchain.build_tools import entry
from devcluster.toolchain.plugins import prepare_pulumi
from devcluster.toolchain.tool import load_tool
from gitops.git_isolation import as_settings

FLUX_VERSION = "v2.9.4"
DEMO_PASSPHRASE = "gitops-demo"  # noqa: S105
"""Public: it guards only throwaway values of a cluster that listens on loopback. Stack files carry a salt made with it and no secret."""


def environment(home: Home) -> dict[str, str]:
    """Every variable of the dev stack, the secret ones with their values."""
    return of_any_stack(home) | of_the_dev_stack(home) | {name: file.read_text().strip() for name, file in secret_files(home).items()}


def of_any_stack(home: Home) -> dict[str, str]:
    """What Pulumi and kubectl need to work on the cluster in `home`, whichever the stack. No secret is among it."""
    programs = prepare_pulumi(home.pulumi, download=False)
    return {
        "KUBECONFIG": str(home.kubeconfig),
        "PULUMI_HOME": str(home.pulumi),
        "PULUMI_BACKEND_URL": f"file://{home.directory / 'state'}",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        **programs.environment,
        "TMPDIR": str(home.directory / "tmp"),
        "PATH": search_path(programs.cli, os.environ.get("PATH", ""), entry(load_tool("age")) / "bin"),
    }


def of_the_dev_stack(home: Home) -> dict[str, str]:
    """What Pulumi.dev.yaml takes from the environment. No secret is among it, but for the passphrase, which is public."""
    credentials = Credentials.from_kubeconfig(home.kubeconfig, home.context)
    http, https = f"{LOOPBACK}:{home.port('gitea-http')}", GiteaHttps(home)
    return {
        "GITOPS_DEV_CONTEXT": home.context,
        "GITOPS_DEV_SERVER": credentials.server,
        "GITOPS_DEV_CA_SHA256": credentials.authority_sha256,
        "GITOPS_DEV_FLUX_MANIFESTS": str(manifests_directory()),
        "GITOPS_DEV_GITEA_HTTP": f"http://{http}/{ORGANISATION}",
        "GITOPS_DEV_GITEA_HTTPS": f"{https.url}/{ORGANISATION}",
        "GITOPS_DEV_GITEA_CA": https.authority,
        "GITOPS_DEV_GITEA_SSH": f"ssh://git@{LOOPBACK}:{home.port('gitea-ssh')}/{ORGANISATION}",
        "GITOPS_DEV_GITEA_KNOWN_HOSTS": GiteaServer(home).known_hosts_line,
        "GITOPS_DEV_GITEA_PACKAGES": f"http://{http}/api/packages/{ORGANISATION}",
        "GITOPS_DEV_GITEA_REGISTRY": f"oci://{http}/{ORGANISATION}",
        "GITOPS_DEV_CHECK_RECORD": str(home.check_record),
        "PULUMI_CONFIG_PASSPHRASE": DEMO_PASSPHRASE,
    }


def manifests_directory() -> Path:
    """Flux's install manifests, as the toolchain keeps them."""
    return entry(load_tool("flux-manifests")) / "share" / FLUX_VERSION


def of_gitea(home: Home) -> dict[str, str]:
    """What `gitops deploy-key` takes from the environment, without its token."""
    return {"GITEA_URL": GiteaServer(home).url}


def gitea_token_files(home: Home) -> dict[str, Path]:
    """The variable with that token, the administrator's of this Gitea alone, and the file that keeps it."""
    return {"GITEA_TOKEN": GiteaServer(home).administrator_token_file}


def secret_files(home: Home) -> dict[str, Path]:
    """The variables that hold a secret, and the files that keep it."""
    samples = Samples(home, GiteaServer(home))
    return {
        "GITOPS_SECRET_HOMELAB_DEPLOY_IDENTITY": samples.deploy_key,
        "GITOPS_SECRET_GITEA_READ_PASSWORD": samples.read_token,
    }


def search_path(pulumi: Path, existing: str, *more: Path) -> str:
    """The virtual environment's programs first, then `pulumi` and its companions, those of the directories `more`, then `existing`."""
    # In this order because Pulumi's language host runs the first `python3` it finds, and that one must have our packages.
    ours = [str(Path(sys.prefix) / "bin"), str(pulumi.parent), *map(str, more)]
    return os.pathsep.join([*ours, *(folder for folder in existing.split(os.pathsep) if folder and folder not in ours)])


def git_login(home: Home) -> dict[str, str]:
    """Variables with which plain git may read and write every repository of the embedded Gitea; they hold no secret."""
    gitea, https = GiteaServer(home), GiteaHttps(home)
    token = shlex.quote(str(gitea.administrator_token_file))
    helper = f'!f() {{ echo username={ADMINISTRATOR}; echo "password=$(cat {token})"; }}; f'
    settings = [
        (f"credential.{gitea.url}.helper", helper),
        (f"credential.{https.url}.helper", helper),
        (f"http.{https.url}.sslCAInfo", str(https.authority_file)),
    ]
    return as_settings(settings)


def shell_lines(values: Mapping[str, str], secrets: Mapping[str, Path]) -> list[str]:
    """Lines for `eval`. A secret is read from its file when the line runs; it is never in the line."""
    lines = [f"export {name}={shlex.quote(value)}" for name, value in values.items()]
    return lines + [f'export {name}="$(cat {shlex.quote(str(file))})"' for name, file in secrets.items()]
