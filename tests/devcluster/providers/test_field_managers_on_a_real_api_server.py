"""Who owns the fields of what a stack made: one name for everything, after an update, a lost state, and a change of the name."""

from typing import Any

import pytest

from tests.devcluster.providers.conftest import Cluster
from tests.devcluster.providers.stack import Stack

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

TAKES_OVER = "upsert_existing_objects=True, enable_patch_force=True, enable_config_map_mutable=True"
NAMED = '"annotations": {"pulumi.com/patchFieldManager": "gitops.test"}'


def config_map(namespace: str, data: str = '"key": "one"', *, metadata: str = NAMED, settings: str = TAKES_OVER, provider: str = "") -> str:
    name = f'"{provider or "cluster"}", ' if provider else ""
    return f"""
k8s.core.v1.ConfigMap("map", metadata={{"name": "map", "namespace": "{namespace}", {metadata}}}, data={{{data}}},
    opts=on(cluster({name}{settings})))
"""


def definition(group: str, metadata: str = "") -> str:
    return f"""
k8s.apiextensions.v1.CustomResourceDefinition("things", metadata={{"name": "things.{group}", {metadata}}}, spec={{
    "group": "{group}", "scope": "Cluster", "names": {{"plural": "things", "singular": "thing", "kind": "Thing"}},
    "versions": [{{"name": "v1", "served": True, "storage": True, "schema": {{"openAPIV3Schema": {{"type": "object"}}}}}}],
}}, opts=on(cluster({TAKES_OVER})))
"""


def managers(live: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["manager"], each["operation"]) for each in live["metadata"]["managedFields"] if not each.get("subresource")]


def test_a_named_manager_owns_what_is_created_updated_and_taken_over_after_a_lost_state(
    stack: Stack, new_stack: Any, cluster: Cluster, namespace: str
) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps/map"
    assert stack.up(config_map(namespace)).code == 0
    created = cluster.get(path)
    assert stack.up(config_map(namespace, '"key": "two", "more": "2"')).code == 0

    lost = new_stack()
    assert lost.up(config_map(namespace, '"key": "three"')).code == 0

    live = cluster.get(path)
    assert managers(created) == managers(live) == [("gitops.test", "Apply")]
    assert live["metadata"]["uid"] == created["metadata"]["uid"]
    assert live["data"] == {"key": "three"}, "a field that left the program while its state was lost must leave the object"


def test_without_a_name_a_lost_state_leaves_two_managers_and_a_field_that_no_program_has(
    stack: Stack, new_stack: Any, cluster: Cluster, namespace: str
) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps/map"
    assert stack.up(config_map(namespace, '"key": "one", "more": "1"', metadata="")).code == 0

    assert new_stack().up(config_map(namespace, metadata="")).code == 0

    live = cluster.get(path)
    assert len(managers(live)) == 2, "each resource draws a name of its own, as with the real plugin"
    assert live["data"] == {"key": "one", "more": "1"}


def test_a_new_name_releases_the_old_one(stack: Stack, cluster: Cluster, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps/map"
    assert stack.up(config_map(namespace, metadata="")).code == 0

    done = stack.up(config_map(namespace))

    assert done.code == 0, done.text
    assert managers(cluster.get(path)) == [("gitops.test", "Apply")]


def test_a_definition_whose_only_owner_is_the_old_name_cannot_be_given_a_new_one(stack: Stack, cluster: Cluster) -> None:
    """A CRD is replaced (PUT), by which the new name gets no field that stayed as it was; the old one then takes all of them along."""
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.renamed.example.org"
    assert stack.up(definition("renamed.example.org")).code == 0

    done = stack.up(definition("renamed.example.org", NAMED))

    assert done.code != 0
    assert "could not be released" in done.text
    assert cluster.get(path)["spec"]["group"] == "renamed.example.org"


def test_what_kubectl_edited_is_taken_back_by_the_next_update(stack: Stack, cluster: Cluster, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps/map"
    settings = "enable_config_map_mutable=True"
    assert stack.up(config_map(namespace, metadata="", settings=settings)).code == 0
    cluster.merge(path, {"data": {"key": "edited", "more": "1"}}, manager="kubectl-edit")

    done = stack.up(config_map(namespace, '"key": "two"', metadata="", settings=settings))

    assert done.code == 0, done.text
    assert cluster.get(path)["data"] == {"key": "two"}, "the real plugin compares the beginnings of managers' names"


def test_another_provider_of_the_same_identifier_replaces_nothing(stack: Stack, cluster: Cluster, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps/map"
    same = f'{TAKES_OVER}, cluster_identifier="same"'
    assert stack.up(config_map(namespace, settings=same, provider="former")).code == 0
    uid = cluster.get(path)["metadata"]["uid"]

    done = stack.up(config_map(namespace, settings=same, provider="present"))

    assert done.code == 0, done.text
    assert cluster.get(path)["metadata"]["uid"] == uid
    assert "former" not in stack.state()
