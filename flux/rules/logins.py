"""Whether a login goes to whom it is meant for. Judged only for Secrets that the stack makes: others may come from Git."""

from collections.abc import Iterator

from flux.finding import Finding
from flux.rules.plan import Plan, PlannedObject
from flux.rules.reading import shown, text

_PATH = ("spec", "secretRef")
ADDRESS_OF_A_PROXY = "address"
"""The entry by which the Secret of a proxy is known."""
_DOCKER_HUB = "docker.io"
_HTTPS_PORT = ":443"


def proxy_is_no_credential(plan: Plan) -> Iterator[Finding]:
    """The Secret of a GitRepository or HelmRepository is not that of a proxy, which has an `address`.

    Its user and password are read like any other's there, and sent to the server in place of the proxy.
    """
    for item in plan.of_kind("GitRepository", "HelmRepository"):
        name = text(item.spec, "secretRef", "name")
        keys = plan.secret_keys(item.identity.namespace, name)
        if keys is None or ADDRESS_OF_A_PROXY not in keys or (text(item.spec, "url") or "").startswith("ssh://"):
            continue
        elsewhere = ", and the proxy in proxySecretRef" if item.identity.kind == "GitRepository" else ""
        yield item.wrong(
            _PATH,
            f"Secret/{name} holds the address of a proxy, so a login in it is meant for that proxy; Flux would send it to the server of "
            f"the repository, and use no proxy; name the server's credential here{elsewhere}",
        )


def registry_login_is_for_the_registry(plan: Plan) -> Iterator[Finding]:
    """The login of a registry that a source names is for the registry from which it is fetched.

    Logins are looked up by host and port (go-containerregistry's and Helm's keychains); where none fits, Flux pulls as anybody.
    """
    for item in plan.of_kind("OCIRepository", "HelmRepository", "ImageRepository"):
        name, registry = text(item.spec, "secretRef", "name"), _registry_of(item)
        server = plan.registry_of(item.identity.namespace, name)
        if server is None or registry is None or _place(server) == _place(registry):
            continue
        yield item.wrong(
            _PATH,
            f"Secret/{name} is the login of {shown(server)}, but this is fetched from {shown(registry)}; Flux would pull as anybody; "
            "name a credential whose server is that registry",
        )


def _registry_of(item: PlannedObject) -> str | None:
    """Host and port; None for what comes from no registry, or where they cannot be read."""
    if item.identity.kind == "ImageRepository":
        first, slash, _ = (text(item.spec, "image") or "").partition("/")
        return first if slash and (set(first) & set(".:") or first == "localhost") else _DOCKER_HUB
    scheme, _, rest = (text(item.spec, "url") or "").partition("://")
    return rest.split("/", 1)[0] or None if scheme == "oci" else None


def _place(registry: str) -> str:
    """One name for each registry: Docker Hub has several, and the port of https need not be written."""
    host = registry.lower().partition("://")[2] or registry.lower()
    host = host.split("/", 1)[0].removesuffix(_HTTPS_PORT)
    return _DOCKER_HUB if host == _DOCKER_HUB or host.endswith(f".{_DOCKER_HUB}") else host


RULES = (proxy_is_no_credential, registry_login_is_for_the_registry)
