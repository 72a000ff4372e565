"""The keys of a Secret fit what the source does with them. Judged only for Secrets that the stack makes: others may come from Git."""

from collections.abc import Iterator

from flux.rules.plan import Plan
from flux.rules.reading import text
from flux.rules.sources import host_of
from flux.violations import Violation

_PATH = ("spec", "secretRef")
_GIT_HTTP_KEYS = frozenset({"username", "bearerToken", "ca.crt", "caFile", "tls.crt", "githubAppID"})
_HELM_KEYS = frozenset({"username", "password", "ca.crt", "caFile", "tls.crt", "certFile", ".dockerconfigjson"})


def ssh_source_has_an_ssh_credential(plan: Plan) -> Iterator[Violation]:
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
                f"Secret/{name} {_holds(keys)}, but no identity, the private key that ssh:// needs; Flux would refuse to connect; "
                "name an SSH credential, or use the https:// URL",
            )
        elif keys is not None and "known_hosts" not in keys:
            yield item.wrong(
                _PATH,
                f"Secret/{name} has no known_hosts; Flux trusts no server whose key is not listed there, and would refuse to connect; add "
                f"known_hosts (`ssh-keyscan {host_of(url) or '<host>'}` prints it, to be compared with what the host publishes)",
            )


def https_source_has_an_https_credential(plan: Plan) -> Iterator[Violation]:
    """The Secret of a GitRepository with an http(s):// URL holds what HTTP uses: user and password, a bearer token, or certificates.

    An SSH key is silently ignored there, and the repository fetched as anybody (fluxcd/pkg git.NewAuthOptions).
    """
    for item in plan.of_kind("GitRepository"):
        url, name = text(item.spec, "url") or "", text(item.spec, "secretRef", "name")
        keys = plan.secret_keys(item.identity.namespace, name)
        scheme = url.partition("://")[0]
        if keys is None or scheme not in ("http", "https"):
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
                f"Secret/{name} {_holds(keys)}, none of which {scheme}:// uses; Flux would fetch without a credential, and a private "
                "repository not at all; name a credential with username and password, or use the ssh:// URL",
            )


def helm_source_has_a_helm_credential(plan: Plan) -> Iterator[Violation]:
    """The Secret of a HelmRepository holds user and password, certificates, or a registry's login.

    Any other key is ignored, and the index fetched as anybody (HelmRepository docs, "Secret reference").
    """
    for item in plan.of_kind("HelmRepository"):
        name = text(item.spec, "secretRef", "name")
        keys = plan.secret_keys(item.identity.namespace, name)
        if keys is not None and not keys & _HELM_KEYS:
            yield item.wrong(
                _PATH,
                f"Secret/{name} {_holds(keys)}, none of which a HelmRepository uses; Flux would fetch without a credential; "
                "name a credential with username and password",
            )


def oci_source_has_a_registry_login(plan: Plan) -> Iterator[Violation]:
    """The Secret of an OCIRepository is a registry's login, `.dockerconfigjson`.

    An OCIRepository reads nothing else, unlike a HelmRepository of type oci (OCIRepository docs, "Secret reference").
    """
    for item in plan.of_kind("OCIRepository"):
        name = text(item.spec, "secretRef", "name")
        keys = plan.secret_keys(item.identity.namespace, name)
        if keys is not None and ".dockerconfigjson" not in keys:
            yield item.wrong(
                _PATH,
                f"Secret/{name} {_holds(keys)}, but an OCIRepository reads only .dockerconfigjson; Flux would fetch without a credential; "
                "name a Secret of type kubernetes.io/dockerconfigjson, or make it a HelmRepository of type oci, which takes "
                "username and password",
            )


def _holds(keys: frozenset[str]) -> str:
    """Names of keys are no secret: they are the stack's own, fixed ones."""
    return f"holds {' and '.join(sorted(keys))}" if keys else "is empty"


RULES = (
    ssh_source_has_an_ssh_credential,
    https_source_has_an_https_credential,
    helm_source_has_a_helm_credential,
    oci_source_has_a_registry_login,
)
