"""The keys of a Secret fit what the source does with them."""

from tests.flux.rules.plans import an, git, oci, said

SECRETS = {
    "deploy": frozenset({"identity", "known_hosts"}),
    "half": frozenset({"identity"}),
    "read": frozenset({"username", "password"}),
    "token": frozenset({"bearerToken"}),
    "nameless": frozenset({"password"}),
    "authority": frozenset({"ca.crt"}),
    "registry": frozenset({".dockerconfigjson"}),
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
        "GitRepository/flux-system/homelab spec.secretRef: an ssh:// URL needs a private key and the server's public key, but no Secret is "
        "named; Flux would refuse to connect; name a Secret with identity and known_hosts in secretRef, or use the https:// URL"
    ]


def test_an_ssh_url_with_a_password_credential_cannot_connect() -> None:
    assert said(git(url=SSH, secretRef={"name": "read"}), secrets=SECRETS) == [
        "GitRepository/flux-system/homelab spec.secretRef: Secret/read holds password and username, but no identity, the private key that "
        "ssh:// needs; Flux would refuse to connect; name an SSH credential, or use the https:// URL"
    ]


def test_an_ssh_key_without_known_hosts_trusts_nobody() -> None:
    assert said(git(url=SSH, secretRef={"name": "half"}), secrets=SECRETS) == [
        "GitRepository/flux-system/homelab spec.secretRef: Secret/half has no known_hosts; Flux trusts no server whose key is not listed "
        "there, and would refuse to connect; "
        "add known_hosts (`ssh-keyscan git.test` prints it, to be compared with what the host publishes)"
    ]


def test_an_https_url_with_an_ssh_credential_would_be_fetched_as_anybody() -> None:
    assert said(git(secretRef={"name": "deploy"}), secrets=SECRETS) == [
        "GitRepository/flux-system/homelab spec.secretRef: Secret/deploy holds identity and known_hosts, none of which https:// uses; "
        "Flux would fetch without a credential, and a private repository not at all; "
        "name a credential with username and password, or use the ssh:// URL"
    ]


def test_http_takes_a_password_a_token_or_an_authority() -> None:
    sources = [git(name, url="http://git.test/r.git", secretRef={"name": name}) for name in ("read", "token", "authority")]
    assert said(*sources, secrets=SECRETS) == []


def test_a_password_needs_a_user() -> None:
    assert said(git(secretRef={"name": "nameless"}), secrets=SECRETS) == [
        "GitRepository/flux-system/homelab spec.secretRef: Secret/nameless has a password but no username; Flux would refuse to fetch; "
        "add username (any text that is not empty, when the password is a token)"
    ]


def test_a_helm_repository_does_not_use_an_ssh_key() -> None:
    helm = an("HelmRepository", "charts", url="https://charts.test", secretRef={"name": "read"})
    assert said(helm, secrets=SECRETS) == []
    assert said(an("HelmRepository", "charts", url="https://charts.test", secretRef={"name": "deploy"}), secrets=SECRETS) == [
        "HelmRepository/flux-system/charts spec.secretRef: Secret/deploy holds identity and known_hosts, none of which a HelmRepository "
        "uses; Flux would fetch without a credential; name a credential with username and password"
    ]


def test_an_oci_repository_reads_only_a_registry_login() -> None:
    assert said(oci(secretRef={"name": "registry"}), secrets=SECRETS) == []
    assert said(oci(secretRef={"name": "read"}), secrets=SECRETS) == [
        "OCIRepository/flux-system/tiny spec.secretRef: Secret/read holds password and username, but an OCIRepository reads only "
        ".dockerconfigjson; Flux would fetch without a credential; name a Secret of type kubernetes.io/dockerconfigjson, or make it a "
        "HelmRepository of type oci, which takes username and password"
    ]
