import re
import signal
import threading
import time
from pathlib import Path

import pytest

from tests.devcluster.providers.conftest import Cluster
from tests.devcluster.providers.stack import Stack

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]


def definition_and_object(namespace: str, group: str, *, wait_for: str = "", size: str = "1") -> str:
    annotations = f'"annotations": {{"pulumi.com/waitFor": "{wait_for}"}}' if wait_for else ""
    return f"""
provider = cluster()
k8s.apiextensions.v1.CustomResourceDefinition("definition", metadata={{"name": "things.{group}"}}, spec={{
    "group": "{group}", "scope": "Namespaced", "names": {{"plural": "things", "singular": "thing", "kind": "Thing"}},
    "versions": [{{"name": "v1", "served": True, "storage": True, "subresources": {{"status": {{}}}}, "schema": {{"openAPIV3Schema": {{
        "type": "object", "properties": {{
            "spec": {{"type": "object", "required": ["size"], "properties": {{"size": {{"type": "integer", "maximum": 5}}}}}},
            "status": {{"type": "object", "x_kubernetes_preserve_unknown_fields": True}}}}}}}}}}]}}, opts=on(provider))
k8s.apiextensions.CustomResource("thing", api_version="{group}/v1", kind="Thing",
    metadata={{"name": "thing", "namespace": "{namespace}", {annotations}}}, spec={{"size": {size}}}, opts=on(provider))
"""


def plugins_of(engine: int) -> list[int]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
            command = (process / "cmdline").read_text()
        except OSError:
            continue
        if parent == engine and "devcluster.providers" in command:
            found.append(int(process.name))
    return found


def waiting_map(namespace: str, expression: str, timeout: str = "5s") -> str:
    return f"""
annotations = {{"pulumi.com/waitFor": {expression!r}}}
k8s.core.v1.ConfigMap("map", metadata={{"name": "map", "namespace": "{namespace}", "annotations": annotations}},
    data={{"key": "one"}}, opts=on(cluster(enable_config_map_mutable=True),
    custom_timeouts=pulumi.CustomTimeouts(create="{timeout}", update="{timeout}")))
"""


def test_a_definition_and_an_object_of_it_come_in_one_program_and_the_object_need_not_wait_in_the_program(
    stack: Stack, cluster: Cluster, namespace: str
) -> None:
    group = f"one.{namespace}.example"
    assert stack.preview(definition_and_object(namespace, group, size="99")).code == 0, "without its definition nothing can be checked"

    done = stack.up(definition_and_object(namespace, group))

    assert done.code == 0, done.text
    assert cluster.get(f"/apis/{group}/v1/namespaces/{namespace}/things/thing")["spec"] == {"size": 1}
    again = stack.preview(definition_and_object(namespace, group), "--expect-no-changes")
    assert again.code == 0, again.text
    refused = stack.preview(definition_and_object(namespace, group, size="99"))
    assert refused.code != 0, "with the definition in place the preview is a dry run on the server"
    assert "spec.size" in refused.text
    assert "less than or equal to 5" in refused.text


def test_a_condition_is_waited_for_and_a_new_one_for_the_new_generation(stack: Stack, cluster: Cluster, namespace: str) -> None:
    group = f"two.{namespace}.example"
    path = f"/apis/{group}/v1/namespaces/{namespace}/things/thing"

    def become_ready() -> None:
        while not cluster.exists(path):
            time.sleep(0.1)
        for ready, generation in (("False", 1), ("True", 0), ("True", 1)):
            time.sleep(0.7)
            condition = {"type": "Ready", "status": ready, "observedGeneration": generation}
            cluster.merge(f"{path}/status", {"status": {"conditions": [condition]}})

    controller = threading.Thread(target=become_ready)
    controller.start()
    started = time.monotonic()
    done = stack.up(definition_and_object(namespace, group, wait_for="condition=Ready"))
    controller.join()

    assert done.code == 0, done.text
    assert time.monotonic() - started > 2.1, "it must not be content with Ready=False, nor with Ready=True of another generation"
    assert stack.state()["thing"]["outputs"]["status"]["conditions"][0]["observedGeneration"] == 1


def test_after_a_wait_in_vain_the_object_is_in_the_state_and_the_next_up_tries_again(
    stack: Stack, cluster: Cluster, namespace: str
) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps/map"
    waiting = waiting_map(namespace, "jsonpath={.data.ready}=yes", timeout="2s")

    failed = stack.up(waiting)

    assert failed.code != 0
    assert "did not become ready: timed out after 2 s" in failed.text
    assert "waiting for jsonpath={.data.ready}=yes" in failed.text
    recorded = stack.state()["map"]
    assert recorded["id"] == f"{namespace}/map"
    assert recorded["initErrors"]
    cluster.merge(path, {"data": {"ready": "yes"}})
    assert stack.up(waiting).code == 0
    assert "initErrors" not in stack.state()["map"]


@pytest.mark.parametrize(
    ("expression", "fits"),
    [
        ("jsonpath={.data.key}=one", True),
        ("jsonpath={.data.key}", True),
        ('["jsonpath={.data.key}=one", "jsonpath={.metadata.uid}"]', True),
        ('["jsonpath={.data.key}=one", "jsonpath={.data.other}"]', False),
    ],
)
def test_all_expressions_of_wait_for_must_hold(stack: Stack, namespace: str, expression: str, fits: bool) -> None:
    done = stack.up(waiting_map(namespace, expression, timeout="1s"))

    assert (done.code == 0) is fits, done.text


def test_a_malformed_wait_for_is_refused_before_anything_is_made(stack: Stack, cluster: Cluster, namespace: str) -> None:
    done = stack.up(waiting_map(namespace, "jsonpath=data.key"))

    assert done.code != 0
    assert "jsonpath=data.key is not of the form" in done.text
    assert not cluster.exists(f"/api/v1/namespaces/{namespace}/configmaps/map")


@pytest.mark.parametrize(("annotations", "waited"), [("{}", True), ('{"pulumi.com/skipAwait": "true"}', False)])
def test_a_service_is_waited_for_ten_seconds_unless_told_not_to(stack: Stack, namespace: str, annotations: str, waited: bool) -> None:
    done = stack.up(f"""
k8s.core.v1.Service("service", metadata={{"name": "service", "namespace": "{namespace}", "annotations": {annotations}}},
    spec={{"ports": [{{"port": 80}}]}}, opts=on(cluster()))
""")

    assert done.code == 0, done.text
    (seconds,) = re.findall(r"Service service created \(([\d.]+)s\)", done.text)
    assert float(seconds) >= 10 if waited else float(seconds) < 5


def test_delete_waits_for_finalizers_and_names_them_when_the_time_is_up(stack: Stack, cluster: Cluster, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps/map"
    text = f"""
k8s.core.v1.ConfigMap("map", metadata={{"name": "map", "namespace": "{namespace}"}}, data={{}},
    opts=on(cluster(), custom_timeouts=pulumi.CustomTimeouts(delete="3s")))
"""
    assert stack.up(text).code == 0
    cluster.merge(path, {"metadata": {"finalizers": ["example.com/controller"]}})

    failed = stack.destroy()

    assert failed.code != 0
    assert "timed out after 3 s" in failed.text
    assert "finalizers, which some controller must remove: example.com/controller" in failed.text
    assert "map" in stack.state(), "what still exists must stay in the state"
    release = threading.Timer(2, cluster.merge, (path, {"metadata": {"finalizers": None}}))
    release.start()
    done = stack.destroy()
    release.join()
    assert done.code == 0, done.text
    assert not cluster.exists(path)


def test_what_is_gone_already_counts_as_deleted_its_kind_included(stack: Stack, cluster: Cluster, namespace: str) -> None:
    group = f"three.{namespace}.example"
    assert stack.up(definition_and_object(namespace, group)).code == 0
    cluster.delete(f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.{group}")

    done = stack.destroy()

    assert done.code == 0, done.text


def test_ctrl_c_ends_a_wait_and_keeps_the_object_in_the_state(stack: Stack, cluster: Cluster, namespace: str) -> None:
    stack.program(waiting_map(namespace, "jsonpath={.data.ready}=yes", timeout="10m"))
    running = stack.start("up", "--yes", "--skip-preview")
    path = f"/api/v1/namespaces/{namespace}/configmaps/map"
    while not cluster.exists(path):
        time.sleep(0.1)
    time.sleep(0.5)

    interrupted = time.monotonic()
    running.send_signal(signal.SIGINT)
    text, _ = running.communicate(timeout=60)

    assert running.returncode != 0
    assert time.monotonic() - interrupted < 40, text
    assert stack.state()["map"]["id"] == f"{namespace}/map", "the next up must know that the object exists"


def test_plugins_do_not_outlive_a_killed_engine(stack: Stack, cluster: Cluster, namespace: str) -> None:
    stack.program(waiting_map(namespace, "jsonpath={.data.ready}=yes", timeout="10m"))
    running = stack.start("up", "--yes", "--skip-preview")
    while not cluster.exists(f"/api/v1/namespaces/{namespace}/configmaps/map"):
        time.sleep(0.1)
    plugins = plugins_of(running.pid)
    assert plugins

    running.kill()
    running.communicate()

    until = time.monotonic() + 40
    while alive := [pid for pid in plugins if (Path("/proc") / str(pid)).exists()]:
        assert time.monotonic() < until, f"still there: {alive}"
        time.sleep(0.2)


def test_kinds_that_a_controller_of_kubernetes_completes_become_ready(stack: Stack, cluster: Cluster, namespace: str) -> None:
    done = stack.up(f"""
options, metadata = on(cluster()), {{"namespace": "{namespace}"}}
k8s.core.v1.ResourceQuota("quota", metadata={{**metadata, "name": "quota"}}, spec={{"hard": {{"pods": "5"}}}}, opts=options)
k8s.core.v1.PersistentVolume("volume", metadata={{"name": "{namespace}"}}, spec={{
    "capacity": {{"storage": "1Gi"}}, "access_modes": ["ReadWriteOnce"], "host_path": {{"path": "/none"}}}}, opts=options)
k8s.core.v1.ReplicationController("replicas", metadata={{**metadata, "name": "replicas"}}, spec={{
    "replicas": 1, "selector": {{"app": "one"}}, "template": {{
        "metadata": {{"labels": {{"app": "one"}}}}, "spec": {{"containers": [{{"name": "one", "image": "none"}}]}}}}}}, opts=options)
account = k8s.core.v1.ServiceAccount("account", metadata={{**metadata, "name": "account"}}, opts=options)
k8s.core.v1.Secret("token", metadata={{**metadata, "name": "token", "annotations": {{"kubernetes.io/service-account.name": "account"}}}},
    type="kubernetes.io/service-account-token", opts=pulumi.ResourceOptions.merge(options, pulumi.ResourceOptions(depends_on=[account])))
""")

    assert done.code == 0, done.text
    recorded = {name: resource["outputs"] for name, resource in stack.state().items() if "outputs" in resource}
    assert recorded["quota"]["status"]["hard"] == {"pods": "5"}
    assert recorded["volume"]["status"]["phase"] == "Available"
    assert recorded["replicas"]["status"]["availableReplicas"] == 1


def test_an_ingress_that_nothing_serves_does_not_count_as_ready(stack: Stack, namespace: str) -> None:
    def ingress(annotations: str) -> str:
        return f"""
k8s.networking.v1.Ingress("ingress", metadata={{"name": "ingress", "namespace": "{namespace}", "annotations": {annotations}}},
    spec={{"default_backend": {{"service": {{"name": "none", "port": {{"number": 80}}}}}}}},
    opts=on(cluster(), custom_timeouts=pulumi.CustomTimeouts(create="1s", update="1s")))
"""

    failed = stack.up(ingress("{}"))

    assert failed.code != 0
    assert "its load balancer has no address" in failed.text
    assert stack.up(ingress('{"pulumi.com/skipAwait": "true"}')).code == 0
