"""Whether a login goes to whom it is meant for. Judged only for Secrets that the stack makes: others may come from Git."""

from collections.abc import Iterator

from flux.any_shape import ADDRESS_OF_A_PROXY, shown, text
from flux.finding import STACK_AND_GIT, Finding
from flux.rules.plan import Plan, PlannedObject
from flux.rules.rule import rule

_PATH = ("spec", "secretRef")
_DOCKER_HUB = "docker.io"
_HTTPS_PORT = ":443"


@rule(looks_at=STACK_AND_GIT)
def proxy_is_no_credential(plan: Plan) -> Iterator[Finding]:
    """The `secretRef` of a GitRepository or HelmRepository does not name the Secret of a proxy, which has an `address`.

    Flux would take its user name and password for those of the server, and send them there instead of to the proxy.
    """
    for item in plan.of_kind("GitRepository", "HelmRepository"):
        name = text(item.spec, "secretRef", "name")
        keys = plan.secret_keys(item.namespace, name)
        if keys is None or ADDRESS_OF_A_PROXY not in keys or (text(item.spec, "url") or "").startswith("ssh://"):
            continue
        elsewhere = f", and the proxy in {plan.written_as(item, 'proxySecretRef')}" if item.kind == "GitRepository" else ""
        yield item.wrong(
            _PATH,
            f"names Secret/{name}, which is for a proxy: it holds an address",
            "Flux would send the proxy's login to the server, and use no proxy.",
            f"Name the server's credential here{elsewhere}.",
        )


@rule(looks_at=STACK_AND_GIT)
def registry_login_is_for_the_registry(plan: Plan) -> Iterator[Finding]:
    """The registry login of a source is for the registry from which Flux fetches it.

    Logins are looked up by host and port (the keychains of go-containerregistry and Helm). If none matches, Flux pulls without a login.
    """
    for item in plan.of_kind("OCIRepository", "HelmRepository", "ImageRepository"):
        name, registry = text(item.spec, "secretRef", "name"), _registry_of(item)
        server = plan.registry_of(item.namespace, name)
        if server is None or registry is None or _place(server) == _place(registry):
            continue
        yield item.wrong(
            _PATH,
            f"names Secret/{name}, the login for {shown(server)}, but the registry is {shown(registry)}",
            "Flux would pull without a login.",
            "Name a credential whose server is that registry.",
        )


def _registry_of(item: PlannedObject) -> str | None:
    """Host and port; None for what comes from no registry, or where they cannot be read."""
    if item.kind == "ImageRepository":
        first, slash, _ = (text(item.spec, "image") or "").partition("/")
        return first if slash and (set(first) & set(".:") or first == "localhost") else _DOCKER_HUB
    scheme, _, rest = (text(item.spec, "url") or "").partition("://")
    return rest.split("/", 1)[0] or None if scheme == "oci" else None


def _place(registry: str) -> str:
    """One name for each registry: Docker Hub has several, and the port of https need not be written."""
    host = registry.lower().partition("://")[2] or registry.lower()
    host = host.split("/", 1)[0].removesuffix(_HTTPS_PORT)
    return _DOCKER_HUB if host == _DOCKER_HUB or host.endswith(f".{_DOCKER_HUB}") else host
