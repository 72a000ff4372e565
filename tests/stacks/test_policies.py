"""What production and staging refuse, and development allows."""

from typing import Any

import pytest

from flux.finding import STACK_FILE
from flux.requirement import REFUSING
from stacks.contract.stack import Stack
from stacks.judging.policies import check_stack_file, policies
from tests.messages import assert_well_formed

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


REFUSED: list[tuple[dict[str, Any], tuple[str, ...], str]] = [
    ({"cluster": {"name": "c", "context": "c", "caSha256": "0" * 64}}, ("cluster", "server"), "Write the API server's URL"),
    ({"cluster": {"name": "c", "context": "c", "server": "https://10.0.0.1"}}, ("cluster", "caSha256"), "`openssl x509 -in ca.crt"),
    (
        {"flux": {"manifests": "ghcr.io/fluxcd/flux-manifests:v2.9.4"}},
        ("flux", "manifests"),
        "Append @sha256:… with the digest that `gitops digest ghcr.io/fluxcd/flux-manifests:v2.9.4` prints.",
    ),
    ({"flux": {"manifests": "/srv/flux"}}, ("flux", "manifests"), "is a directory outside this repository"),
    ({"flux": {"manifests": "./a/../../flux"}}, ("flux", "manifests"), "is a directory outside this repository"),
    ({"age": {"keys": {"new": "generated"}}}, ("age", "keys", "new"), "run: pulumi config set --secret gitops:age-new"),
    ({"onDestroy": None}, ("onDestroy",), "Write keepWorkloads (remove Flux, keep what it applied) or removeWorkloads"),
]


@pytest.mark.parametrize("environment", ["production", "staging"])
@pytest.mark.parametrize(("changes", "path", "text"), REFUSED)
def test_production_and_staging_refuse(environment: str, changes: dict[str, Any], path: tuple[str, ...], text: str) -> None:
    (finding,) = check_stack_file(stack(environment=environment, **changes))

    assert finding.path == path
    assert finding.message.consequence.endswith("; only development allows that.")
    assert_well_formed(finding.message)
    assert text in str(finding.message)


@pytest.mark.parametrize(("changes", "_path", "_text"), REFUSED)
def test_development_allows(changes: dict[str, Any], _path: tuple[str, ...], _text: str) -> None:
    assert check_stack_file(stack(environment="development", **changes)) == []


@pytest.mark.parametrize(
    "changes", [{}, {"flux": {"manifests": "./manifests/v2.9.4"}}, {"flux": {"manifests": f"r.test/flux@{DIGEST}"}}, {"age": None}]
)
def test_production_takes_what_is_pinned(changes: dict[str, Any]) -> None:
    assert check_stack_file(stack(**changes)) == []


def test_every_policy_is_a_rule_over_the_stack_file_that_says_what_it_asks_and_why() -> None:
    found = policies()

    assert [policy.name for policy in found] == [
        "cluster-is-pinned",
        "manifests-are-pinned",
        "age-keys-are-supplied",
        "destroy-is-decided",
        "values-are-written-down",
    ]
    assert all(policy.summary.endswith(".") and policy.reason.endswith(".") for policy in found)
    assert all((policy.looks_at, policy.environments) == (STACK_FILE, REFUSING) for policy in found)
