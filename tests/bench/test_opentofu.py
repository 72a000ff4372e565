"""OpenTofu gets the objects as they are, in the order in which an empty cluster accepts them."""

import json
from pathlib import Path

from bench.declared_objects import Stages
from bench.opentofu import RESOURCE, VERSION, cli_configuration, configuration
from devcluster.toolchain.tool import load_tool


def body(kind: str, name: str, **rest: object) -> dict[str, object]:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name}, **rest}


STAGES = Stages(
    definitions=[body("Namespace", "flux-system"), body("CustomResourceDefinition", "buckets")],
    install=[body("ServiceAccount", "source-controller"), body("Deployment", "source-controller")],
    custom=[body("Kustomization", "apps", spec={"path": "./${CLUSTER}/%{x}"})],
)


def test_each_stage_waits_for_what_it_needs() -> None:
    resources = configuration(STAGES)["resource"][RESOURCE]

    assert {name: block["depends_on"] for name, block in resources.items()} == {
        "namespaces": [],
        "definitions": [f"{RESOURCE}.namespaces"],
        "install": [f"{RESOURCE}.namespaces"],
        "controllers": [f"{RESOURCE}.definitions", f"{RESOURCE}.install"],
        "custom": [f"{RESOURCE}.controllers"],
    }
    assert [list(block["for_each"]) for block in resources.values()] == [
        ["Namespace/flux-system"],
        ["CustomResourceDefinition/buckets"],
        ["ServiceAccount/source-controller"],
        ["Deployment/source-controller"],
        ["Kustomization/apps"],
    ]


def test_what_looks_like_a_template_stays_text() -> None:
    (text,) = configuration(STAGES)["resource"][RESOURCE]["custom"]["for_each"].values()

    assert json.loads(text)["spec"]["path"] == "./$${CLUSTER}/%%{x}"


def test_the_provider_is_the_one_that_was_built_here() -> None:
    assert '"gavinbunney/kubectl" = "/somewhere/bin"' in cli_configuration(Path("/somewhere/bin"))
    assert f"github.com/gavinbunney/terraform-provider-kubectl@v{VERSION}" in load_tool("terraform-provider-kubectl").modules
