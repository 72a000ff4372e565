"""Every kind of every supported release."""

import copy
import subprocess
import sys
from typing import Any

import pytest

from flux.message import Message
from flux.object_reference import ObjectReference
from flux.schema import Schemas
from flux.schema.cel_rules import RuleTree
from tests.flux.schema.bodies import SPECS, VERSIONS, body, problems, schemas
from tests.manifests import distribution

CEL_FUNCTIONS = {"has", "all", "matches", "size"}


def definitions(version: str) -> list[dict[str, Any]]:
    return [found for found in distribution(version).objects if found["kind"] == "CustomResourceDefinition"]


def rules(tree: RuleTree | None) -> list[str]:
    """The rules of a schema at any depth."""
    if tree is None:
        return []
    below = [rule for child in (tree.items, tree.values, *tree.fields.values()) for rule in rules(child)]
    return [rule["rule"] for rule in tree.rules] + below


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", SPECS)
def test_a_small_valid_object_of_every_kind_is_accepted(kind: str, version: str) -> None:
    assert problems(kind, version=version) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_every_kind_of_a_release_has_a_sample_here(version: str) -> None:
    assert set(schemas(version).kinds()) == set(SPECS)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", SPECS)
def test_an_unknown_field_is_refused_in_every_kind(kind: str, version: str) -> None:
    found = problems(kind, {"surely-unknown": 1}, version=version)

    assert [finding.path for finding in found] == [("spec", "surely-unknown")]
    assert found[0].object == ObjectReference(kind=kind, namespace="flux-system", name="a")


@pytest.mark.parametrize("version", VERSIONS)
def test_the_evaluator_knows_every_function_that_a_rule_uses(version: str) -> None:
    import cel

    schemas_of_versions = [served["schema"]["openAPIV3Schema"] for found in definitions(version) for served in found["spec"]["versions"]]
    programs = [cel.compile(rule) for schema in schemas_of_versions for rule in rules(RuleTree.of(schema))]
    used = {name for program in programs for name in program.functions() if name.isidentifier()}

    assert len(programs) > 10

    assert used <= CEL_FUNCTIONS, "a function that the evaluator lacks makes a rule say nothing: try it, then add it here"


def test_a_field_is_known_from_the_release_on_that_brought_it() -> None:
    strategy = {"postBuild": {"substituteStrategy": "Always"}}

    assert "spec.postBuild.substituteStrategy" in {found.dotted for found in problems("Kustomization", strategy, version="v2.8.8")}
    assert "not a field" not in str(problems("Kustomization", strategy))


def test_an_old_version_is_refused_where_the_release_no_longer_serves_it_and_the_rest_is_judged_as_the_new_one() -> None:
    old = body("Alert", apiVersion="notification.toolkit.fluxcd.io/v1beta2")
    assert schemas("v2.7.5").findings(old) == []

    found = schemas().findings({**old, "spec": {**old["spec"], "eventSeverity": "loud"}})

    assert [finding.path for finding in found] == [("apiVersion",), ("spec", "eventSeverity")]
    assert found[0].message == Message(
        '"notification.toolkit.fluxcd.io/v1beta2" is not an apiVersion of Alert in Flux v2.9.4',
        "The API server would refuse the Alert.",
        "Write apiVersion: notification.toolkit.fluxcd.io/v1beta3.",
    )


def test_a_release_that_promotes_alert_to_v1_decides_the_version() -> None:
    promoted = copy.deepcopy(definitions("v2.9.4"))
    for definition in promoted:
        if definition["spec"]["names"]["kind"] in ("Alert", "Provider"):
            (beta,) = definition["spec"]["versions"]
            definition["spec"]["versions"] = [{**beta, "storage": False}, {**beta, "name": "v1"}]
    of_210 = Schemas.of(promoted)

    assert of_210.served_versions("Alert") == ("notification.toolkit.fluxcd.io/v1", "notification.toolkit.fluxcd.io/v1beta3")
    for version in of_210.served_versions("Alert"):
        assert of_210.findings(body("Alert", apiVersion=version)) == []
    only_v1 = [{**found, "spec": {**found["spec"], "versions": found["spec"]["versions"][-1:]}} for found in promoted]
    (refused,) = Schemas.of(only_v1).findings(body("Provider", apiVersion="notification.toolkit.fluxcd.io/v1beta3"))
    assert refused.message.fix == "Write apiVersion: notification.toolkit.fluxcd.io/v1."


def test_a_version_that_is_not_served_does_not_count() -> None:
    (alert,) = (copy.deepcopy(found) for found in definitions("v2.8.8") if found["spec"]["names"]["kind"] == "Alert")
    for version in alert["spec"]["versions"]:
        version["served"] = version["name"] == "v1beta3"

    assert Schemas.of([alert]).served_versions("Alert") == ("notification.toolkit.fluxcd.io/v1beta3",)


def test_versions_can_be_asked_for() -> None:
    assert schemas("v2.7.5").served_versions("Kustomization") == ("kustomize.toolkit.fluxcd.io/v1", "kustomize.toolkit.fluxcd.io/v1beta2")
    assert schemas().served_versions("ConfigMap") == ()


def test_what_was_not_installed_is_no_kind() -> None:
    without = Schemas.of([found for found in definitions("v2.9.4") if found["spec"]["group"] != "image.toolkit.fluxcd.io"])

    (refused,) = without.findings(body("ImagePolicy"))

    assert refused.path == ("kind",)
    assert refused.message == Message(
        '"ImagePolicy" is not a kind of Flux v2.9.4 with these components',
        "The API server would refuse the ImagePolicy.",
        "Add image-reflector-controller, which brings it, to gitops:flux.components.",
    )


@pytest.mark.thorough
def test_the_libraries_are_loaded_only_when_something_is_judged() -> None:
    program = "import sys, flux.schema; flux.schema.Schemas.of([]); print(sorted({'cel', 'jsonschema_rs'} & set(sys.modules)))"

    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "[]\n"
