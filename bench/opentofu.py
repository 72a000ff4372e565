"""OpenTofu with the provider gavinbunney/kubectl: the same objects as `kubectl_manifest` resources."""

import json
import re
from pathlib import Path
from typing import Any

from bench.declared_objects import Body, Stages
from bench.fresh_clusters import FreshCluster
from bench.measures import Measures, Took
from bench.session_memory import MEGABYTE
from bench.timed_commands import measured
from devcluster.toolchain.build_tools import entry
from devcluster.toolchain.tool import load_tool

SOURCE, VERSION = "gavinbunney/kubectl", "1.19.0"
RESOURCE = "kubectl_manifest"
WAITS_FOR = {
    "namespaces": (),
    "definitions": ("namespaces",),
    "install": ("namespaces",),
    "controllers": ("definitions", "install"),
    "custom": ("controllers",),
}
"""Objects → those that have to be there before."""


class OpenTofu:
    """`tofu plan` and `tofu apply`. The provider applies on the server's side and waits for rollouts."""

    name = "OpenTofu"
    has_fast_mode = False

    def __init__(self, directory: Path, stages: Stages) -> None:
        """Write the configuration into `directory`: JSON, which OpenTofu reads as it reads HCL."""
        directory.mkdir()
        (directory / "main.tf.json").write_text(json.dumps(configuration(stages)))
        (directory / "cli.tfrc").write_text(cli_configuration(entry(load_tool("terraform-provider-kubectl")) / "bin"))
        self._directory = directory
        self._program = str(entry(load_tool("opentofu")) / "bin" / "tofu")

    def measure(self, cluster: FreshCluster) -> Measures:
        """Measure both plans, `apply` and the state."""
        state = cluster.home.directory / "terraform.tfstate"
        environment = cluster.environment() | {
            "TF_CLI_CONFIG_FILE": str(self._directory / "cli.tfrc"),
            "TF_DATA_DIR": str(cluster.home.directory / "tofu"),
            "TF_VAR_kubeconfig": str(cluster.home.kubeconfig),
            "TF_VAR_context": cluster.home.context,
            "CHECKPOINT_DISABLE": "1",
        }
        common = ("-input=false", "-no-color", f"-state={state}")
        # Without -detailed-exitcode it ends well whatever there is to do.
        commands = (["plan", *common], ["apply", "-auto-approve", *common], ["plan", "-detailed-exitcode", *common])
        first, apply, second = (
            measured([self._program, *command], directory=self._directory, environment=environment) for command in commands
        )
        return Measures(
            first_preview=first.took,
            up=apply.took,
            preview=second.took,
            state=state.stat().st_size / MEGABYTE,
            memory_of_all=max(each.memory.altogether for each in (first, apply, second)),
        )

    def fast_up(self, cluster: FreshCluster) -> Took:
        """It writes its state every twenty seconds anyway."""
        raise NotImplementedError


def configuration(stages: Stages) -> dict[str, Any]:
    """A resource for each object. One block with `for_each` would be shorter, and took OpenTofu minutes with 100 objects."""
    in_order = {
        "namespaces": [body for body in stages.definitions if body["kind"] == "Namespace"],
        "definitions": [body for body in stages.definitions if body["kind"] != "Namespace"],
        "install": [body for body in stages.install if body["kind"] != "Deployment"],
        "controllers": [body for body in stages.install if body["kind"] == "Deployment"],
        "custom": stages.custom,
    }
    resources = {
        _label(body): {
            "yaml_body": _escaped(json.dumps(body)),
            "server_side_apply": True,
            "depends_on": [f"{RESOURCE}.{_label(each)}" for before in WAITS_FOR[stage] for each in in_order[before]],
        }
        for stage, bodies in in_order.items()
        for body in bodies
    }
    return {
        "terraform": {"required_providers": {"kubectl": {"source": SOURCE, "version": VERSION}}},
        "variable": {name: {"type": "string"} for name in ("kubeconfig", "context")},
        "provider": {"kubectl": {"config_path": "${var.kubeconfig}", "config_context": "${var.context}", "load_config_file": True}},
        "resource": {RESOURCE: resources},
    }


def _label(body: Body) -> str:
    return re.sub("[^A-Za-z0-9_-]", "_", f"{body['kind']}_{body['metadata']['name']}")


def _escaped(text: str) -> str:
    """A text in which OpenTofu sees no template."""
    return text.replace("${", "$${").replace("%{", "%%{")


def cli_configuration(provider: Path) -> str:
    """By which OpenTofu finds the provider that was built here, and asks no registry."""
    return f'provider_installation {{\n  dev_overrides {{\n    "{SOURCE}" = {json.dumps(str(provider))}\n  }}\n  direct {{}}\n}}\n'
