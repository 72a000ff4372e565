"""The kubeconfig is reduced to the stack's cluster, and is that cluster's."""

import base64
import hashlib
from pathlib import Path
from typing import Any

import pytest
import yaml

from live.access.authority import fingerprints_of_pem
from live.access.kubeconfig_parser import parse
from live.errors import KubeconfigError
from stacks.contract.stack import Stack
from stacks.inputs.pinned_cluster import reach
from stacks.reading.validation import Validated
from stacks.words.problems import StackProblems
from tests.documents import document

CA = b"DER"
PEM = f"-----BEGIN CERTIFICATE-----\n{base64.b64encode(CA).decode()}\n-----END CERTIFICATE-----\n"


def data(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def stack(**changes: Any) -> Validated[Stack]:
    given = {"name": "lab", "context": "admin@lab", "server": "https://10.0.0.1:6443", "caSha256": hashlib.sha256(CA).hexdigest()}
    model = Stack.model_validate(
        {"environment": "production", "cluster": {**given, **changes}, "flux": {"manifests": "."}, "use": ["base"]}
    )
    return Validated(model, document({}, file="Pulumi.lab.yaml"))


def kubeconfig(**reached: Any) -> dict[str, Any]:
    own = {"server": "https://10.0.0.1:6443", "certificate-authority-data": data(PEM), **reached}
    return {
        "current-context": "admin@other",
        "contexts": [
            {"name": "admin@lab", "context": {"cluster": "lab", "user": "admin", "namespace": "x"}},
            {"name": "admin@other", "context": {"cluster": "other", "user": "root"}},
        ],
        "clusters": [{"name": "lab", "cluster": own}, {"name": "other", "cluster": {"server": "https://10.0.0.2"}}],
        "users": [{"name": "admin", "user": {"token": "own-token"}}, {"name": "root", "user": {"token": "foreign-token"}}],
    }


def reduced(config: dict[str, Any], folder: Path | None = None, **changes: Any) -> dict[str, Any]:
    result: dict[str, Any] = yaml.safe_load(part(yaml.safe_dump(config), folder, **changes))
    return result


def part(text: str, folder: Path | None = None, **changes: Any) -> str:
    return reach(parse(text, shown="KUBECONFIG", folder=folder), stack(**changes)).kubeconfig


def complaint(config: dict[str, Any] | str, folder: Path | None = None, **changes: Any) -> str:
    text = config if isinstance(config, str) else yaml.safe_dump(config)
    with pytest.raises((StackProblems, KubeconfigError)) as caught:
        part(text, folder, **changes)
    assert "own-token" not in str(caught.value)
    return str(caught.value)


def test_a_stack_that_pins_nothing_takes_whatever_its_context_reaches() -> None:
    other = kubeconfig(server="https://10.9.9.9:6443")

    assert reduced(other, server=None, caSha256=None)["clusters"][0]["cluster"]["server"] == "https://10.9.9.9:6443"
    assert "Another cluster would be changed" in complaint(other, caSha256=None)
    assert "cluster.caSha256: " in complaint(kubeconfig(**{"certificate-authority-data": data("x")}), server=None)


def test_nothing_of_other_clusters_gets_into_the_state() -> None:
    result = reduced(kubeconfig())

    assert result["current-context"] == "admin@lab"
    assert [item["name"] for item in result["contexts"] + result["clusters"] + result["users"]] == ["admin@lab", "lab", "admin"]
    assert result["users"][0]["user"] == {"token": "own-token"}
    assert "foreign-token" not in yaml.safe_dump(result)
    assert "10.0.0.2" not in yaml.safe_dump(result)


def test_the_same_kubeconfig_in_another_order_is_the_same_text() -> None:
    turned = {key: list(reversed(value)) if isinstance(value, list) else value for key, value in reversed(kubeconfig().items())}

    assert reduced(turned) == reduced(kubeconfig())
    assert part(yaml.safe_dump(turned, sort_keys=False)) == part(yaml.safe_dump(kubeconfig()))


def test_files_are_embedded_because_the_state_is_read_where_they_are_not(tmp_path: Path) -> None:
    (tmp_path / "ca.crt").write_text(PEM)
    (tmp_path / "client.key").write_text("key")
    config = kubeconfig()
    del config["clusters"][0]["cluster"]["certificate-authority-data"]
    config["clusters"][0]["cluster"]["certificate-authority"] = "ca.crt"
    (tmp_path / "token").write_text("a-token\n")
    config["users"][0]["user"] = {"client-key": str(tmp_path / "client.key"), "tokenFile": "token"}

    result = reduced(config, tmp_path)

    assert result["clusters"][0]["cluster"] == {"server": "https://10.0.0.1:6443", "certificate-authority-data": data(PEM)}
    assert result["users"][0]["user"] == {"client-key-data": data("key"), "token": "a-token"}


def test_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    config = kubeconfig()
    config["users"][0]["user"] = {"client-certificate": "gone.crt"}

    assert f"KUBECONFIG: names {tmp_path / 'gone.crt'} as client-certificate, which cannot be read" in complaint(config, tmp_path)


def test_a_trailing_slash_is_no_difference() -> None:
    assert reduced(kubeconfig(server="https://10.0.0.1:6443/"))


def test_any_certificate_of_a_bundle_may_be_the_pinned_one() -> None:
    other = PEM.replace(base64.b64encode(CA).decode(), base64.b64encode(b"another").decode())

    assert reduced(kubeconfig(**{"certificate-authority-data": data(other + PEM)}))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"server": "https://10.0.0.2:6443"}, "the stack is for https://10.0.0.1:6443, but context admin@lab of KUBECONFIG reaches https://10.0.0.2"),
        ({"certificate-authority-data": data(PEM.replace("REVS", "QUJD"))}, "Another cluster would be changed"),
        ({"certificate-authority-data": ""}, "trusts no CA of its own"),
        ({"certificate-authority-data": "%%%"}, "`clusters[0].cluster.certificate-authority-data` is not base64"),
        ({"server": "https://[::1"}, "the `server` of cluster lab is not the URL of a server"),
        ({"certificate-authority-data": data("no certificate")}, "trusts no CA of its own"),
    ],
)  # fmt: skip
def test_another_cluster_is_refused(changed: dict[str, Any], message: str) -> None:
    assert message in complaint(kubeconfig(**changed))


def test_server_and_ca_that_are_both_wrong_are_told_together() -> None:
    text = complaint(kubeconfig(server="https://10.0.0.2", **{"certificate-authority-data": ""}))

    assert "Pulumi.lab.yaml cluster.server: " in text
    assert "Pulumi.lab.yaml cluster.caSha256: " in text


def test_a_context_that_is_not_there_is_told_with_the_nearest() -> None:
    assert "has no context admin@lob" in complaint(kubeconfig(), context="admin@lob")
    assert "Did you mean `admin@lab" in complaint(kubeconfig(), context="admin@lob")


def test_a_context_that_is_not_there_may_be_in_a_file_that_the_variable_does_not_list_yet() -> None:
    told = complaint(kubeconfig(), context="kwok-tutorial")
    assert "Its contexts: admin@lab, admin@other. If it is in another file, add that one. Run: export KUBECONFIG=$KUBECONFIG:<file>" in told
    with pytest.raises(StackProblems) as refused:
        reach(parse(yaml.safe_dump(kubeconfig()), shown="gitops:kubeconfig"), stack(context="kwok-tutorial"))
    assert "export" not in str(refused.value), "the stack's secret is one file"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "has no context admin@lab. It is unknown which cluster would be changed. Its contexts: none."),
        ("contexts: null", "has no context admin@lab"),
        ("a: b", "has no context admin@lab"),
        ("[]", "is not a kubeconfig"),
        ("{", ": is not YAML"),
        ("contexts: []\nclusters: []\nusers: [own-token]\n", "is not a kubeconfig: `users[0]` is not a map"),
    ],
)
def test_what_is_no_kubeconfig_is_told_without_its_content(text: str, told: str) -> None:
    assert told in complaint(text)


def test_a_fingerprint_is_of_the_der_form() -> None:
    assert fingerprints_of_pem(PEM) == [hashlib.sha256(CA).hexdigest()]
    assert fingerprints_of_pem("") == []
