"""What production and staging refuse, and development allows."""

from typing import Any

import pytest

from stacks.contract.stack import Stack
from stacks.judging.policies import BODY_POLICIES, STACK_POLICIES, check_bodies, check_stack_file, policies

DIGEST = "sha256:" + "0" * 64
PINNED: dict[str, Any] = {
    "environment": "production",
    "cluster": {"name": "c", "context": "c", "server": "https://10.0.0.1:6443", "caSha256": "0" * 64},
    "flux": {"manifests": f"ghcr.io/fluxcd/flux-manifests:v2.9.4@{DIGEST}"},
    "age": {"keys": {"2026-11": "supplied"}},
    "use": ["base"],
    "onDestroy": "removeWorkloads",
}


def stack(**changes: Any) -> Stack:
    return Stack.model_validate({key: value for key, value in {**PINNED, **changes}.items() if value is not None})


def source(kind: str = "GitRepository", api: str = "source.toolkit.fluxcd.io/v1", **spec: Any) -> dict[str, Any]:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": "a", "namespace": "flux-system"}, "spec": spec}


REFUSED: list[tuple[dict[str, Any], tuple[str, ...], str]] = [
    ({"cluster": {"name": "c", "context": "c", "caSha256": "0" * 64}}, ("cluster", "server"), "write the API server's URL"),
    ({"cluster": {"name": "c", "context": "c", "server": "https://10.0.0.1"}}, ("cluster", "caSha256"), "`openssl x509 -in ca.crt"),
    (
        {"flux": {"manifests": "ghcr.io/fluxcd/flux-manifests:v2.9.4"}},
        ("flux", "manifests"),
        "append the digest that `docker buildx imagetools inspect ghcr.io/fluxcd/flux-manifests:v2.9.4` prints: @sha256:…",
    ),
    ({"flux": {"manifests": "/srv/flux"}}, ("flux", "manifests"), "is a directory outside this repository"),
    ({"flux": {"manifests": "./a/../../flux"}}, ("flux", "manifests"), "is a directory outside this repository"),
    ({"age": {"keys": {"new": "generated"}}}, ("age", "keys", "new"), "run: pulumi config set --secret gitops:age-new"),
    ({"onDestroy": None}, ("onDestroy",), "write keepWorkloads (Flux goes, what it applied stays) or removeWorkloads"),
]


@pytest.mark.parametrize("environment", ["production", "staging"])
@pytest.mark.parametrize(("changes", "path", "text"), REFUSED)
def test_production_and_staging_refuse(environment: str, changes: dict[str, Any], path: tuple[str, ...], text: str) -> None:
    (finding,) = check_stack_file(stack(environment=environment, **changes))

    assert finding.path == path
    assert "which only development may" in finding.text
    assert text in finding.text


@pytest.mark.parametrize(("changes", "_path", "_text"), REFUSED)
def test_development_allows(changes: dict[str, Any], _path: tuple[str, ...], _text: str) -> None:
    assert check_stack_file(stack(environment="development", **changes)) == []


@pytest.mark.parametrize(
    "changes", [{}, {"flux": {"manifests": "./manifests/v2.9.4"}}, {"flux": {"manifests": f"r.test/flux@{DIGEST}"}}, {"age": None}]
)
def test_production_takes_what_is_pinned(changes: dict[str, Any]) -> None:
    assert check_stack_file(stack(**changes)) == []


UNENCRYPTED = [
    (source(url="http://git.test/a"), ("spec", "url")),
    (source("HelmRepository", url="http://charts.test"), ("spec", "url")),
    (source("HelmRepository", url="oci://charts.test", insecure=True), ("spec", "insecure")),
    (source("OCIRepository", url="oci://charts.test/a", insecure=True), ("spec", "insecure")),
    (source("Bucket", endpoint="s3.test", insecure=True), ("spec", "insecure")),
    (source("ImageRepository", "image.toolkit.fluxcd.io/v1", image="r.test/a", insecure=True), ("spec", "insecure")),
]


@pytest.mark.parametrize(("body", "path"), UNENCRYPTED)
def test_what_is_fetched_without_encryption_is_refused_but_in_development(body: dict[str, Any], path: tuple[str, ...]) -> None:
    (finding,) = check_bodies(stack(environment="staging"), [body])

    assert (str(finding.identity), finding.path) == (f"{body['kind']}/flux-system/a", path)
    assert "whoever is on the network could decide what runs in the cluster" in finding.text
    assert check_bodies(stack(environment="development"), [body]) == []


@pytest.mark.parametrize(
    "body",
    [
        source(url="https://git.test/a"),
        source(url="ssh://git@git.test/a"),
        source("OCIRepository", url="oci://charts.test/a", insecure=False),
        source("Provider", "notification.toolkit.fluxcd.io/v1beta3", type="generic", address="http://ntfy.svc/flux"),
        {**source(), "spec": None},
    ],
)
def test_what_is_encrypted_or_no_source_is_taken(body: dict[str, Any]) -> None:
    assert check_bodies(stack(), [body]) == []


def test_every_policy_says_what_it_asks_and_why() -> None:
    found = policies()

    assert len(found) == len(STACK_POLICIES) + len(BODY_POLICIES)
    assert all(policy.summary.endswith(".") and policy.reason.endswith(".") for policy in found)
    assert found[0].name == "cluster-is-pinned"
