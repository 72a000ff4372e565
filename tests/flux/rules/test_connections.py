"""Certificates and proxies: the Secret holds what a connection needs."""

from typing import Any

import pytest

from tests.flux.rules.plans import an, git, oci, said

SECRETS = {
    "authority": frozenset({"ca.crt"}),
    "client": frozenset({"tls.crt", "tls.key"}),
    "both": frozenset({"ca.crt", "tls.crt", "tls.key"}),
    "half": frozenset({"tls.crt", "ca.crt"}),
    "read": frozenset({"username", "password"}),
    "office": frozenset({"address", "username", "password"}),
    "empty": frozenset(),
}
KINDS: dict[str, dict[str, Any]] = {
    "HelmRepository": {"url": "https://charts.test"},
    "Bucket": {"bucketName": "b", "endpoint": "s3.test"},
    "ImageRepository": {"image": "r.test/app"},
    "Provider": {"type": "slack"},
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("secret", ["authority", "client", "both", "brought-by-git"])
def test_certificates_of_an_authority_of_a_client_or_of_both_are_fine(kind: str, secret: str) -> None:
    assert said(an(kind, "x", **KINDS[kind], certSecretRef={"name": secret}), secrets=SECRETS) == []
    assert said(oci(certSecretRef={"name": secret}), secrets=SECRETS) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_login_is_no_certificate(kind: str) -> None:
    assert said(an(kind, "x", **KINDS[kind], certSecretRef={"name": "read"}), secrets=SECRETS) == [
        f"{kind}/flux-system/x spec.certSecretRef: names Secret/read, which holds password and username but no certificate. Flux "
        "would refuse to connect. Name a credential of type tls: a Secret with ca.crt, or with tls.crt and tls.key."
    ]


def test_half_a_pair_is_refused() -> None:
    assert said(oci(certSecretRef={"name": "half"}), secrets=SECRETS) == [
        "OCIRepository/flux-system/tiny spec.certSecretRef: names Secret/half, which holds ca.crt and tls.crt but no tls.key. Flux "
        "would refuse to connect. Add tls.key to the Secret."
    ]
    (sentence,) = said(oci(certSecretRef={"name": "empty"}), secrets=SECRETS)
    assert "Secret/empty, which is empty" in sentence


@pytest.mark.parametrize("kind", ["Bucket", "ImageRepository", "Provider"])
def test_a_proxy_has_an_address(kind: str) -> None:
    for secret in ("office", "brought-by-git"):
        assert said(an(kind, "x", **KINDS[kind], proxySecretRef={"name": secret}), secrets=SECRETS) == []
        assert said(git(proxySecretRef={"name": secret}), oci(proxySecretRef={"name": secret}), secrets=SECRETS) == []
    assert said(an(kind, "x", **KINDS[kind], proxySecretRef={"name": "read"}), secrets=SECRETS) == [
        f"{kind}/flux-system/x spec.proxySecretRef: names Secret/read, which holds password and username but no proxy address. "
        "Flux would refuse to fetch. Name a credential of type proxy: a Secret with address."
    ]


def test_git_and_oci_sources_take_a_proxy_too() -> None:
    sentences = said(git(proxySecretRef={"name": "authority"}), oci(proxySecretRef={"name": "authority"}), secrets=SECRETS)

    assert len([sentence for sentence in sentences if "but no proxy address" in sentence]) == 2
