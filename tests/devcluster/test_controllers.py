"""A Flux Deployment becomes a command line: its own, except for what cannot be the same outside a pod."""

import copy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from devcluster.controllers.pod_command import CONTROLLERS, Program, UnsupportedPodError, controller_in, program, servers_of
from devcluster.machine.home import Home
from devcluster.toolchain.build_tools import entry
from devcluster.toolchain.tool import load_tool

BINARY = Path("/cache/bin/controller")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(directory=tmp_path / "home", name="unit")
    home.make()
    home.choose_ports()
    return home


def deployment(name: str, version: str = "v2.9.4") -> dict[str, Any]:
    """As the release ships it, in the namespace where it is installed."""
    return copy.deepcopy(shipped(name, version))


@cache
def shipped(name: str, version: str) -> dict[str, Any]:
    manifests = entry(load_tool("flux-manifests")) / "share" / version / f"{name}.yaml"
    found: dict[str, Any] = next(
        body for body in yaml.load_all(manifests.read_text(), Loader=yaml.CSafeLoader) if body["kind"] == "Deployment"
    )
    found["metadata"]["namespace"] = "flux-system"
    return found


def run(body: dict[str, Any], home: Home, lookup: Any = lambda *_: None) -> Program:
    found = program(body, BINARY, home, lookup)
    assert found is not None
    return found


def flags(found: Program) -> dict[str, str]:
    return {flag: value for flag, _, value in (argument.removeprefix("--").partition("=") for argument in found.command[1:])}


def manager(body: dict[str, Any]) -> dict[str, Any]:
    container: dict[str, Any] = body["spec"]["template"]["spec"]["containers"][0]
    return container


@pytest.mark.parametrize("name", CONTROLLERS)
def test_every_address_of_every_controller_is_on_loopback(name: str, home: Home) -> None:
    addresses = {flag: value for flag, value in flags(run(deployment(name), home)).items() if "addr" in flag.lower()}
    assert {"metrics-addr", "health-addr"} <= set(addresses), "their defaults listen on every interface"
    for flag, value in addresses.items():
        assert value.removeprefix("http://").startswith("127.0.0.1:"), f"--{flag}={value} leaves this machine"


@pytest.mark.parametrize("name", CONTROLLERS)
@pytest.mark.parametrize("version", ["v2.7.5", "v2.8.8", "v2.9.4"])
def test_flags_that_are_no_address_or_path_are_the_deployments_own(name: str, version: str, home: Home) -> None:
    body = deployment(name, version)
    given = {argument for argument in manager(body)["args"] if "addr" not in argument and "storage-path" not in argument}
    given -= {"--enable-leader-election"}  # needs a file that only a pod has
    assert given <= set(run(body, home).command)


@pytest.mark.parametrize("address", ["http://[::1", "http://h:abc/", "[x"])
def test_an_address_for_events_that_is_none_stays(address: str, home: Home) -> None:
    body = deployment("kustomize-controller")
    manager(body)["args"] = [*(each for each in manager(body)["args"] if "events-addr" not in each), f"--events-addr={address}"]
    assert f"--events-addr={address}" in run(body, home).command


def test_a_flag_that_a_stack_added_reaches_the_process(home: Home) -> None:
    body = deployment("kustomize-controller")
    manager(body)["args"] += ["--requeue-dependency=5s", "--feature-gates", "GroupChangeLog=true"]
    command = run(body, home).command
    assert "--requeue-dependency=5s" in command
    assert command[command.index("--feature-gates") + 1] == "GroupChangeLog=true", "a value in an argument of its own stays behind its flag"


def test_source_controller_stores_and_advertises_where_the_others_can_reach_it(home: Home) -> None:
    found = flags(run(deployment("source-controller"), home))
    assert found["storage-adv-addr"] == found["storage-addr"] == f"127.0.0.1:{home.port('source-controller-storage')}"
    assert found["storage-path"] == str(home.directory / "controllers/source-controller/data")


def test_an_address_given_in_two_arguments_leaves_no_stray_value(home: Home) -> None:
    body = deployment("source-controller")
    manager(body)["args"] += ["--metrics-addr", ":8080", "--concurrent=7"]
    command = run(body, home).command
    assert ":8080" not in command
    assert "--concurrent=7" in command


def test_events_go_to_the_host_process_of_notification_controller(home: Home) -> None:
    events = f"127.0.0.1:{home.port('notification-controller-events')}"
    assert flags(run(deployment("kustomize-controller"), home))["events-addr"] == f"http://{events}/"
    assert flags(run(deployment("notification-controller"), home))["events-addr"] == events


def test_an_events_address_that_somebody_chose_stays(home: Home) -> None:
    body = deployment("kustomize-controller")
    manager(body)["args"] = ["--events-addr=http://events.example.org/"]
    assert flags(run(body, home))["events-addr"] == "http://events.example.org/"
    manager(body)["args"] = []
    assert "events-addr" not in flags(run(body, home)), "no address means no events, as in a pod"


def test_the_environment_is_the_deployments_with_fields_and_limits_resolved(home: Home) -> None:
    environment = run(deployment("source-controller"), home).environment
    own = home.directory / "controllers" / "source-controller"
    assert environment == {
        "RUNTIME_NAMESPACE": "flux-system",
        "TUF_ROOT": str(own / "tmp/.sigstore"),
        "GOMEMLIMIT": str(1024**3),
        "HOME": str(own),
        "TMPDIR": str(own / "tmp"),
        "KUBECONFIG": str(own / "kubeconfig"),
    }, "nothing of the person's own environment gets in: a proxy or a KUBECONFIG would lead the controller astray"


def test_arguments_are_expanded_as_kubernetes_does(home: Home) -> None:
    body = deployment("helm-controller")
    manager(body)["args"] = ["--a=$(RUNTIME_NAMESPACE)", "--b=$(UNKNOWN)", "--c=$$(RUNTIME_NAMESPACE)"]
    assert run(body, home).command[1:4] == ("--a=flux-system", "--b=$(UNKNOWN)", "--c=$(RUNTIME_NAMESPACE)")


def test_a_variable_from_a_secret_is_looked_up(home: Home) -> None:
    body = deployment("helm-controller")
    reference = {"name": "proxy", "key": "address"}
    manager(body)["env"] = [{"name": "HTTPS_PROXY", "valueFrom": {"secretKeyRef": reference}}]
    assert run(body, home, lambda *asked: "/".join(asked)).environment["HTTPS_PROXY"] == "Secret/proxy/address"
    with pytest.raises(UnsupportedPodError, match="proxy has no key address yet"):
        program(body, BINARY, home, lambda *_: None)


@pytest.mark.parametrize(("quantity", "expected"), [("64Mi", 64 * 1024**2), ("1Gi", 1024**3), ("1500m", 2), ("2", 2), ("1k", 1000)])
def test_a_limit_becomes_the_number_that_a_pod_would_see(quantity: str, expected: int, home: Home) -> None:
    body = deployment("helm-controller")
    manager(body)["resources"]["limits"]["memory"] = quantity
    assert run(body, home).environment["GOMEMLIMIT"] == str(expected)


def test_no_pod_is_wanted_means_no_process(home: Home) -> None:
    scaled, going = deployment("helm-controller"), deployment("helm-controller")
    scaled["spec"]["replicas"] = 0
    going["metadata"]["deletionTimestamp"] = "2026-11-23T13:00:00Z"
    assert program(scaled, BINARY, home, lambda *_: None) is None
    assert program(going, BINARY, home, lambda *_: None) is None


def test_a_volume_that_a_process_cannot_have_is_refused_by_name(home: Home) -> None:
    body = deployment("helm-controller")
    body["spec"]["template"]["spec"]["volumes"] = [{"name": "temp", "secret": {"secretName": "ca"}}]
    with pytest.raises(UnsupportedPodError, match="volume temp at /tmp is not an emptyDir"):
        program(body, BINARY, home, lambda *_: None)


def test_a_command_in_place_of_the_images_own_is_refused_with_what_to_do(home: Home) -> None:
    body = deployment("helm-controller")
    manager(body)["command"] = ["/bin/other"]
    with pytest.raises(
        UnsupportedPodError, match=r"manager has a command .*/bin/other.*helm-controller would run in its place\. Leave it out"
    ):
        program(body, BINARY, home, lambda *_: None)


def test_what_the_pod_runs_as_decides_what_the_process_may_do(home: Home) -> None:
    body = deployment("kustomize-controller")
    body["spec"]["template"]["spec"]["serviceAccountName"] = "less-than-admin"
    assert run(body, home).service_account == "less-than-admin"


def test_a_copy_of_a_controller_has_ports_and_a_directory_of_its_own(home: Home) -> None:
    """As a shard has them: all of its source-controllers listen on this machine."""
    body = deployment("source-controller")
    main = flags(run(body, home))
    body["metadata"]["name"] = "source-controller-shard1"
    assert controller_in(body) == "source-controller"
    ports = {server: 50000 + number for number, server in enumerate(servers_of("source-controller-shard1", "source-controller"))}

    found = program(body, BINARY, home, lambda *_: None, ports)

    assert found is not None
    own = flags(found)
    for flag in ("metrics-addr", "health-addr", "storage-addr", "storage-adv-addr", "storage-path"):
        assert own[flag] != main[flag], flag
    assert own["storage-adv-addr"] == own["storage-addr"]
    assert own["events-addr"] == main["events-addr"]


def test_another_program_of_the_namespace_is_no_controller() -> None:
    body = deployment("source-controller")
    for name, component in (("podinfo", "podinfo"), ("podinfo", "source-controller"), ("source-watcher", "source-watcher")):
        body["metadata"] |= {"name": name, "labels": {"app.kubernetes.io/component": component}}
        assert controller_in(body) is None
