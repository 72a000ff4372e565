"""The keys of a Secret fit what the source does with them. Judged only for Secrets that the stack makes: others may come from Git."""

from collections.abc import Iterator

from flux.finding import Finding
from flux.keys.known_hosts import keyscan
from flux.rules.logins import ADDRESS_OF_A_PROXY
from flux.rules.plan import Plan
from flux.rules.reading import holds, text

_PATH = ("spec", "secretRef")
_REGISTRY_LOGIN = ".dockerconfigjson"
_GIT_HTTP_KEYS = frozenset({"username", "bearerToken", "ca.crt", "caFile", "tls.crt", "githubAppID"})
_TLS_KEYS = frozenset({"ca.crt", "caFile", "tls.crt", "certFile"})
_HELM_KEYS = frozenset({"username", "password"}) | _TLS_KEYS


def ssh_source_has_an_ssh_credential(plan: Plan) -> Iterator[Finding]:
    """A GitRepository with an ssh:// URL names a Secret with `identity` and `known_hosts`.

    source-controller refuses to connect without either (fluxcd/pkg git.AuthOptions): it never trusts a server on first use.
    """
    for item in plan.of_kind("GitRepository"):
        url = text(item.spec, "url") or ""
        if not url.startswith("ssh://"):
            continue
        name = text(item.spec, "secretRef", "name")
        keys = plan.secret_keys(item.identity.namespace, name)
        if name is None:
            yield item.wrong(
                _PATH,
                "an ssh:// URL needs a private key and the server's public key, but no Secret is named; Flux would refuse to connect; "
                "name a Secret with identity and known_hosts in secretRef, or use the https:// URL",
            )
        elif keys is not None and "identity" not in keys:
            yield item.wrong(
                _PATH,
                f"Secret/{name} {holds(keys)}, but no identity, the private key that ssh:// needs; Flux would refuse to connect; "
                "name an SSH credential, or use the https:// URL",
            )
        elif keys is not None and "known_hosts" not in keys:
            yield item.wrong(
                _PATH,
                f"Secret/{name} has no known_hosts; Flux trusts no server whose key is not listed there, and would refuse to connect; add "
                f"known_hosts (`{keyscan(url)}` prints it, to be compared with what the host publishes)",
            )


def https_source_has_an_https_credential(plan: Plan) -> Iterator[Finding]:
    """The Secret of a GitRepository with an http(s):// URL holds what HTTP uses: user and password, a bearer token, or certificates.

    An SSH key is silently ignored there, and the repository fetched as anybody (fluxcd/pkg git.NewAuthOptions).
    """
    for item in plan.of_kind("GitRepository"):
        url, name = text(item.spec, "url") or "", text(item.spec, "secretRef", "name")
        keys = plan.secret_keys(item.identity.namespace, name)
        scheme = url.partition("://")[0]
        if keys is None or ADDRESS_OF_A_PROXY in keys or scheme not in ("http", "https"):
            continue
        if "password" in keys and "username" not in keys and "identity" not in keys:
            yield item.wrong(
                _PATH,
                f"Secret/{name} has a password but no username; Flux would refuse to fetch; "
                "add username (any text that is not empty, when the password is a token)",
            )
        elif not keys & _GIT_HTTP_KEYS:
            yield item.wrong(
                _PATH,
                f"Secret/{name} {holds(keys)}, none of which {scheme}:// uses; Flux would fetch without a credential, and a private "
                "repository not at all; name a credential with username and password, or use the ssh:// URL",
            )


def github_app_has_its_provider(plan: Plan) -> Iterator[Finding]:
    """A GitRepository has `provider: github` exactly when its Secret holds a GitHub App.

    source-controller refuses either without the other, and over ssh:// uses no app (GitRepository docs, "GitHub").
    """
    for item in plan.of_kind("GitRepository"):
        name = text(item.spec, "secretRef", "name")
        keys = plan.secret_keys(item.identity.namespace, name)
        is_github = text(item.spec, "provider") == "github"
        if is_github and name is None:
            yield item.wrong(
                ("spec", "provider"),
                "the provider is github, but no Secret is named; Flux would refuse to fetch; "
                "name a Secret with githubAppID, githubAppPrivateKey and the installation in secretRef, or remove provider",
            )
        elif is_github and keys is not None and "githubAppID" not in keys:
            yield item.wrong(
                ("spec", "provider"),
                f"the provider is github, but Secret/{name} {holds(keys)}, and no GitHub App; Flux would refuse to fetch; "
                "remove provider, or name the credential of a GitHub App",
            )
        elif keys is not None and "githubAppID" in keys and not is_github:
            yield item.wrong(
                ("spec", "provider"),
                f"Secret/{name} holds a GitHub App, but the provider is not github; Flux would refuse to fetch; write provider: github",
            )


def helm_source_has_a_helm_credential(plan: Plan) -> Iterator[Finding]:
    """The Secret of a HelmRepository holds user and password; of type oci, that or a registry's login.

    Any other key is ignored, and the index fetched as anybody (HelmRepository docs, "Secret reference").
    """
    for item in plan.of_kind("HelmRepository"):
        name = text(item.spec, "secretRef", "name")
        keys = plan.secret_keys(item.identity.namespace, name)
        is_oci = text(item.spec, "type") == "oci"
        if keys is None or keys & (_HELM_KEYS | {ADDRESS_OF_A_PROXY}) or (is_oci and _REGISTRY_LOGIN in keys):
            continue
        if _REGISTRY_LOGIN in keys:
            yield item.wrong(
                _PATH,
                f"Secret/{name} {holds(keys)}, a registry's login, which a chart index over HTTP does not use; Flux would fetch without "
                "a credential; name a credential with username and password",
            )
        else:
            yield item.wrong(
                _PATH,
                f"Secret/{name} {holds(keys)}, none of which a HelmRepository uses; Flux would fetch without a credential; "
                "name a credential with username and password",
            )


def helm_certificates_are_named_apart(plan: Plan) -> Iterator[Finding]:
    """A Secret with nothing but certificates is named in `certSecretRef` of a HelmRepository, not in `secretRef`.

    There certificates are deprecated for an index, and never read for type oci (HelmRepository docs, "Cert secret reference").
    """
    for item in plan.of_kind("HelmRepository"):
        name = text(item.spec, "secretRef", "name")
        keys = plan.secret_keys(item.identity.namespace, name)
        if keys is not None and keys & _TLS_KEYS and not keys & {"username", "password"}:
            yield item.wrong(
                _PATH,
                f"Secret/{name} {holds(keys)}, but a HelmRepository reads certificates from certSecretRef; Flux would not trust the "
                "server, or no longer after a later release; name that Secret in certSecretRef",
            )


def oci_source_has_a_registry_login(plan: Plan) -> Iterator[Finding]:
    """The Secret of an OCIRepository is a registry's login, `.dockerconfigjson`.

    An OCIRepository reads nothing else, unlike a HelmRepository of type oci (OCIRepository docs, "Secret reference").
    """
    for item in plan.of_kind("OCIRepository"):
        name = text(item.spec, "secretRef", "name")
        keys = plan.secret_keys(item.identity.namespace, name)
        if keys is not None and _REGISTRY_LOGIN not in keys:
            yield item.wrong(
                _PATH,
                f"Secret/{name} {holds(keys)}, but an OCIRepository reads only .dockerconfigjson; Flux would fetch without a credential; "
                "name a Secret of type kubernetes.io/dockerconfigjson, or make it a HelmRepository of type oci, which takes "
                "username and password",
            )


def image_repository_has_a_registry_login(plan: Plan) -> Iterator[Finding]:
    """The Secret of an ImageRepository is a registry's login, `.dockerconfigjson`.

    image-reflector-controller reads nothing else there (ImageRepository docs, "Secret reference").
    """
    for item in plan.of_kind("ImageRepository"):
        name = text(item.spec, "secretRef", "name")
        keys = plan.secret_keys(item.identity.namespace, name)
        if keys is not None and _REGISTRY_LOGIN not in keys:
            yield item.wrong(
                _PATH,
                f"Secret/{name} {holds(keys)}, but an ImageRepository reads only .dockerconfigjson; Flux would scan as anybody, or not at "
                "all; name a Secret of type kubernetes.io/dockerconfigjson: a credential of type registry",
            )


def bucket_has_an_access_key(plan: Plan) -> Iterator[Finding]:
    """The Secret of a Bucket at a generic or AWS-like store holds `accesskey` and `secretkey`.

    source-controller refuses any other (Bucket docs, "Generic", "AWS"). None of a stack's own credentials is one.
    """
    for item in plan.of_kind("Bucket"):
        name = text(item.spec, "secretRef", "name")
        keys = plan.secret_keys(item.identity.namespace, name)
        if keys is None or (text(item.spec, "provider") or "generic") not in ("generic", "aws"):
            continue
        if not keys >= {"accesskey", "secretkey"}:
            yield item.wrong(
                _PATH,
                f"Secret/{name} {holds(keys)}, but a Bucket reads accesskey and secretkey; Flux would refuse to fetch; "
                "bring a Secret with those into flux-system by Git, encrypted, and name it here",
            )


RULES = (
    ssh_source_has_an_ssh_credential,
    https_source_has_an_https_credential,
    github_app_has_its_provider,
    helm_source_has_a_helm_credential,
    helm_certificates_are_named_apart,
    oci_source_has_a_registry_login,
    image_repository_has_a_registry_login,
    bucket_has_an_access_key,
)
