"""Receivers and Providers."""

from typing import Any

import pytest

from tests.flux.rules.plans import Body, an, git, said

SECRETS = {"hook": frozenset({"token"}), "google": frozenset({"token", "email", "audience"}), "read": frozenset({"username", "password"})}


def receiver(named: str = "hook", **spec: Any) -> Body:
    resources = [{"kind": "GitRepository", "name": "homelab"}]
    return an("Receiver", "push", **{"type": "github", "secretRef": {"name": named}, "resources": resources, **spec})


def gitea(**spec: Any) -> Body:
    return an("Provider", "gitea", **{"type": "gitea", "address": "https://git.test/org/homelab", "secretRef": {"name": "token"}, **spec})


def test_every_object_of_a_kind_is_named_with_its_labels() -> None:
    labelled = {"kind": "GitRepository", "name": "*", "matchLabels": {"app": "web"}}
    assert said(git(), receiver(resources=[labelled])) == []
    assert said(git(), receiver(resources=[labelled, {"kind": "GitRepository", "name": "*"}])) == [
        'Receiver/flux-system/push spec.resources[1]: is named "*" but has no matchLabels. Flux would answer every call of the '
        "webhook with an error. Add matchLabels, or name one object."
    ]


def test_an_alert_may_listen_to_everything() -> None:
    provider = an("Provider", "slack", type="slack")
    assert said(provider, an("Alert", "all", providerRef={"name": "slack"}, eventSources=[{"kind": "Kustomization", "name": "*"}])) == []


def test_a_receiver_needs_a_token() -> None:
    assert said(git(), receiver(), secrets=SECRETS) == said(git(), receiver("brought-by-git"), secrets=SECRETS) == []
    assert said(git(), receiver("read"), secrets=SECRETS) == [
        "Receiver/flux-system/push spec.secretRef: names Secret/read, which has no token. Flux would not answer its webhook. Name "
        "a credential of type webhook, or a Secret with token."
    ]


def test_a_google_receiver_also_needs_email_and_audience_from_flux_2_9_on() -> None:
    assert said(git(), receiver("google", type="gcr"), secrets=SECRETS) == []
    assert said(git(), receiver("hook", type="gcr"), secrets=SECRETS, flux_version="v2.8.8") == []
    assert said(git(), receiver("hook", type="gcr"), secrets=SECRETS) == [
        "Receiver/flux-system/push spec.secretRef: names Secret/hook, which has no email and no audience. Flux would not answer "
        "its webhook. Name a credential of type webhook, or a Secret with email and audience."
    ]


@pytest.mark.parametrize("kind", ["gitea", "giteapullrequestcomment"])
@pytest.mark.parametrize("address", ["https://git.test", "https://git.test/org", "https://git.test/a/b/c", "https://[broken/a/b"])
def test_a_provider_for_gitea_names_one_repository(kind: str, address: str) -> None:
    assert said(gitea(type=kind)) == []
    assert said(gitea(type=kind, address=address)) == [
        "Provider/flux-system/gitea spec.address: is not the address of one repository. Flux would drop every event. Write "
        "https://<host>/<owner>/<repository>."
    ]


def test_a_provider_for_gitea_needs_a_token() -> None:
    assert said(gitea(secretRef=None)) == [
        "Provider/flux-system/gitea spec.secretRef: is required for type gitea but missing. Flux would drop every event. Name a "
        "Secret that holds an access token under the key token."
    ]


def test_other_providers_have_other_addresses() -> None:
    assert said(an("Provider", "ntfy", type="generic", address="http://ntfy.test/flux"), an("Provider", "slack", type="slack")) == []
