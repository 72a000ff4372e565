import base64
from pathlib import Path
from typing import Any

import pytest
import yaml

from devcluster.providers.kubernetes import provider_settings
from devcluster.providers.kubernetes.kubeconfig_target import target
from devcluster.providers.property_values import UNKNOWN, Secret
from live.errors import KubeconfigError
from tests.devcluster.providers.fake_api import KUBECONFIG

TOKEN = "token-of-the-test"


def changed(**clusters: Any) -> str:
    config = yaml.safe_load(KUBECONFIG)
    config["clusters"][0]["cluster"] |= clusters
    return yaml.safe_dump(config)


def with_user(**user: Any) -> str:
    config = yaml.safe_load(KUBECONFIG)
    config["users"][0]["user"] = user
    return yaml.safe_dump(config)


def test_a_kubeconfig_is_its_contents_or_its_path(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text(KUBECONFIG)

    for given in (KUBECONFIG, str(file)):
        found = target(given)
        assert (found.server, found.namespace, found.bearer_token()) == ("http://api.test", "from-context", TOKEN)
    assert target(KUBECONFIG, cluster="two", namespace="mine").server == "http://other.test"
    assert target(KUBECONFIG, namespace="mine").namespace == "mine"


@pytest.mark.parametrize(
    ("kubeconfig", "told"),
    [
        (with_user(exec={"command": "aws", "args": [TOKEN]}), "logs in by 'exec', which the stand-in Kubernetes provider cannot do"),
        (with_user(username="me", password=TOKEN), "logs in by 'username'"),
        (changed(**{"proxy-url": "http://proxy"}), "has a proxy-url"),
        (changed(server=""), "the `server` of cluster one is required but missing"),
        (f"not yaml: [{TOKEN}", "neither the contents of a kubeconfig"),
        (TOKEN, "neither the contents of a kubeconfig"),
    ],
)
def test_an_unusable_kubeconfig_says_why_and_quotes_no_credential(kubeconfig: str, told: str) -> None:
    with pytest.raises(KubeconfigError, match=told) as caught:
        target(kubeconfig)
    assert TOKEN not in str(caught.value)


def test_a_missing_context_is_told_with_those_there_are() -> None:
    with pytest.raises(KubeconfigError, match=r"has no context there\..*here"):
        target(KUBECONFIG, context="there")


def test_credentials_show_in_no_repr() -> None:
    assert TOKEN not in repr(target(KUBECONFIG))
    assert TOKEN not in repr(provider_settings.read({"kubeconfig": Secret(KUBECONFIG)}))


def test_broken_certificate_data_is_told_by_its_name() -> None:
    with pytest.raises(KubeconfigError, match="certificate-authority-data` is not base64"):
        target(changed(server="https://api.test", **{"certificate-authority-data": "%"}))
    nonsense = base64.b64encode(b"no certificate").decode()
    with pytest.raises(KubeconfigError, match="certificate-authority is not a certificate in PEM"):
        target(changed(server="https://api.test", **{"certificate-authority-data": nonsense})).tls()
    pem = base64.b64encode(b"no certificate").decode()
    with pytest.raises(KubeconfigError, match="do not belong together"):
        target(with_user(**{"client-certificate-data": pem, "client-key-data": pem})).tls()


def test_settings_arrive_as_json_text_and_as_plain_values() -> None:
    for yes, client in (("true", '{"qps": 1000, "burst": 2000}'), (True, {"qps": 1000, "burst": 2000})):
        read = provider_settings.read({"kubeconfig": KUBECONFIG, "enableSecretMutable": yes, "kubeClientSettings": client})
        assert (read.secret_mutable, read.config_map_mutable, read.qps, read.burst) == (True, False, 1000, 2000)


def test_settings_left_out_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_K8S_ENABLE_SECRET_MUTABLE", "true")
    monkeypatch.setenv("PULUMI_K8S_DELETE_UNREACHABLE", "true")

    read = provider_settings.read({"deleteUnreachable": "false"})

    assert (read.secret_mutable, read.delete_unreachable) == (True, False)


def test_only_the_word_true_switches_something_on_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for text in ("1", "True", "yes", ""):
        monkeypatch.setenv("PULUMI_K8S_ENABLE_SECRET_MUTABLE", text)
        assert not provider_settings.read({}).secret_mutable, f"the real plugin takes {text!r} for off"


def test_client_side_apply_and_rendering_are_refused() -> None:
    refused = provider_settings.failures({"enableServerSideApply": "false", "renderYamlToDirectory": "x"})
    assert [name for name, _ in refused] == ["renderYamlToDirectory", "enableServerSideApply"]
    assert not provider_settings.failures({"enableServerSideApply": "true"})


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("PULUMI_K8S_AWAIT_ALL", "true", "waits for some kinds"),
        ("PULUMI_K8S_AWAIT_ALL", "false", ""),
        ("PULUMI_K8S_ENABLE_SERVER_SIDE_APPLY", "false", "only knows server-side apply"),
        ("PULUMI_K8S_ENABLE_SERVER_SIDE_APPLY", "true", ""),
    ],
)
def test_what_the_environment_asks_for_is_done_or_refused(monkeypatch: pytest.MonkeyPatch, variable: str, value: str, told: str) -> None:
    monkeypatch.setenv(variable, value)

    reasons = [reason for _, reason in provider_settings.failures({})]

    assert [variable in reason and told in reason for reason in reasons] == ([True] if told else [])


def test_a_setting_on_the_provider_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_K8S_ENABLE_SERVER_SIDE_APPLY", "false")
    assert not provider_settings.failures({"enableServerSideApply": "true"})


@pytest.mark.parametrize(
    ("old", "new", "replacing"),
    [
        ({}, {}, ()),
        ({}, {"kubeconfig": changed(server="http://elsewhere.test")}, ("kubeconfig",)),
        ({}, {"kubeconfig": with_user(token="another")}, ()),
        ({}, {"cluster": "two"}, ("cluster",)),
        ({}, {"enableSecretMutable": "true"}, ()),
        ({}, {"kubeconfig": UNKNOWN}, ("kubeconfig",)),
        ({}, {"context": UNKNOWN}, ("context",)),
        ({"clusterIdentifier": "a"}, {"clusterIdentifier": "a", "kubeconfig": changed(server="http://elsewhere.test")}, ()),
        ({"clusterIdentifier": "a"}, {"clusterIdentifier": "a", "kubeconfig": UNKNOWN}, ()),
        ({"clusterIdentifier": "a"}, {"clusterIdentifier": "b"}, ("clusterIdentifier",)),
    ],
)
def test_another_cluster_replaces_unless_an_identifier_decides(
    old: dict[str, Any], new: dict[str, Any], replacing: tuple[str, ...]
) -> None:
    base = {"kubeconfig": Secret(KUBECONFIG)}

    assert provider_settings.change(base | old, base | new).replacing == replacing


@pytest.mark.parametrize("name", ["kubeconfig", "context", "cluster"])
def test_what_is_not_known_yet_could_be_another_cluster_also_where_nothing_was_set_before(name: str) -> None:
    assert provider_settings.change({}, {name: UNKNOWN}).replacing == (name,)
