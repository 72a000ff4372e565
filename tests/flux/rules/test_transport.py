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
