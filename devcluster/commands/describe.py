"""`describe`: what a stack file says of an embedded cluster, to be pasted: server and CA to pin, Flux's manifests, Gitea's addresses."""

from pathlib import Path
from typing import Any

import yaml

from devcluster.cluster import Devcluster
from devcluster.commands.homes import running
from devcluster.program.shell_environment import manifests_directory, of_the_dev_stack


def describe(directory: Path) -> str:
    """YAML for the `config` of a stack file, and where the secrets lie that Gitea asks for. None of them is printed."""
    cluster = running(directory)
    samples = cluster.samples
    return f"""\
# The embedded cluster in {directory}, for the `config` of a stack file.
{yaml.dump(_config(cluster), Dumper=_Readable, sort_keys=False, width=1000)}\
# A private key that reads every repository over SSH: {samples.deploy_key}
# A token that reads every repository over HTTPS, as user {samples.reader}: {samples.read_token}
"""


def _config(cluster: Devcluster) -> dict[str, Any]:
    values = of_the_dev_stack(cluster.home)
    artifact = cluster.home.recorded().get("flux_manifests")
    registry = values["GITOPS_DEV_GITEA_REGISTRY"].removeprefix("oci://")
    return {
        "gitops:cluster": {
            "name": cluster.home.name,
            "kubeconfig": "env",
            "context": values["GITOPS_DEV_CONTEXT"],
            "server": values["GITOPS_DEV_SERVER"],
            "caSha256": values["GITOPS_DEV_CA_SHA256"],
        },
        "gitops:flux": {"manifests": f"{registry}/{artifact}" if artifact else str(manifests_directory())},
        "gitops:hosts": {
            "gitea": {"url": values["GITOPS_DEV_GITEA_HTTPS"], "ca": values["GITOPS_DEV_GITEA_CA"]},
            "gitea-ssh": {"url": values["GITOPS_DEV_GITEA_SSH"], "knownHosts": values["GITOPS_DEV_GITEA_KNOWN_HOSTS"]},
        },
    }


class _Readable(yaml.SafeDumper):
    """Texts of several lines as they are."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Readable.add_representer(str, _text)
