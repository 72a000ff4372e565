"""The catalog's hosts as one stack has them, and which of them serves a URL."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from urllib.parse import urlsplit

from flux.addresses import DEFAULT_PORTS
from flux.message import Message
from stacks.contract.catalog import Catalog
from stacks.contract.stack import Host, Stack
from stacks.reading.merging import merged
from stacks.reading.validation import Validated, validate
from stacks.words.did_you_mean import did_you_mean
from stacks.words.problems import Problem


def hosts_of(catalog: Validated[Catalog], stack: Validated[Stack], problems: list[Problem]) -> dict[str, Validated[Host]]:
    """Each host with what the stack changes of it; one that the stack spoils is set aside."""
    hosts: dict[str, Validated[Host]] = {}
    for name, declared in catalog.model.hosts.items():
        document = catalog.document.at("hosts", name)
        if name not in stack.model.hosts:
            hosts[name] = Validated(declared, document)
            continue
        changed = validate(Host, merged(document, stack.document.at("hosts", name)), problems)
        if changed is None:
            stack.aside.put(("hosts", name))
        else:
            hosts[name] = changed
    for name in stack.model.hosts:
        if name not in catalog.model.hosts and not catalog.aside.holds("hosts", name):
            fix = did_you_mean(name, catalog.model.hosts) or "Remove it, or declare the host in the catalog."
            text = Message(f"the catalog has no host {name!r}", "It would have no effect.", fix)
            problems.append(Problem(stack.place("hosts", name), text))
    return hosts


def host_of(url: str, hosts: Mapping[str, Validated[Host]]) -> str | None:
    """The host that serves `url`: the one on the same server; if several are, the one whose URL it begins with."""
    server = _server(url)
    found = {name: host.model.url for name, host in hosts.items() if _server(host.model.url) == server}
    return max(found, key=lambda name: len(found[name]) * url.startswith(found[name]), default=None) if server else None


def is_on_a_faulty_host(url: str, catalog: Validated[Catalog], stack: Validated[Stack]) -> bool:
    """Whether `url` may be on the server of a host that was set aside, which was reported with its own fault."""
    if catalog.aside.holds("hosts") or stack.aside.holds("hosts"):
        return True
    names = {*catalog.aside.names("hosts"), *stack.aside.names("hosts")}
    return any(_server(url) in _servers_written(name, catalog, stack) for name in names)


def _servers_written(name: str, catalog: Validated[Catalog], stack: Validated[Stack]) -> Iterator[tuple[str, str, int | None] | None]:
    for written in (catalog, stack):
        kept = written.model.hosts.get(name)
        aside = [value for path, value in written.aside.parts if path == ("hosts", name)]
        for url in (kept and kept.url, *(value.get("url") for value in aside if isinstance(value, dict))):
            if isinstance(url, str):
                yield _server(url)


@lru_cache(maxsize=4096)
def _server(url: str) -> tuple[str, str, int | None] | None:
    """How it is spoken to, by what name and at which port. A registry speaks HTTPS, so it has the certificate of the web server there."""
    try:
        parts = urlsplit(url)
        scheme = "https" if parts.scheme == "oci" else parts.scheme
        return (scheme, parts.hostname, parts.port or DEFAULT_PORTS.get(scheme)) if parts.hostname else None
    except ValueError:
        return None
