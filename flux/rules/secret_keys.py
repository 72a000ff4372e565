"""The keys of a Secret fit its source. Checked only for Secrets that the stack creates, because others may come from Git."""

from collections.abc import Iterator

from flux.any_shape import ADDRESS_OF_A_PROXY, holds, text
from flux.finding import GIT, STACK_AND_GIT, Finding
from flux.keys.known_hosts import keyscan
from flux.rules.plan import Plan, PlannedObject
from flux.rules.rule import rule

_PATH = ("spec", "secretRef")
_REGISTRY_LOGIN = ".dockerconfigjson"
_GIT_HTTP_KEYS = frozenset({"username", "bearerToken", "ca.crt", "caFile", "tls.crt", "githubAppID"})
_TLS_KEYS = frozenset({"ca.crt", "caFile", "tls.crt", "certFile"})
_HELM_KEYS = frozenset({"username"}) | _TLS_KEYS
"""A password without it is that of an SSH key."""
_GIT_SIGNERS = (".asc", ".sshpub")
_REFUSED = "Flux would refuse to fetch."
_ANONYMOUS = "Flux would fetch without a credential."


@rule(looks_at=STACK_AND_GIT)
def ssh_source_has_an_ssh_credential(plan: Plan) -> Iterator[Finding]:
    """A GitRepository with an ssh:// URL names a Secret with `identity` and `known_hosts`.

    source-controller refuses to connect without both (fluxcd/pkg git.AuthOptions): it never trusts a server on first use.
    """
    for item in plan.of_kind("GitRepository"):
        url = text(item.spec, "url") or ""
        if not url.startswith("ssh://"):
            continue
        name, keys = _secret(plan, item)
        if name is None:
            yield item.wrong(
                _PATH,
                "is required for an ssh:// URL but missing",
                "Flux would refuse to connect.",
                "Name a credential of type ssh (a Secret with identity and known_hosts), or use the https:// URL.",
            )
        elif keys is not None and "identity" not in keys:
            yield item.wrong(
                _PATH,
                f"names Secret/{name}, which {holds(keys, but='no identity, the private key')}",
                "Flux would refuse to connect.",
                "Name a credential of type ssh, or use the https:// URL.",
            )
        elif keys is not None and "known_hosts" not in keys:
            yield item.wrong(
                _PATH,
                f"names Secret/{name}, which has no known_hosts",
                "Flux refuses to connect to a server whose public key is not listed there.",
                f"Add known_hosts: run `{keyscan(url)}`, and compare what it prints with what the host publishes.",
            )


@rule(looks_at=STACK_AND_GIT)
def https_source_has_an_https_credential(plan: Plan) -> Iterator[Finding]:
    """The Secret of a GitRepository with an http(s):// URL holds what HTTP uses: user name and password, a bearer token, or certificates.

    Flux silently ignores an SSH key there, and fetches the repository without a credential (fluxcd/pkg git.NewAuthOptions).
    """
    for item in plan.of_kind("GitRepository"):
        name, keys = _secret(plan, item)
        scheme = (text(item.spec, "url") or "").partition("://")[0]
        if keys is None or ADDRESS_OF_A_PROXY in keys or scheme not in ("http", "https"):
            continue
        if "password" in keys and "username" not in keys and "identity" not in keys:
            yield item.wrong(
                _PATH,
                f"names Secret/{name}, which has a password but no username",
                _REFUSED,
                "Add username; any text will do when the password is a token.",
            )
        elif not keys & _GIT_HTTP_KEYS:
            yield item.wrong(
                _PATH,
                f"names Secret/{name}, which {holds(keys, but=f'nothing that {scheme}:// uses')}",
                "Flux would fetch without a credential, which fails for a private repository.",
                "Name a credential of type basic (username and password), or use the ssh:// URL.",
            )


@rule(looks_at=STACK_AND_GIT)
def github_app_has_its_provider(plan: Plan) -> Iterator[Finding]:
    """A GitRepository has `provider: github` exactly if its Secret holds a GitHub App.

    source-controller refuses one without the other, and does not use an app over ssh:// (GitRepository docs, "GitHub").
    """
    for item in plan.of_kind("GitRepository"):
        name, keys = _secret(plan, item)
        is_github = text(item.spec, "provider") == "github"
        path, app = ("spec", "provider"), "Name a credential of type githubApp, or remove provider."
        if is_github and name is None:
            yield item.wrong(path, "is github, but no Secret is named", _REFUSED, app)
        elif is_github and keys is not None and "githubAppID" not in keys:
            yield item.wrong(path, f"is github, but Secret/{name} holds no GitHub App", _REFUSED, app)
        elif keys is not None and "githubAppID" in keys and not is_github:
            yield item.wrong(path, f"is not github, but Secret/{name} holds a GitHub App", _REFUSED, "Write provider: github.")


@rule(looks_at=STACK_AND_GIT)
def helm_source_has_a_helm_credential(plan: Plan) -> Iterator[Finding]:
    """The Secret of a HelmRepository holds user name and password, or for type oci a registry login.

    Flux ignores any other key, and fetches the index without a credential (HelmRepository docs, "Secret reference").
    """
    for item in plan.of_kind("HelmRepository"):
        name, keys = _secret(plan, item)
        is_oci = text(item.spec, "type") == "oci"
        if keys is None or keys & (_HELM_KEYS | {ADDRESS_OF_A_PROXY}) or (is_oci and _REGISTRY_LOGIN in keys):
            continue
        wrong = f"names Secret/{name}, which {holds(keys, but='nothing that a HelmRepository uses')}"
        if _REGISTRY_LOGIN in keys:
            wrong = f"names Secret/{name}, a registry login, which a chart index does not use"
        yield item.wrong(_PATH, wrong, _ANONYMOUS, "Name a credential of type basic (username and password).")


@rule(looks_at=STACK_AND_GIT, warns=GIT)
def helm_certificates_are_named_apart(plan: Plan) -> Iterator[Finding]:
    """A HelmRepository names a Secret that holds only certificates in `certSecretRef`, not in `secretRef`.

    Certificates in `secretRef` are deprecated for an index, and never read for type oci (HelmRepository docs, "Cert secret reference").
    """
    for item in plan.of_kind("HelmRepository"):
        name, keys = _secret(plan, item)
        if keys is not None and keys & _TLS_KEYS and not keys & {"username", "password"}:
            is_oci = text(item.spec, "type") == "oci"
            yield item.wrong(
                _PATH,
                f"names Secret/{name}, which holds only certificates: {', '.join(sorted(keys))}",
                "Flux would not trust the server." if is_oci else "A later release of Flux would no longer trust the server.",
                f"Name that Secret in {plan.written_as(item, 'certSecretRef')}.",
            )


@rule(looks_at=STACK_AND_GIT)
def oci_source_has_a_registry_login(plan: Plan) -> Iterator[Finding]:
    """The Secret of an OCIRepository is a registry login, `.dockerconfigjson`.

    An OCIRepository reads nothing else, unlike a HelmRepository of type oci (OCIRepository docs, "Secret reference").
    """
    for item in plan.of_kind("OCIRepository"):
        name, keys = _secret(plan, item)
        if keys is not None and _REGISTRY_LOGIN not in keys:
            yield item.wrong(
                _PATH,
                f"names Secret/{name}, which {holds(keys)}; an OCIRepository reads only .dockerconfigjson",
                _ANONYMOUS,
                "Name a credential of type registry, or use a HelmRepository of type oci (username and password).",
            )


@rule(looks_at=STACK_AND_GIT)
def image_repository_has_a_registry_login(plan: Plan) -> Iterator[Finding]:
    """The Secret of an ImageRepository is a registry login, `.dockerconfigjson`.

    image-reflector-controller reads nothing else there (ImageRepository docs, "Secret reference").
    """
    for item in plan.of_kind("ImageRepository"):
        name, keys = _secret(plan, item)
        if keys is not None and _REGISTRY_LOGIN not in keys:
            yield item.wrong(
                _PATH,
                f"names Secret/{name}, which {holds(keys)}; an ImageRepository reads only .dockerconfigjson",
                "Flux would scan without a credential.",
                "Name a credential of type registry: a Secret of type kubernetes.io/dockerconfigjson.",
            )


@rule(looks_at=STACK_AND_GIT)
def bucket_has_an_access_key(plan: Plan) -> Iterator[Finding]:
    """The Secret of a Bucket of provider generic or aws holds `accesskey` and `secretkey`.

    source-controller refuses any other Secret (Bucket docs, "Generic", "AWS").
    """
    for item in plan.of_kind("Bucket"):
        name, keys = _secret(plan, item)
        if keys is None or (text(item.spec, "provider") or "generic") not in ("generic", "aws"):
            continue
        if not keys >= {"accesskey", "secretkey"}:
            yield item.wrong(
                _PATH,
                f"names Secret/{name}, which {holds(keys)}; a Bucket reads accesskey and secretkey",
                _REFUSED,
                "Name a credential of type bucket: a Secret with both keys.",
            )


@rule(looks_at=STACK_AND_GIT)
def verification_has_keys(plan: Plan) -> Iterator[Finding]:
    """The Secret of `verify.secretRef` holds keys that Flux reads: `*.asc` or `*.sshpub` for Git, `*.pub` for cosign.

    source-controller tells keys apart by the ends of their names, and without one, nothing that it fetches would be verified.
    """
    for item in plan.of_kind("GitRepository", "OCIRepository"):
        name = text(item.spec, "verify", "secretRef", "name")
        keys = plan.secret_keys(item.namespace, name)
        is_git = item.kind == "GitRepository"
        if keys is None or (not is_git and text(item.spec, "verify", "provider") == "notation"):
            continue
        ends = _GIT_SIGNERS if is_git else (".pub",)
        if not any(key.endswith(ends) for key in keys):
            lacks = f"no key that ends in {' or '.join(ends)}"
            yield item.wrong(
                ("spec", "verify", "secretRef"),
                f"names Secret/{name}, which {holds(keys, but=lacks)}",
                _REFUSED,
                "Name a credential of type publicKeys.",
            )


def _secret(plan: Plan, item: PlannedObject) -> tuple[str | None, frozenset[str] | None]:
    """The Secret that is named, and its keys, as far as they are known."""
    name = text(item.spec, "secretRef", "name")
    return name, plan.secret_keys(item.namespace, name)
