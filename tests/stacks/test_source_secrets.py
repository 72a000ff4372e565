"""The Secrets that a source names, and what its host adds to them."""

from typing import Any

import pytest

from stacks.choosing.chosen import Chosen
from tests.keys import certificate, host_key
from tests.stacks.test_catalog import chosen_from

A, B = certificate("a"), certificate("b")
CREDENTIALS = {
    "deploy": {"type": "ssh"},
    "read": {"type": "basic", "username": "flux"},
    "trusting": {"type": "basic", "username": "flux", "ca": B},
    "token": {"type": "bearer"},
    "app": {"type": "githubApp", "appId": "1", "installationId": "2"},
    "login": {"type": "registry", "server": "registry.test", "username": "flux"},
    "client": {"type": "tls", "ca": B},
    "office": {"type": "proxy", "address": "http://proxy.test:3128"},
}
HOSTS = {
    "gitea": {"url": "https://git.test/org", "ca": A},
    "other": {"url": "https://other.test/org", "ca": B},
    "plain": {"url": "http://plain.test/org", "ca": A},
    "ssh": {"url": "ssh://git@ssh.test/org", "knownHosts": f"ssh.test {host_key()}", "ca": A},
    "public": {"url": "https://public.test/org"},
    "registry": {"url": "oci://registry.test/charts", "ca": A},
}


def chosen_of(git: dict[str, Any] | None = None, helm: dict[str, Any] | None = None, **stack: Any) -> tuple[Chosen, list[str]]:
    catalog = {"hosts": HOSTS, "git": git or {}, "helm": {"some": "https://charts.test", **(helm or {})}, "kustomizations": {}}
    return chosen_from(catalog, **{"credentials": CREDENTIALS, **stack})


def right(git: dict[str, Any] | None = None, helm: dict[str, Any] | None = None, **stack: Any) -> Chosen:
    chosen, problems = chosen_of(git, helm, **stack)
    assert problems == []
    return chosen


def spec_of(chosen: Chosen, name: str) -> dict[str, Any]:
    """The spec of the one object of that name."""
    (body,) = (each for each in chosen.bodies if each.name == name)
    return body.spec


@pytest.mark.parametrize("credential", ["read", "trusting", "token", "app", "client"])
def test_the_certificates_of_a_host_go_into_the_credential_that_git_uses_there(credential: str) -> None:
    chosen = right({"a": {"from": "gitea/a", "credential": credential}})

    assert chosen.certificates == {credential: [A]}
    assert chosen.host_certificates == {}
    assert spec_of(chosen, "a")["secretRef"] == {"name": credential}


def test_a_credential_of_two_hosts_gets_the_certificates_of_both_once() -> None:
    chosen = right(
        {name: {"from": f"{host}/{name}", "credential": "read"} for name, host in (("a", "gitea"), ("b", "other"), ("c", "gitea"))}
    )

    assert chosen.certificates == {"read": [A, B]}


def test_git_without_a_credential_gets_a_secret_of_the_hosts_own() -> None:
    chosen = right({"a": {"from": "gitea/a"}, "b": {"from": "gitea/b"}})

    assert chosen.host_certificates == {"gitea-ca": A}
    assert spec_of(chosen, "a")["secretRef"] == spec_of(chosen, "b")["secretRef"] == {"name": "gitea-ca"}


def test_helm_and_oci_sources_get_it_apart_from_their_login() -> None:
    chosen = right(
        helm={
            "index": {"from": "gitea/helm", "credential": "read"},
            "chart": {"from": "registry/chart", "credential": "login"},
            "prefix": {"from": "registry/charts", "kind": "HelmRepository"},
        }
    )

    assert chosen.host_certificates == {"gitea-ca": A, "registry-ca": A}
    assert chosen.certificates == {}
    index, prefix, chart = (spec_of(chosen, name) for name in ("index", "prefix", "chart"))
    assert (index["secretRef"], index["certSecretRef"]) == ({"name": "read"}, {"name": "gitea-ca"})
    assert (chart["secretRef"], chart["certSecretRef"]) == ({"name": "login"}, {"name": "registry-ca"})
    assert ("secretRef" not in prefix, prefix["certSecretRef"]) == (True, {"name": "registry-ca"})


@pytest.mark.parametrize(
    ("url", "certificate"),
    [
        ("oci://git.test/charts/a", "gitea-ca"),
        ("oci://git.test:443/charts/a", "gitea-ca"),
        ("https://registry.test/charts", "registry-ca"),
        ("oci://git.test:8443/charts/a", None),
        ("oci://plain.test/charts/a", None),
    ],
)
def test_a_registry_has_the_certificate_of_the_web_server_at_its_address(url: str, certificate: str | None) -> None:
    reference = spec_of(right(helm={"chart": {"url": url}}), "chart").get("certSecretRef")
    assert reference == (certificate and {"name": certificate})


def test_a_certificate_that_the_entry_names_gets_the_hosts_too() -> None:
    chosen = right(helm={"chart": {"from": "registry/chart", "certificate": "client"}})

    assert spec_of(chosen, "chart")["certSecretRef"] == {"name": "client"}
    assert (chosen.certificates, chosen.host_certificates) == ({"client": [A]}, {})


def test_a_helm_repository_reads_the_certificates_of_its_login_where_it_reads_certificates() -> None:
    chosen = right(
        helm={"index": {"from": "gitea/helm", "credential": "trusting"}, "own": {"url": "https://own.test", "credential": "read"}}
    )

    assert spec_of(chosen, "index")["certSecretRef"] == {"name": "trusting"}
    assert chosen.certificates == {"trusting": [A]}
    assert "certSecretRef" not in spec_of(chosen, "own")


@pytest.mark.parametrize(
    ("git", "helm"),
    [
        ({"a": {"from": "plain/a", "credential": "read"}}, {}),
        ({"a": {"from": "ssh/a", "credential": "deploy"}}, {}),
        ({"a": {"from": "public/a"}}, {}),
        ({"a": {"from": "gitea/a", "spec": {"secretRef": {"name": "brought-by-git"}}}}, {}),
        ({"a": {"from": "gitea/a", "credential": "office"}}, {}),
        ({}, {"chart": {"from": "registry/chart", "certificate": "login"}}),
        ({}, {"chart": {"from": "registry/chart", "spec": {"insecure": True}}}),
        ({}, {"chart": {"from": "registry/chart", "spec": {"certSecretRef": {"name": "brought-by-git"}}}}),
    ],
    ids=[
        "http",
        "ssh",
        "no ca",
        "a Secret of somebody else",
        "a proxy in its place",
        "a login in its place",
        "insecure",
        "certificates of somebody else",
    ],
)
def test_where_no_certificate_would_be_read_none_is_added(git: dict[str, Any], helm: dict[str, Any]) -> None:
    chosen = right(git, helm)

    assert (chosen.certificates, chosen.host_certificates) == ({}, {})


def test_a_stack_can_give_a_host_another_authority() -> None:
    assert right({"a": {"from": "gitea/a"}}, hosts={"gitea": {"ca": B}}).host_certificates == {"gitea-ca": B}
    assert right({"a": {"from": "public/a"}}, hosts={"public": {"ca": B}}).host_certificates == {"public-ca": B}


def test_a_github_app_brings_its_provider() -> None:
    chosen = right({"a": {"from": "public/a", "credential": "app"}, "b": {"from": "public/b", "credential": "read"}})

    assert spec_of(chosen, "a")["provider"] == "github"
    assert "provider" not in spec_of(chosen, "b")


def test_a_proxy_is_named_by_every_kind() -> None:
    chosen = right({"a": {"from": "public/a", "proxy": "office"}}, {"chart": {"url": "oci://r.test/chart", "proxy": "office"}})

    for name in ("a", "chart"):
        assert spec_of(chosen, name)["proxySecretRef"] == {"name": "office"}


def test_a_certificate_for_git_is_refused_with_what_to_write_instead() -> None:
    _, problems = chosen_of({"a": {"from": "public/a", "certificate": "client"}})

    assert len(problems) == 1
    assert problems[0].startswith(
        "catalog git.a.certificate: is for Helm and OCI sources only. Git reads certificates from the Secret of its"
    )
    assert "Write `ca` in that credential or in the host" in problems[0]


def test_a_credential_with_the_name_of_a_hosts_secret_is_refused_once() -> None:
    credentials = {**CREDENTIALS, "gitea-ca": {"type": "bearer"}}

    _, problems = chosen_of({"a": {"from": "gitea/a"}, "b": {"from": "gitea/b"}}, credentials=credentials)

    assert problems == [
        "stack credentials.gitea-ca: has the name of the Secret that holds the `ca` of host 'gitea'. "
        "One would overwrite the other, and Flux would no longer trust the server. Rename the credential."
    ]


@pytest.mark.parametrize("key", ["credential", "certificate", "proxy"])
def test_a_name_that_is_not_there_is_told_with_its_neighbour(key: str) -> None:
    _, problems = chosen_of(helm={"chart": {"url": "oci://r.test/chart", key: "clinet"}})

    assert problems == [f"catalog helm.chart.{key}: the stack has no credential 'clinet'. Flux could not fetch. Did you mean `client`?"]


def ssh(url: str, known_hosts: str, **stack: Any) -> list[str]:
    hosts = {"a": {"url": url, "knownHosts": known_hosts}}
    git = {name: {"from": f"a/{name}", "credential": "deploy"} for name in ("one", "two")}
    catalog = {"hosts": {**HOSTS, **hosts}, "git": git, "helm": {}, "kustomizations": {}}
    return list(dict.fromkeys(chosen_from(catalog, **{"credentials": CREDENTIALS, **stack})[1]))


def test_known_hosts_must_know_the_server_of_the_host_or_flux_would_refuse_it() -> None:
    line = f"git.test {host_key()}"
    told = (
        "has no line for [git.test]:2222, by which Flux looks up the server. Flux would refuse the server's key. Write a line that begins "
        "with [git.test]:2222, as `ssh-keyscan -p 2222 git.test` prints it. Compare it with what the host publishes."
    )

    assert ssh("ssh://git@git.test/org", line) == []
    assert ssh("ssh://git@git.test:2222/org", line) == [f"catalog hosts.a.knownHosts: {told}"], "one host is one problem"
    assert ssh("ssh://git@git.test/org", line, hosts={"a": {"url": "ssh://git@git.test:2222/org"}}) == [f"stack hosts.a.knownHosts: {told}"]
    assert ssh("ssh://git@git.test:2222/org", line, hosts={"a": {"url": "ssh://git@git.test/org"}}) == []
    (text,) = ssh("ssh://git@git.test/org", line, hosts={"a": {"knownHosts": f"other.test {host_key()}"}})
    assert text.startswith("stack hosts.a.knownHosts: has no line for git.test,")
