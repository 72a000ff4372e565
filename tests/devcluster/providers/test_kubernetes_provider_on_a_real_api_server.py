import base64

import pytest

from tests.devcluster.providers.conftest import Cluster
from tests.devcluster.providers.stack import Stack

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]


def config_map(namespace: str, data: str = "one", *, labels: str = "{}", settings: str = "", options: str = "") -> str:
    return f"""
k8s.core.v1.ConfigMap("map", metadata={{"name": "map", "namespace": "{namespace}", "labels": {labels}}}, data={{"key": "{data}"}},
    opts=on(cluster({settings}), {options}))
"""


def secret(namespace: str, value: str, settings: str = "") -> str:
    return f"""
k8s.core.v1.Secret("secret", metadata={{"name": "secret", "namespace": "{namespace}"}}, string_data={{"key": "{value}"}},
    opts=on(cluster({settings})))
"""


def deployment(namespace: str, app: str) -> str:
    return f"""
k8s.apps.v1.Deployment("app", metadata={{"name": "app", "namespace": "{namespace}"}}, spec={{
    "replicas": 2,
    "selector": {{"matchLabels": {{"app": "{app}"}}}},
    "template": {{
        "metadata": {{"labels": {{"app": "{app}"}}}},
        "spec": {{"containers": [{{"name": "main", "image": "example/none:1", "ports": [{{"containerPort": 8080}}],
            "resources": {{"limits": {{"cpu": "1000m"}}}}, "env": [{{"name": "EMPTY", "value": ""}}]}}]}},
    }},
}}, opts=on(cluster()))
"""


def test_an_existing_object_is_refused_by_up_although_the_preview_is_green(stack: Stack, cluster: Cluster, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    cluster.create(path, {"metadata": {"name": "map"}, "data": {"key": "theirs"}})
    previewed = stack.preview(config_map(namespace))
    assert previewed.code == 0, previewed.text

    done = stack.up(config_map(namespace))

    assert done.code != 0
    assert f"resource {namespace}/map was not successfully created by the Kubernetes API server" in done.text
    assert 'configmaps "map" already exists' in done.text
    assert cluster.get(f"{path}/map")["data"] == {"key": "theirs"}, "a refused create must leave the object as it was"
    assert "Traceback" not in done.text


def test_an_existing_object_is_taken_over_by_a_provider_that_may(stack: Stack, cluster: Cluster, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    uid = cluster.create(path, {"metadata": {"name": "map"}, "data": {"other": "theirs"}})["metadata"]["uid"]

    done = stack.up(config_map(namespace, settings="upsert_existing_objects=True"))

    assert done.code == 0, done.text
    live = cluster.get(f"{path}/map")
    assert live["data"] == {"key": "one", "other": "theirs"}
    assert live["metadata"]["uid"] == uid


def test_a_preview_of_a_takeover_is_refused_where_a_field_cannot_change(stack: Stack, cluster: Cluster, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    theirs = cluster.create(path, {"metadata": {"name": "map"}, "data": {"key": "theirs"}, "immutable": True})

    seen = stack.preview(config_map(namespace, settings="upsert_existing_objects=True"))

    assert seen.code != 0
    assert "field is immutable when `immutable` is set" in seen.text
    assert cluster.get(f"{path}/map") == theirs


def test_a_second_up_changes_nothing_and_changed_labels_are_updated_in_place(stack: Stack, cluster: Cluster, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps/map"
    assert stack.up(config_map(namespace, labels='{"first": "1", "kept": "1"}')).code == 0
    uid = cluster.get(path)["metadata"]["uid"]
    again = stack.preview(config_map(namespace, labels='{"first": "1", "kept": "1"}'), "--expect-no-changes")
    assert again.code == 0, again.text

    done = stack.up(config_map(namespace, labels='{"kept": "2", "second": "2"}'))

    assert done.code == 0, done.text
    live = cluster.get(path)["metadata"]
    assert live["uid"] == uid
    assert live["labels"] == {"kept": "2", "second": "2"}, (
        "a label that left the program must leave the object, also one that its create set"
    )


@pytest.mark.parametrize(("settings", "replaced"), [("", True), ("enable_config_map_mutable=True", False)])
def test_changed_data_of_a_config_map_replaces_it_unless_it_may_change(
    stack: Stack, cluster: Cluster, namespace: str, settings: str, replaced: bool
) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps/map"
    assert stack.up(config_map(namespace, settings=settings)).code == 0
    uid = cluster.get(path)["metadata"]["uid"]

    done = stack.up(config_map(namespace, "two", settings=settings))

    assert done.code == 0, done.text
    live = cluster.get(path)
    assert live["data"] == {"key": "two"}
    assert (live["metadata"]["uid"] != uid) is replaced


@pytest.mark.parametrize(("settings", "replaced"), [("", True), ("enable_secret_mutable=True", False)])
def test_changed_data_of_a_secret_replaces_it_unless_it_may_change(
    stack: Stack, cluster: Cluster, namespace: str, settings: str, replaced: bool
) -> None:
    path = f"/api/v1/namespaces/{namespace}/secrets/secret"
    assert stack.up(secret(namespace, "first-value", settings)).code == 0
    uid = cluster.get(path)["metadata"]["uid"]
    previewed = stack.preview(secret(namespace, "second-value", settings))
    assert ("replace" in previewed.text) is replaced, previewed.text

    done = stack.up(secret(namespace, "second-value", settings))

    assert done.code == 0, done.text
    live = cluster.get(path)
    assert base64.b64decode(live["data"]["key"]) == b"second-value"
    assert (live["metadata"]["uid"] != uid) is replaced


def test_a_deployment_is_awaited_compares_equal_and_is_replaced_for_another_selector(
    stack: Stack, cluster: Cluster, namespace: str
) -> None:
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments/app"
    assert stack.up(deployment(namespace, "one")).code == 0
    live = cluster.get(path)
    assert live["status"]["availableReplicas"] == 2, "up must not end before the Deployment is available"
    again = stack.preview(deployment(namespace, "one"), "--expect-no-changes")
    assert again.code == 0, again.text

    done = stack.up(deployment(namespace, "two"))

    assert done.code == 0, done.text
    replaced = cluster.get(path)
    assert replaced["metadata"]["uid"] != live["metadata"]["uid"]
    assert replaced["spec"]["selector"]["matchLabels"] == {"app": "two"}


def test_what_others_add_is_neither_shown_nor_removed(stack: Stack, cluster: Cluster, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps/map"
    assert stack.up(config_map(namespace, settings="enable_config_map_mutable=True")).code == 0
    cluster.merge(path, {"metadata": {"annotations": {"theirs": "yes"}}, "data": {"theirs": "yes"}})
    assert stack.refresh().code == 0
    again = stack.preview(config_map(namespace, settings="enable_config_map_mutable=True"), "--expect-no-changes")
    assert again.code == 0, again.text

    assert stack.up(config_map(namespace, "two", settings="enable_config_map_mutable=True")).code == 0

    live = cluster.get(path)
    assert live["data"] == {"key": "two", "theirs": "yes"}
    assert live["metadata"]["annotations"] == {"theirs": "yes"}


def test_a_field_that_another_manager_took_is_a_conflict_unless_forced(stack: Stack, cluster: Cluster, namespace: str) -> None:
    settings = "enable_config_map_mutable=True"
    path = f"/api/v1/namespaces/{namespace}/configmaps/map"
    assert stack.up(config_map(namespace, settings=settings)).code == 0
    cluster.merge(path, {"data": {"key": "theirs"}}, manager="kustomize-controller")

    done = stack.up(config_map(namespace, "two", settings=settings))

    assert done.code != 0
    assert "field conflict" in done.text
    assert "kustomize-controller" in done.text
    assert cluster.get(path)["data"] == {"key": "theirs"}
    assert stack.up(config_map(namespace, "two", settings=f"{settings}, enable_patch_force=True")).code == 0
    assert cluster.get(path)["data"] == {"key": "two"}


def test_a_refresh_shows_drift_and_forgets_what_was_deleted(stack: Stack, cluster: Cluster, namespace: str) -> None:
    settings = "enable_config_map_mutable=True"
    path = f"/api/v1/namespaces/{namespace}/configmaps/map"
    assert stack.up(config_map(namespace, settings=settings)).code == 0
    cluster.merge(path, {"data": {"key": "drifted"}})
    unaware = stack.preview(config_map(namespace, settings=settings), "--expect-no-changes")
    assert unaware.code == 0, "like the real plugin, drift is not looked for without a refresh"

    refreshed = stack.refresh()
    aware = stack.preview(config_map(namespace, settings=settings))

    assert "drifted" in refreshed.text
    assert '"drifted" => "one"' in aware.text
    cluster.delete(path)
    assert stack.refresh().code == 0
    assert "map" not in stack.state()
    assert stack.up(config_map(namespace, settings=settings)).code == 0
    assert cluster.get(path)["data"] == {"key": "one"}


def test_an_existing_object_can_be_imported(stack: Stack, cluster: Cluster, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    uid = cluster.create(path, {"metadata": {"name": "map"}, "data": {"key": "one"}})["metadata"]["uid"]

    done = stack.up(config_map(namespace, options=f'import_="{namespace}/map"'))

    assert done.code == 0, done.text
    assert stack.state()["map"]["outputs"]["metadata"]["uid"] == uid


def test_names_and_namespaces_are_filled_in(stack: Stack, cluster: Cluster, namespace: str) -> None:
    done = stack.up(f"""
provider = cluster(namespace="{namespace}")
map = k8s.core.v1.ConfigMap("nameless", data={{"a": "b"}}, opts=on(provider))
role = k8s.rbac.v1.ClusterRole("nameless", rules=[], opts=on(provider))
""")

    assert done.code == 0, done.text
    names = [item["metadata"]["name"] for item in cluster.get(f"/api/v1/namespaces/{namespace}/configmaps")["items"]]
    assert any(name.startswith("nameless-") and len(name) == len("nameless-") + 8 for name in names)
    assert stack.destroy().code == 0


def test_two_runs_of_sixty_objects_work_in_parallel(stack: Stack, cluster: Cluster, namespace: str) -> None:
    text = f"""
provider = cluster()
for number in range(60):
    k8s.core.v1.ConfigMap(f"map-{{number}}", metadata={{"name": f"map-{{number}}", "namespace": "{namespace}"}}, data={{"n": str(number)}},
        opts=on(provider))
"""
    done = stack.up(text)

    assert done.code == 0, done.text
    assert len(cluster.get(f"/api/v1/namespaces/{namespace}/configmaps")["items"]) >= 60
    assert stack.destroy().code == 0
