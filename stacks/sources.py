"""The catalog's sources: where they lie, as whom they are fetched, and the component arguments they become."""

from components.git_source import GitSourceArgs
from components.helm_source import HelmSourceArgs
from components.oci_source import OciSourceArgs
from flux.objects import HELM_CHART_LAYER
from stacks.catalog_model import GitEntry, HelmEntry, Source
from stacks.choice import Choice
from stacks.model import Host, SshCredential
from stacks.nearest import nearest
from stacks.problems import Problem


def add_source(choice: Choice, section: str, name: str, entry: GitEntry | HelmEntry) -> None:
    """Add the source of one entry to what is chosen; a host or credential that is not there becomes a problem."""
    locate = choice.located(section, name)
    credentials = choice.stack.credentials
    is_known = entry.credential is None or entry.credential in credentials or choice.stack_aside.holds("credentials", entry.credential)
    if entry.credential is not None and not is_known:
        text = f"the stack has no credential {entry.credential!r}, so Flux could not fetch{nearest(entry.credential, credentials)}"
        choice.problems.append(Problem(locate(("credential",)), text))
    found = _address(choice, section, name, entry)
    if found is None:
        choice.leave_out(section, name)
        return
    url, host, url_stands_at = found
    secret_name = entry.credential
    marks = {"labels": entry.labels, "annotations": entry.annotations}
    elsewhere = {"url": url_stands_at, "secretRef": locate(("credential",))}
    if isinstance(entry, GitEntry):
        _add_known_hosts(choice, section, name, entry, url, host)
        spec = choice.spec("GitRepository", entry.spec)
        choice.chosen.git[name] = GitSourceArgs(object_name=name, url=url, secret_name=secret_name, spec=spec, **marks)
        choice.record_origin("GitRepository", section, name, **elsewhere)
        return
    kind = entry.kind or ("OCIRepository" if url.startswith("oci://") else "HelmRepository")
    if kind == "OCIRepository":
        spec = choice.spec(kind, entry.spec, layerSelector=HELM_CHART_LAYER)
        choice.chosen.oci[name] = OciSourceArgs(object_name=name, url=url, secret_name=secret_name, spec=spec, **marks)
    else:
        spec = choice.spec(kind, entry.spec)
        choice.chosen.helm[name] = HelmSourceArgs(object_name=name, url=url, secret_name=secret_name, spec=spec, **marks)
    choice.record_origin(kind, section, name, **elsewhere)


def _address(choice: Choice, section: str, name: str, entry: Source) -> tuple[str, Host | None, str] | None:
    """The URL, its host, and where the URL was written."""
    locate = choice.located(section, name)
    if entry.from_ is None:
        assert entry.url is not None  # noqa: S101 (Source's own validator saw to it)
        return entry.url, None, locate(("url",))
    host_name, _, path = entry.from_.partition("/")
    host = choice.hosts.get(host_name)
    if choice.is_set_aside("hosts", host_name):
        return None
    if host is None:
        text = f"the catalog has no host {host_name!r}, so it is unknown where Flux would fetch from{nearest(host_name, choice.hosts)}"
        choice.problems.append(Problem(locate(("from",)), text))
        return None
    url = f"{host.url.rstrip('/')}/{path}"
    if isinstance(entry, GitEntry) and not url.endswith(".git"):
        url += ".git"
    changed = choice.stack.hosts.get(host_name)
    by_stack = changed is not None and changed.url is not None
    host_stands_at = choice.locate_stack(("hosts", host_name, "url")) if by_stack else choice.locate_catalog(("hosts", host_name, "url"))
    return url, host, f"{locate(('from',))} (given by {host_stands_at})"


def _add_known_hosts(choice: Choice, section: str, name: str, entry: Source, url: str, host: Host | None) -> None:
    if not url.startswith("ssh://") or not isinstance(choice.stack.credentials.get(entry.credential or ""), SshCredential):
        return
    assert entry.credential is not None  # noqa: S101 (it names an SshCredential)
    if host is None or host.known_hosts is None:
        text = (
            "is fetched over SSH, but no knownHosts is given for its host, without which Flux refuses every key. "
            "Add `knownHosts` to the host in the catalog; `ssh-keyscan <host>` prints it, to be compared with what the host publishes"
        )
        choice.problems.append(Problem(choice.located(section, name)(("from",) if host else ("url",)), text))
        return
    lines = choice.chosen.known_hosts.setdefault(entry.credential, [])
    lines.extend(line for line in host.known_hosts.strip().splitlines() if line not in lines)
