"""The catalog's sources: where they lie, as whom they are fetched, and the component arguments they become."""

from components.git_source import GitSourceArgs
from components.helm_source import HelmSourceArgs
from components.oci_source import OciSourceArgs
from flux.objects import HELM_CHART_LAYER
from stacks.choosing.choice import Choice
from stacks.choosing.source_secrets import SourceSecrets, secrets_of
from stacks.contract.catalog import GitEntry, HelmEntry, Source
from stacks.contract.stack import Host
from stacks.words.did_you_mean import nearest
from stacks.words.problems import Problem


def add_source(choice: Choice, section: str, name: str, entry: GitEntry | HelmEntry) -> None:
    """Add the source of one entry to what is chosen; a host or credential that is not there becomes a problem."""
    locate = choice.located(section, name)
    credentials = choice.stack.credentials
    for key, credential in (("credential", entry.credential), ("certificate", entry.certificate), ("proxy", entry.proxy)):
        if credential is None or credential in credentials or choice.stack_aside.holds("credentials", credential):
            continue
        text = f"the stack has no credential {credential!r}, so Flux could not fetch{nearest(credential, credentials)}"
        choice.problems.append(Problem(locate((key,)), text))
    found = _address(choice, section, name, entry)
    if found is None:
        choice.leave_out(section, name)
        return
    url, host, url_stands_at = found
    kind = _kind(entry, url)
    secrets = secrets_of(choice, section, name, entry, kind, url, host)
    elsewhere = {
        "url": url_stands_at,
        "secretRef": locate(("credential",)),
        "certSecretRef": locate(("certificate",)),
        "proxySecretRef": locate(("proxy",)),
        "provider": locate(("credential",)),
    }
    _add(choice, kind, name, entry, url, secrets)
    choice.record_origin(kind, section, name, **elsewhere)


def _kind(entry: GitEntry | HelmEntry, url: str) -> str:
    if isinstance(entry, GitEntry):
        return "GitRepository"
    return entry.kind or ("OCIRepository" if url.startswith("oci://") else "HelmRepository")


def _add(choice: Choice, kind: str, name: str, entry: GitEntry | HelmEntry, url: str, secrets: SourceSecrets) -> None:
    if kind == "GitRepository":
        credential = choice.stack.credentials.get(secrets.credential or "")
        choice.chosen.git[name] = GitSourceArgs(
            object_name=name,
            url=url,
            secret_name=secrets.credential,
            proxy_secret_name=secrets.proxy,
            provider=credential.GIT_PROVIDER if credential else None,
            spec=choice.spec(kind, entry.spec),
            labels=entry.labels,
            annotations=entry.annotations,
        )
        return
    source = OciSourceArgs if kind == "OCIRepository" else HelmSourceArgs
    built_in = {"layerSelector": HELM_CHART_LAYER} if kind == "OCIRepository" else {}
    args = source(
        object_name=name,
        url=url,
        secret_name=secrets.credential,
        certificate_secret_name=secrets.certificate,
        proxy_secret_name=secrets.proxy,
        spec=choice.spec(kind, entry.spec, **built_in),
        labels=entry.labels,
        annotations=entry.annotations,
    )
    if isinstance(args, OciSourceArgs):
        choice.chosen.oci[name] = args
    else:
        choice.chosen.helm[name] = args


def _address(choice: Choice, section: str, name: str, entry: Source) -> tuple[str, tuple[str, Host] | None, str] | None:
    """The URL, its host by name, and where the URL was written."""
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
    return url, (host_name, host), f"{locate(('from',))} (given by {host_stands_at})"
