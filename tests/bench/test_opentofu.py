"""OpenTofu gets the objects as they are, in the order in which an empty cluster accepts them."""

import json
from pathlib import Path

from bench.declared_objects import Stages
from bench.opentofu import RESOURCE, VERSION, cli_configuration, configuration
from devcluster.toolchain.tool import load_tool


def body(kind: str, name: str, **rest: object) -> dict[str, object]:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name}, **rest}


STAGES = Stages(
    definitions=[body("Namespace", "flux-system"), body("CustomResourceDefinition", "buckets.source")],
    install=[body("ServiceAccount", "source-controller"), body("Deployment", "source-controller")],
    custom=[body("Kustomization", "apps", spec={"path": "./${CLUSTER}/%{x}"})],
)


def test_each_object_waits_for_what_it_needs() -> None:
    resources = configuration(STAGES)["resource"][RESOURCE]

    assert {name: [each.removeprefix(f"{RESOURCE}.") for each in block["depends_on"]] for name, block in resources.items()} == {
        "Namespace_flux-system": [],
        "CustomResourceDefinition_buckets_source": ["Namespace_flux-system"],
        "ServiceAccount_source-controller": ["Namespace_flux-system"],
        "Deployment_source-controller": ["CustomResourceDefinition_buckets_source", "ServiceAccount_source-controller"],
        "Kustomization_apps": ["Deployment_source-controller"],
    }


def test_what_looks_like_a_template_stays_text() -> None:
    block = configuration(STAGES)["resource"][RESOURCE]["Kustomization_apps"]

    assert json.loads(block["yaml_body"])["spec"]["path"] == "./$${CLUSTER}/%%{x}"


def test_the_provider_is_the_one_that_was_built_here() -> None:
    assert '"gavinbunney/kubectl" = "/somewhere/bin"' in cli_configuration(Path("/somewhere/bin"))
    assert f"github.com/gavinbunney/terraform-provider-kubectl@v{VERSION}" in load_tool("terraform-provider-kubectl").modules
