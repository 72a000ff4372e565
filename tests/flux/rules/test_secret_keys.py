"""The keys of a Secret fit what the source does with them."""

from typing import Any

from tests.flux.rules.plans import Body, an, git, oci, said

SECRETS = {
    "deploy": frozenset({"identity", "known_hosts"}),
    "half": frozenset({"identity"}),
    "read": frozenset({"username", "password"}),
    "token": frozenset({"bearerToken"}),
    "nameless": frozenset({"password"}),
    "authority": frozenset({"ca.crt"}),
    "registry": frozenset({".dockerconfigjson"}),
    "app": frozenset({"githubAppID", "githubAppInstallationID", "githubAppPrivateKey"}),
    "client": frozenset({"tls.crt", "tls.key"}),
    "office": frozenset({"address"}),
}
SSH = "ssh://git@git.test:22/org/repo.git"


def test_an_ssh_url_with_a_key_and_known_hosts_is_fine() -> None:
    assert said(git(url=SSH, secretRef={"name": "deploy"}), secrets=SECRETS) == []


def test_a_secret_that_the_stack_does_not_make_may_hold_anything() -> None:
    there = {"name": "brought-by-git"}
    assert said(git(url=SSH, secretRef=there), git("b", secretRef=there), oci(secretRef=there), secrets=SECRETS) == []
    assert said(git(url=SSH, namespace="other", secretRef={"name": "read"}), secrets=SECRETS) == []


def test_an_ssh_url_without_a_secret_cannot_connect() -> None:
    assert said(git(url=SSH)) == [
        "GitRepository/flux-system/homelab spec.secretRef: is required for an ssh:// URL but missing. Flux would refuse to "
        "connect. Name a credential of type ssh (a Secret with identity and known_hosts), or use the https:// URL."
    ]


def test_an_ssh_url_with_a_password_credential_cannot_connect() -> None:
    assert said(git(url=SSH, secretRef={"name": "read"}), secrets=SECRETS) == [
        "GitRepository/flux-system/homelab spec.secretRef: names Secret/read, which holds password and username but no identity, "
        "the private key. Flux would refuse to connect. Name a credential of type ssh, or use the https:// URL."
    ]


def test_an_ssh_key_without_known_hosts_trusts_nobody() -> None:
    assert said(git(url=SSH, secretRef={"name": "half"}), secrets=SECRETS) == [
        "GitRepository/flux-system/homelab spec.secretRef: names Secret/half, which has no known_hosts. Flux refuses to connect to "
        "a server whose public key is not listed there. Add known_hosts: run `ssh-keyscan git.test`, and compare what it prints "
        "with what the host publishes."
    ]


def test_an_https_url_with_an_ssh_credential_would_be_fetched_as_anybody() -> None:
    assert said(git(secretRef={"name": "deploy"}), secrets=SECRETS) == [
        "GitRepository/flux-system/homelab spec.secretRef: names Secret/deploy, which holds identity and known_hosts but nothing "
        "that https:// uses. Flux would fetch without a credential, which fails for a private repository. Name a credential of "
        "type basic (username and password), or use the ssh:// URL."
    ]


def test_http_takes_a_password_a_token_or_an_authority() -> None:
    sources = [git(name, url="http://git.test/r.git", secretRef={"name": name}) for name in ("read", "token", "authority")]
    assert said(*sources, secrets=SECRETS) == []


def test_a_password_needs_a_user() -> None:
    assert said(git(secretRef={"name": "nameless"}), secrets=SECRETS) == [
        "GitRepository/flux-system/homelab spec.secretRef: names Secret/nameless, which has a password but no username. Flux would "
        "refuse to fetch. Add username; any text will do when the password is a token."
    ]


def test_a_helm_repository_does_not_use_an_ssh_key() -> None:
    helm = an("HelmRepository", "charts", url="https://charts.test", secretRef={"name": "read"})
    assert said(helm, secrets=SECRETS) == []
    assert said(an("HelmRepository", "charts", url="https://charts.test", secretRef={"name": "deploy"}), secrets=SECRETS) == [
        "HelmRepository/flux-system/charts spec.secretRef: names Secret/deploy, which holds identity and known_hosts but nothing "
        "that a HelmRepository uses. Flux would fetch without a credential. Name a credential of type basic (username and password)."
    ]


def test_an_oci_repository_reads_only_a_registry_login() -> None:
    assert said(oci(secretRef={"name": "registry"}), secrets=SECRETS) == []
    assert said(oci(secretRef={"name": "read"}), secrets=SECRETS) == [
        "OCIRepository/flux-system/tiny spec.secretRef: names Secret/read, which holds password and username; an OCIRepository "
        "reads only .dockerconfigjson. Flux would fetch without a credential. Name a credential of type registry, or use a "
        "HelmRepository of type oci (username and password)."
    ]


def helm(url: str = "https://charts.test", **spec: Any) -> Body:
    kind: dict[str, Any] = {"type": "oci"} if url.startswith("oci://") else {}
    return an("HelmRepository", "charts", url=url, **kind, **spec)


def test_a_login_of_a_registry_serves_helm_from_a_registry_and_not_from_an_index() -> None:
    assert said(helm("oci://r.test/charts", secretRef={"name": "registry"}), secrets=SECRETS) == []
    assert said(helm("oci://r.test/charts", secretRef={"name": "read"}), secrets=SECRETS) == []
    assert said(helm(secretRef={"name": "registry"}), secrets=SECRETS) == [
        "HelmRepository/flux-system/charts spec.secretRef: names Secret/registry, a registry login, which a chart index does not "
        "use. Flux would fetch without a credential. Name a credential of type basic (username and password)."
    ]


def test_a_helm_repository_uses_neither_a_bearer_token_nor_an_app_as_its_credential() -> None:
    for name in ("token", "app"):
        (sentence,) = said(helm(secretRef={"name": name}), secrets=SECRETS)
        assert "nothing that a HelmRepository uses" in sentence


def test_certificates_for_helm_are_named_apart() -> None:
    assert said(helm(certSecretRef={"name": "authority"}, secretRef={"name": "read"}), secrets=SECRETS) == []
    would = {
        "https://charts.test": "A later release of Flux would no longer trust the server.",
        "oci://r.test/charts": "Flux would not trust the server.",
    }
    for url, consequence in would.items():
        assert said(helm(url, secretRef={"name": "authority"}), secrets=SECRETS) == [
            "HelmRepository/flux-system/charts spec.secretRef: names Secret/authority, which holds only certificates: ca.crt. "
            f"{consequence} Name that Secret in certSecretRef."
        ]


def test_a_login_may_bring_certificates_for_git_along() -> None:
    secrets = {"both": frozenset({"username", "password", "ca.crt"})}
    assert said(git(secretRef={"name": "both"}), helm(secretRef={"name": "both"}), secrets=secrets) == []


def test_a_github_app_and_its_provider_belong_together() -> None:
    assert said(git(provider="github", secretRef={"name": "app"}), secrets=SECRETS) == []
    assert said(git(provider="github", secretRef={"name": "brought-by-git"}), secrets=SECRETS) == []
    assert said(git(secretRef={"name": "app"}), secrets=SECRETS) == [
        "GitRepository/flux-system/homelab spec.provider: is not github, but Secret/app holds a GitHub App. Flux would refuse to "
        "fetch. Write provider: github."
    ]
    assert said(git(provider="github"), secrets=SECRETS) == [
        "GitRepository/flux-system/homelab spec.provider: is github, but no Secret is named. Flux would refuse to fetch. Name a "
        "credential of type githubApp, or remove provider."
    ]
    assert said(git(provider="github", secretRef={"name": "read"}), secrets=SECRETS) == [
        "GitRepository/flux-system/homelab spec.provider: is github, but Secret/read holds no GitHub App. Flux would refuse to "
        "fetch. Name a credential of type githubApp, or remove provider."
    ]


def test_certificates_alone_serve_git_over_https_and_not_over_ssh() -> None:
    for name in ("authority", "client"):
        assert said(git(secretRef={"name": name}), secrets=SECRETS) == []
        (sentence,) = said(git(url=SSH, secretRef={"name": name}), secrets=SECRETS)
        assert "but no identity, the private key" in sentence
    (sentence,) = said(git(secretRef={"name": "registry"}), secrets=SECRETS)
    assert "Secret/registry, which holds .dockerconfigjson but nothing that https:// uses" in sentence


def test_a_key_with_a_passphrase_is_an_ssh_credential() -> None:
    secrets = {"deploy": frozenset({"identity", "known_hosts", "password"})}
    assert said(git(url=SSH, secretRef={"name": "deploy"}), secrets=secrets) == []
    (sentence,) = said(git(secretRef={"name": "deploy"}), secrets=secrets)
    assert "nothing that https:// uses" in sentence


def test_an_image_repository_reads_only_a_registry_login() -> None:
    for name in ("registry", "brought-by-git"):
        assert said(an("ImageRepository", "app", image="r.test/app", secretRef={"name": name}), secrets=SECRETS) == []
    assert said(an("ImageRepository", "app", image="r.test/app", secretRef={"name": "read"}), secrets=SECRETS) == [
        "ImageRepository/flux-system/app spec.secretRef: names Secret/read, which holds password and username; an ImageRepository "
        "reads only .dockerconfigjson. Flux would scan without a credential. Name a credential of type registry: a Secret of type "
        "kubernetes.io/dockerconfigjson."
    ]


def test_a_bucket_reads_an_access_key() -> None:
    keys = {"store": frozenset({"accesskey", "secretkey"}), "read": SECRETS["read"]}
    spec = {"bucketName": "b", "endpoint": "s3.test"}
    for name in ("store", "brought-by-git"):
        assert said(an("Bucket", "b", annotations=None, **spec, secretRef={"name": name}), secrets=keys) == []
    assert said(an("Bucket", "b", annotations=None, **spec, provider="gcp", secretRef={"name": "read"}), secrets=keys) == []
    for provider in ({}, {"provider": "generic"}, {"provider": "aws"}):
        assert said({**an("Bucket", "b"), "spec": {**spec, **provider, "secretRef": {"name": "read"}}}, secrets=keys) == [
            "Bucket/flux-system/b spec.secretRef: names Secret/read, which holds password and username; a Bucket reads accesskey "
            "and secretkey. Flux would refuse to fetch. Name a credential of type bucket: a Secret with both keys."
        ]


def test_verification_needs_keys_that_flux_reads() -> None:
    keys = {"git": frozenset({"a.asc"}), "ssh": frozenset({"a.sshpub"}), "cosign": frozenset({"cosign.pub"}), "read": SECRETS["read"]}

    def verified(name: str, body: Any) -> list[str]:
        return said({**body, "spec": {**body["spec"], "verify": {"provider": "cosign", "secretRef": {"name": name}}}}, secrets=keys)

    assert [verified(name, git()) for name in ("git", "ssh", "elsewhere")] == [[], [], []]
    assert verified("cosign", oci()) == []
    assert verified("read", git()) == [
        "GitRepository/flux-system/homelab spec.verify.secretRef: names Secret/read, which holds password and username but no key that "
        "ends in .asc or .sshpub. Flux would refuse to fetch. Name a credential of type publicKeys."
    ]
    assert verified("git", oci())[0].endswith("Name a credential of type publicKeys.")
    notation = {"provider": "notation", "secretRef": {"name": "read"}}
    assert said(oci(verify=notation), secrets=keys) == []
