import base64
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from devcluster.machine.home import Home, free_ports
from tests.devcluster.providers.conftest import Cluster
from tests.devcluster.providers.stack import Stack

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

MARKER = "marker-8f2a-never-shown"


def a_map(namespace: str, settings: str = "") -> str:
    return f"""
k8s.core.v1.ConfigMap("map", metadata={{"name": "map", "namespace": "{namespace}"}}, data={{"key": "one"}}, opts=on(cluster({settings})))
"""


def in_any_form(value: str, text: str) -> bool:
    return any(form in text for form in (value, base64.b64encode(value.encode()).decode(), value.encode().hex()))


def with_server(kubeconfig: Path, server: str, target: Path) -> Path:
    config = yaml.safe_load(kubeconfig.read_text())
    for entry in config["clusters"]:
        entry["cluster"]["server"] = server
    target.write_text(yaml.safe_dump(config))
    return target


def test_no_secret_stands_in_the_state_or_in_any_output(stack: Stack, cluster: Cluster, namespace: str) -> None:
    text = f"""
provider = cluster(enable_secret_mutable=True, enable_config_map_mutable=True)
value = os.environ["MARKER"]
plain = k8s.core.v1.Secret("plain", metadata={{"name": "plain", "namespace": "{namespace}"}}, string_data={{"key": value}},
    opts=on(provider))
kept = k8s.core.v1.ConfigMap("kept", metadata={{"name": "kept", "namespace": "{namespace}"}}, data={{"key": pulumi.Output.secret(value)}},
    opts=on(provider))
password = random.RandomPassword("password", length=40)
k8s.core.v1.Secret("random", metadata={{"name": "random", "namespace": "{namespace}"}}, string_data={{"key": password.result}},
    opts=on(provider))
pulumi.export("data", plain.data)
pulumi.export("map", kept.data)
"""
    shown = []
    for value in (MARKER, f"{MARKER}-2"):
        stack.environment["MARKER"] = value
        shown += [stack.preview(text), stack.up(text, "--debug", "--diff"), stack.refresh()]

    assert all(outcome.code == 0 for outcome in shown), shown
    live = cluster.get(f"/api/v1/namespaces/{namespace}/secrets/random")["data"]["key"]
    password = base64.b64decode(live).decode()
    printed = "".join(outcome.text for outcome in shown) + stack.state_text()
    assert not in_any_form(MARKER, printed)
    assert not in_any_form(password, printed)
    assert stack.state()["password"]["id"] == "none"
    assert cluster.get(f"/api/v1/namespaces/{namespace}/secrets/plain")["data"]["key"] == base64.b64encode(f"{MARKER}-2".encode()).decode()


def test_a_refusal_that_quotes_a_secret_is_shown_without_it(stack: Stack, namespace: str) -> None:
    text = f"""
k8s.core.v1.ConfigMap("map", metadata={{"name": "map", "namespace": "{namespace}", "labels": {{"a": pulumi.Output.secret("{MARKER} !")}}}},
    data={{}}, opts=on(cluster()))
"""
    for outcome in (stack.preview(text), stack.up(text)):
        assert outcome.code != 0
        assert "metadata.labels: Invalid value" in outcome.text, "the API server's own message must be there"
        assert not in_any_form(MARKER, outcome.text)


def test_an_unreachable_cluster_still_previews_and_everything_else_says_so(
    stack: Stack, control_plane: Home, namespace: str, tmp_path: Path
) -> None:
    text = a_map(namespace, 'cluster_identifier="one"')
    assert stack.up(text).code == 0
    nobody = with_server(control_plane.kubeconfig, f"https://127.0.0.1:{free_ports(1)[0]}", tmp_path / "nobody")
    stack.environment["KUBECONFIG"] = str(nobody)
    changed = text.replace('"one"}', '"two"}') + text.replace('"map"', '"new"')[text.index("k8s") - 1 :].replace(
        "cluster(", 'cluster("second", '
    )

    previewed = stack.preview(changed)

    assert previewed.code == 0, previewed.text
    assert "the Kubernetes cluster is unreachable, so this preview shows what the program asks for, unchecked" in previewed.text
    assert "new" in previewed.text
    for outcome in (stack.up(changed), stack.destroy(), stack.refresh()):
        assert outcome.code != 0
        assert "unreachable" in outcome.text
        assert "Traceback" not in outcome.text
    stack.environment["PULUMI_K8S_DELETE_UNREACHABLE"] = "true"
    assert stack.destroy().code == 0
    assert "map" not in stack.state()


@pytest.mark.parametrize(("settings", "replaced"), [("", True), ('cluster_identifier="same"', False)])
def test_another_server_replaces_the_provider_unless_an_identifier_says_that_it_is_the_same_cluster(
    stack: Stack, cluster: Cluster, control_plane: Home, namespace: str, tmp_path: Path, settings: str, replaced: bool
) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps/map"
    assert stack.up(a_map(namespace, settings)).code == 0
    uid = cluster.get(path)["metadata"]["uid"]
    other_name = yaml.safe_load(control_plane.kubeconfig.read_text())["clusters"][0]["cluster"]["server"].replace("127.0.0.1", "localhost")
    stack.environment["KUBECONFIG"] = str(with_server(control_plane.kubeconfig, other_name, tmp_path / "other"))

    previewed = stack.preview(a_map(namespace, settings))
    assert ("replace" in previewed.text) is replaced, previewed.text
    if replaced:  # and all that it made: as the server is the same after all, the object exists
        assert 'configmaps "map" already exists' in stack.up(a_map(namespace, settings)).text
    else:
        assert stack.up(a_map(namespace, settings)).code == 0
    assert cluster.get(path)["metadata"]["uid"] == uid


def test_another_identifier_replaces_the_provider(stack: Stack, namespace: str) -> None:
    assert stack.up(a_map(namespace, 'cluster_identifier="one"')).code == 0

    previewed = stack.preview(a_map(namespace, 'cluster_identifier="two"'))

    assert "replace" in previewed.text, previewed.text


def test_a_kubeconfig_may_be_a_path(new_stack: Callable[[], Stack], namespace: str) -> None:
    text = a_map(namespace).replace("cluster()", 'k8s.Provider("path", kubeconfig=os.environ["KUBECONFIG"])')

    done = new_stack().up(text)

    assert done.code == 0, done.text


def test_what_the_stand_in_lacks_is_refused_in_words(stack: Stack, namespace: str) -> None:
    done = stack.preview(
        f'k8s.core.v1.ConfigMapPatch("patch", metadata={{"name": "map", "namespace": "{namespace}"}}, data={{}}, opts=on(cluster()))'
    )

    assert done.code != 0
    assert "the stand-in Kubernetes provider has no kubernetes:core/v1:ConfigMapPatch" in done.text
    assert "pulumi plugin install resource kubernetes" in done.text


def test_a_variable_that_asks_for_more_waiting_than_the_stand_in_can_do_is_refused_by_the_preview(stack: Stack, namespace: str) -> None:
    stack.environment["PULUMI_K8S_AWAIT_ALL"] = "true"

    previewed = stack.preview(a_map(namespace, ""))

    assert previewed.code != 0
    assert "the environment has PULUMI_K8S_AWAIT_ALL=true" in previewed.text
    assert "Traceback" not in previewed.text
