"""How sources are fetched."""

from typing import Any

import pytest

from tests.flux.rules.plans import Body, an, found, git, oci, said

UNENCRYPTED: list[tuple[Body, str]] = [
    (git(url="http://git.test/a"), "spec.url"),
    (an("HelmRepository", "a", url="http://charts.test"), "spec.url"),
    (an("HelmRepository", "a", url="oci://charts.test", type="oci", insecure=True), "spec.insecure"),
    (oci(insecure=True), "spec.insecure"),
    (an("Bucket", "a", endpoint="s3.test", insecure=True), "spec.insecure"),
    (an("ImageRepository", "a", image="r.test/a", insecure=True), "spec.insecure"),
]


@pytest.mark.parametrize(("body", "path"), UNENCRYPTED)
@pytest.mark.parametrize("environment", ["production", "staging"])
def test_what_is_fetched_without_encryption_is_refused_but_in_development(body: Body, path: str, environment: str) -> None:
    (finding,) = found(body, environment=environment)

    assert (finding.object and finding.object.kind, finding.dotted, finding.rule) == (body["kind"], path, "sources-are-fetched-encrypted")
    assert finding.message.consequence == "Anyone on the network could decide what runs in the cluster; only development allows that."
    assert found(body, environment="development") == []


@pytest.mark.parametrize(
    "body",
    [
        git(url="https://git.test/a"),
        git(url="ssh://git@git.test/a", secretRef={"name": "brought-by-git"}),
        oci(insecure=False),
        an("Provider", "a", type="generic", address="http://ntfy.svc/flux"),
    ],
)
def test_what_is_encrypted_or_no_source_is_taken(body: Body) -> None:
    assert found(body, environment="production") == []


FALLS_BACK = {
    "10.1.2.3": "a private address", "10.1.2.3:5000": "a private address", "172.16.0.1": "a private address",
    "172.31.255.255:5000": "a private address", "192.168.1.10:5000": "a private address",
    "127.0.0.1:5000": "a loopback address", "127.0.0.1": "a loopback address", "[::1]:5000": "a loopback address",
    "localhost:5000": "localhost", "registry.localhost": "localhost", "registry.localhost:5000": "localhost",
}  # fmt: skip
OF_THE_VERSION = [
    ("registry.local", "v2.8.8", True), ("registry.local:5000", "v2.7.5", True), ("registry.local", "v2.9.4", False),
    ("r.127.0.0.1.test", "v2.9.4", True), ("[2001:db8::1]:5000", "v2.8.8", True),
    ("r.127.0.0.1.test", "v2.10.0", False), ("[2001:db8::1]:5000", "v2.10.0", False),
    ("127.0.0.1:5000", "v2.10.0", True), ("[::1]", "v2.10.0", True),
]  # fmt: skip
STAYS_WITH_TLS = [
    "172.15.0.1", "172.32.0.1", "192.169.0.1", "11.0.0.1", "127.0.0.2", "169.254.1.1", "localhost", "localhost.test:5000", "local.test",
    "registry.local.test", "registrylocal:5000", "[fd00::2]:5000", "r.test",
]  # fmt: skip


def at_registry(registry: str, kind: str = "OCIRepository") -> Body:
    url = f"oci://{registry}/org/fleet"
    return oci(url=url) if kind == "OCIRepository" else an(kind, "a", url=url, type="oci")


@pytest.mark.parametrize("environment", ["production", "staging"])
def test_a_registry_for_which_flux_falls_back_to_http_is_refused(environment: str) -> None:
    for registry, what in FALLS_BACK.items():
        (finding,) = found(at_registry(registry), environment=environment)
        assert finding.message.wrong == f"may be fetched unencrypted: Flux falls back to plain HTTP for {what}", registry
        assert finding.message.consequence.startswith("Anyone on the network")
        assert finding.dotted == "spec.url"
    for registry in FALLS_BACK:
        assert found(at_registry(registry), environment="development") == []
        assert found(at_registry(registry, "HelmRepository"), environment=environment) == [], "its library asks for insecure"
        host = registry.removeprefix("[").replace("]:5000", "").removesuffix(":5000")
        assert found(at_registry(registry), environment=environment, insecure_hosts=frozenset({host})) == [], registry


def test_a_registry_that_flux_never_asks_without_tls_is_taken() -> None:
    for registry in STAYS_WITH_TLS:
        assert found(at_registry(registry), environment="production", flux_version="v2.9.4") == [], registry


@pytest.mark.parametrize(("registry", "version", "refused"), OF_THE_VERSION)
def test_for_which_registries_flux_falls_back_depends_on_its_version(registry: str, version: str, refused: bool) -> None:
    said_of = found(at_registry(registry), environment="production", flux_version=version)
    assert any("falls back" in each.message.wrong for each in said_of) is refused


def test_a_registry_without_tls_is_told_once() -> None:
    (finding,) = found(oci(url="oci://10.0.0.1:5000/a", insecure=True), environment="production")
    assert finding.dotted == "spec.insecure"


def test_an_object_of_another_group_is_not_judged() -> None:
    foreign: dict[str, Any] = {**git(url="http://git.test/a"), "apiVersion": "other.test/v1"}
    assert found(foreign, environment="production") == []


def test_a_permitted_host_may_be_fetched_from_without_tls() -> None:
    fetched = git(url="http://gitea.test:3000/org/fleet.git")
    registry = an("HelmRepository", "charts", url="oci://r.test/charts", type="oci", insecure=True)
    given = {"environment": "production", "insecure_hosts": frozenset({"gitea.test:3000", "r.test"})}

    assert said(fetched, registry, **given) == []
    for other in ("http://gitea.test/org/fleet.git", "http://gitea.test:3001/org/fleet.git", "http://x.gitea.test:3000/org/fleet.git"):
        assert any("is fetched unencrypted" in told for told in said(git(url=other), registry, **given)), other


def test_a_permission_that_nothing_uses_is_told() -> None:
    assert said(git(), environment="production", insecure_hosts=frozenset({"old.test"})) == [
        "stack file insecureHosts.old.test: is not the host of a source of this stack. The permission would have no effect. Remove it."
    ]
