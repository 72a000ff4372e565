"""`describe`: what a stack file and a catalog say of an embedded cluster: server and CA to pin, Flux's manifests, Gitea's addresses."""

from pathlib import Path
from typing import Any

import yaml

from devcluster.commands.homes import host_name, is_bare, running
from devcluster.embedded_cluster import Devcluster
from devcluster.gitea.gitea_server import ORGANISATION
from devcluster.program.pulumi_stack import STACK
from devcluster.program.shell_environment import manifests_directory, of_the_dev_stack


def describe(directory: Path) -> str:
    """YAML, and where the files lie that Gitea's clients need. No secret is printed."""
    cluster = running(directory)
    samples, https, gitea = cluster.samples, cluster.https, cluster.gitea
    stack_file = "the stack file" if is_bare(cluster.home) else f"the file of a stack other than {STACK}, which has all of this already"
    return f"""\
# The embedded cluster in {directory}.
{for_gitops_new(cluster)}# In {stack_file}, under `config`:
{_yaml(cluster_and_flux(cluster))}
# In the catalog; in the stack file, under gitops:hosts, where the catalog has hosts of these names:
{_yaml({"hosts": hosts(cluster)})}
# The same as files: {https.authority_file} (ca), {gitea.known_hosts_file} (knownHosts)
# A private key that reads every repository over SSH: {samples.deploy_key}
# A token that reads every repository over HTTPS, as user {samples.reader}: {samples.read_token}
"""


def for_gitops_new(cluster: Devcluster) -> str:
    """The options with which `gitops new` writes all of this; nothing where a demo's stack file already does."""
    if not is_bare(cluster.home):
        return ""
    described = cluster_and_flux(cluster)
    return f"""\
# `gitops new` writes all of this, with these options, NAME being your repository:
#   --context {described["gitops:cluster"]["context"]} \\
#   --git-url {cluster.https.url}/{ORGANISATION}/NAME --git-ca {cluster.home.commands.shown(cluster.https.authority_file)} \\
#   --manifests {described["gitops:flux"]["manifests"]}
"""


def cluster_and_flux(cluster: Devcluster) -> dict[str, Any]:
    """Keys of the stack file: which cluster it is, and an artifact of Flux's manifests by digest, else their directory."""
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
    }


def hosts(cluster: Devcluster) -> dict[str, Any]:
    """Gitea over HTTPS and over SSH, as hosts of the catalog: of a bare cluster as `gitops new` calls it, else as the demo does."""
    values, name = of_the_dev_stack(cluster.home), host_name(bare=is_bare(cluster.home))
    return {
        name: {"url": values["GITOPS_DEV_GITEA_HTTPS"], "ca": values["GITOPS_DEV_GITEA_CA"]},
        f"{name}-ssh": {"url": values["GITOPS_DEV_GITEA_SSH"], "knownHosts": values["GITOPS_DEV_GITEA_KNOWN_HOSTS"]},
    }


class _Readable(yaml.SafeDumper):
    """Texts of several lines as they are."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Readable.add_representer(str, _text)


def _yaml(value: dict[str, Any]) -> str:
    return yaml.dump(value, Dumper=_Readable, sort_keys=False, width=1000).rstrip()
