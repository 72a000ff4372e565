"""How sources are fetched: encrypted, where the environment asks for it."""

from collections.abc import Iterator

from flux.addresses import address_of
from flux.any_shape import text
from flux.finding import STACK_AND_GIT, STACK_FILE, Finding, in_stack_file
from flux.requirement import REFUSING
from flux.rules.plan import Plan, PlannedObject
from flux.rules.rule import rule

_GROUPS = ("source.toolkit.fluxcd.io", "image.toolkit.fluxcd.io")
_ANYONE = "Anyone on the network could decide what runs in the cluster; only development allows that."
_OR_PERMIT = "or permit the host in gitops:insecureHosts, with a reason."
_PORTS = {"http": 80, "https": 443}


@rule(looks_at=STACK_AND_GIT, environments=REFUSING)
def sources_are_fetched_encrypted(plan: Plan) -> Iterator[Finding]:
    """Flux fetches sources over TLS or SSH: no `http://` URL, no `insecure: true`, but for hosts in `gitops:insecureHosts`.

    Otherwise, anyone on the network could decide what runs in the cluster. Notifications may use HTTP, because they decide nothing.
    """
    for item in plan.objects:
        is_http, is_insecure = (text(item.spec, "url") or "").startswith("http://"), item.spec.get("insecure") is True
        if item.group not in _GROUPS or not (is_http or is_insecure) or _servers(item) & plan.planned.insecure_hosts:
            continue
        if is_http:
            yield item.wrong(("spec", "url"), "is fetched unencrypted", _ANYONE, f"Write https:// or ssh://, {_OR_PERMIT}")
        if is_insecure:
            fix = f"Remove insecure and give the server a certificate, {_OR_PERMIT}"
            yield item.wrong(("spec", "insecure"), "lets Flux fetch without TLS", _ANYONE, fix)


@rule(looks_at=STACK_FILE)
def permitted_host_is_used(plan: Plan) -> Iterator[Finding]:
    """Each host in `gitops:insecureHosts` is one from which a source of the stack is fetched.

    A permission that is left over would permit the next source on that host, too.
    """
    if not plan.planned.insecure_hosts:
        return
    used = {server for item in plan.objects if item.group in _GROUPS for server in _servers(item)}
    if any(each.kind in ("", "GitRepository", "HelmRepository", "OCIRepository") for each in plan.planned.unknown):
        return
    for host in sorted(plan.planned.insecure_hosts - used):
        yield in_stack_file(
            ("insecureHosts", host), "is not the host of a source of this stack", "The permission would have no effect.", "Remove it."
        )


def _servers(item: PlannedObject) -> set[str]:
    """The host from which `item` is fetched, without and with its port."""
    written = text(item.spec, "url") or text(item.spec, "endpoint") or text(item.spec, "image") or ""
    address = address_of(written if "://" in written else f"http://{written}")
    if address is None:
        return set()
    port = address.port or _PORTS.get(address.scheme, 443)
    return {address.host, f"{address.host}:{port}"}
