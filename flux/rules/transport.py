"""How sources are fetched: encrypted, where the environment asks for it."""

import re
from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address, IPv4Network

from flux.addresses import address_of
from flux.any_shape import text
from flux.finding import STACK_AND_GIT, STACK_FILE, Finding, in_stack_file
from flux.requirement import REFUSING
from flux.rules.plan import Plan, PlannedObject
from flux.rules.rule import rule

_GROUPS = ("source.toolkit.fluxcd.io", "image.toolkit.fluxcd.io")
_ANYONE = "Anyone on the network could decide what runs in the cluster; only development allows that."
_OR_PERMIT = "or permit the host in gitops:insecureHosts, with a reason."
_OCI = "oci://"
_PRIVATE = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
_LOCAL = re.compile(r"\.local(:[0-9]{1,5})?$")
_LOCALHOST = re.compile(r"^localhost:|\.localhost(:[0-9]{1,5})?$")
_LOOPBACK = re.compile(r"127\.0\.0\.1|::1")
_LOOPBACK_ALONE = re.compile(r"^127\.0\.0\.1(:[0-9]{1,5})?$|^(::1|\[::1\](:[0-9]{1,5})?)$")
"""Since Flux 2.10."""


@rule(looks_at=STACK_AND_GIT, environments=REFUSING)
def sources_are_fetched_encrypted(plan: Plan) -> Iterator[Finding]:
    """Flux fetches sources over TLS or SSH: no `http://` URL, no `insecure: true`, but for hosts in `gitops:insecureHosts`.

    Otherwise, anyone on the network could decide what runs in the cluster. Notifications may use HTTP, because they decide nothing.
    An OCIRepository falls back to plain HTTP for a private IPv4 address, loopback, `.localhost` and, before Flux 2.9, `.local`
    (`Registry.Scheme` of go-containerregistry).
    """
    for item in plan.objects:
        is_http, is_insecure = (text(item.spec, "url") or "").startswith("http://"), item.spec.get("insecure") is True
        falls_back = _falls_back_for(item, plan.flux_minor)
        if item.group not in _GROUPS or not (is_http or is_insecure or falls_back) or _servers(item) & plan.planned.insecure_hosts:
            continue
        if falls_back and not is_insecure:
            wrong = f"may be fetched unencrypted: Flux falls back to plain HTTP for {falls_back}"
            yield item.wrong(
                ("spec", "url"), wrong, _ANYONE, f"Write a DNS name of the registry outside .local and .localhost, {_OR_PERMIT}"
            )
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


def _falls_back_for(item: PlannedObject, flux_minor: tuple[int, int] | None) -> str:
    """What about the address of an OCIRepository has Flux try plain HTTP after HTTPS; empty where it does not.

    As source-controller's library says it, also where that is odd: until Flux 2.9, `127.0.0.1` and `::1` count anywhere in a name.
    """
    url = text(item.spec, "url") or ""
    if item.kind != "OCIRepository" or not url.startswith(_OCI):
        return ""
    registry = url.removeprefix(_OCI).partition("/")[0]
    if _is_private(registry.partition(":")[0]):
        return "a private address"
    if (_LOOPBACK if flux_minor is None or flux_minor < (2, 10) else _LOOPBACK_ALONE).search(registry):
        return "a loopback address"
    if _LOCALHOST.search(registry):
        return "localhost"
    return "a name that ends in .local" if (flux_minor is None or flux_minor < (2, 9)) and _LOCAL.search(registry) else ""


def _is_private(host: str) -> bool:
    try:
        address = IPv4Address(host)
    except AddressValueError:
        return False
    return any(address in network for network in _PRIVATE)


def _servers(item: PlannedObject) -> set[str]:
    """The host from which `item` is fetched, without and with its port."""
    written = text(item.spec, "url") or text(item.spec, "endpoint") or text(item.spec, "image") or ""
    address = address_of(written if "://" in written else f"http://{written}")
    if address is None:
        return set()
    return {address.host, f"{address.host}:{address.port_or_default}"}
