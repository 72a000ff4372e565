"""Whatever stands in a kubeconfig, it ends in a value or in a message, and the message quotes none of it."""

import json
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from live.access.embedding import embedded
from live.access.kubeconfig import merged
from live.access.kubeconfig_parser import parse
from live.errors import KubeconfigError

TOKEN = "q7Rz" + "K2vXw9Lm" + "T4bY8sHd3Jf6"
"""As random as tokens are: what could be a name may be shown."""
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.dates() | st.text(max_size=6) | st.sampled_from([TOKEN, "a", "c", "u"])
)
KEYS = st.sampled_from(
    [
        "contexts", "clusters", "users", "name", "context", "cluster", "user", "server", "token", "tokenFile", "exec", "command",
        "certificate-authority", "certificate-authority-data", "client-key", "client-key-data", "current-context", "kind", "apiVersion",
        "insecure-skip-tls-verify", "auth-provider", "namespace", "proxy-url",
    ]
)  # fmt: skip
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | LEAVES, inner, max_size=4), max_leaves=20)


@st.composite
def kubeconfigs(draw: st.DrawFn) -> dict[str, Any]:
    """Shaped like one, with anything where a value belongs."""

    def entry(key: str, name: str, *fields: str) -> dict[str, Any]:
        return {"name": draw(st.just(name) | LEAVES), key: {field: draw(VALUES | st.just(name)) for field in fields}}

    return {
        "current-context": "a",
        "contexts": draw(st.just([entry("context", "a", "cluster", "user", "namespace")]) | VALUES),
        "clusters": draw(st.just([entry("cluster", "a", "server", "certificate-authority", "insecure-skip-tls-verify")]) | VALUES),
        "users": draw(st.just([entry("user", "a", "token", "tokenFile", "client-certificate", "exec")]) | VALUES),
    }


def used(text: str) -> None:
    """Everything that this room does with a kubeconfig."""
    try:
        found = parse(text, shown="KUBECONFIG")
        reached = merged([found, found], "KUBECONFIG").reached(found.current_context)
        yaml.safe_dump(embedded(reached, "KUBECONFIG"))
    except KubeconfigError as error:
        told = f"{error} {error!r} {error.__cause__}"
    else:
        told = repr(found)
    assert TOKEN not in told, "neither a message nor a repr quotes a value"


@pytest.mark.thorough
@settings(max_examples=100)
@given(VALUES | kubeconfigs())
def test_any_yaml_value_ends_in_a_value_or_a_message(value: Any) -> None:
    try:
        text = yaml.safe_dump(value)
    except (yaml.YAMLError, ValueError, TypeError):
        return
    used(text)


@settings(max_examples=60)
@given(st.text(max_size=60))
@example("? [a]\n: b")
@example("!!timestamp x")
@example("!!bool x")
@example("2001-99-99")
@example("&a [*a]")
@example("[" * 2000)
@example("{a: 1" + "0" * 5000 + "}")
@example("\ud800")
@example("contexts: &c\n- name: a\n  context: *c")
def test_any_text_ends_in_a_value_or_a_message(text: str) -> None:
    used(text)


@settings(max_examples=60)
@given(
    st.text(max_size=20) | st.sampled_from(["https://[::1", "https://[::1]:x", "https://:6443", "https://a:99999", "ftp://a", "://", " "])
)
def test_any_server_ends_in_an_address_or_a_message(server: str) -> None:
    document = {
        "current-context": "a",
        "contexts": [{"name": "a", "context": {"cluster": "a"}}],
        "clusters": [{"name": "a", "cluster": {"server": server}}],
    }
    used(json.dumps(document))


@pytest.mark.parametrize(
    ("server", "more", "host", "port", "encrypted"),
    [
        ("https://10.0.0.1:6443", {}, "10.0.0.1", 6443, True),
        ("https://[fd00::1]:6443/", {}, "fd00::1", 6443, True),
        ("https://[::1]", {}, "::1", 443, True),
        ("http://localhost", {}, "localhost", 80, False),
        ("10.0.0.1:6443", {"certificate-authority": "ca.crt"}, "10.0.0.1", 6443, True),
        ("10.0.0.1:8080", {}, "10.0.0.1", 8080, False),
    ],
)
def test_a_server_is_taken_apart_as_kubectl_does(server: str, more: dict[str, str], host: str, port: int, encrypted: bool) -> None:
    clusters = [{"name": "c", "cluster": {"server": server, **more}}]
    contexts = [{"name": "a", "context": {"cluster": "c"}}]
    address = parse(json.dumps({"clusters": clusters, "contexts": contexts}), shown="K").reached("a").address
    assert (address.host, address.port, address.encrypted) == (host, port, encrypted)


@pytest.mark.parametrize("server", ["https://[::1", "https://a:b", "https://", "ftp://a", "https://a b", ""])
def test_what_is_no_server_is_told_with_the_cluster_that_has_it(server: str) -> None:
    clusters = [{"name": "lab", "cluster": {"server": server}}]
    contexts = [{"name": "a", "context": {"cluster": "lab"}}]
    with pytest.raises(KubeconfigError, match=r"the `server` of cluster lab (is not the URL of a server|is required but missing)\."):
        parse(json.dumps({"clusters": clusters, "contexts": contexts}), shown="K").reached("a")
