"""The sources of the catalog: their URLs, their credentials, and the bodies built from both."""

import re
from dataclasses import dataclass

from components.git_source import GitSource, GitSourceArgs
from components.helm_source import HelmSource, HelmSourceArgs
from components.oci_source import OciSource, OciSourceArgs
from flux.bodies import HELM_CHART_LAYER
from flux.message import Message
from stacks.choosing.catalog_entry import Entry
from stacks.choosing.choice import Choice
from stacks.choosing.hosts import host_of
from stacks.choosing.planned_body import PlannedBody, planned
from stacks.choosing.source_secrets import give_host_secrets, secrets_of
from stacks.contract.catalog import GitEntry, HelmEntry, OciEntry, SourceEntry
from stacks.contract.section_names import EntryKind
from stacks.reading.merging import merged
from stacks.words.did_you_mean import did_you_mean
from stacks.words.place import Place
from stacks.words.problems import Problem


@dataclass(frozen=True)
class SourceAddress:
    """Where an entry says that its source is."""

    url: str
    place: Place | str
    """Where that was written, or in which key of the entry."""
    host: str | None = None
    leads: bool = False
    """Whether the entry names the host of the URL, and does not write the URL itself."""


def plan_source(choice: Choice, entry: Entry[SourceEntry]) -> PlannedBody | None:
    """The body of a source, or None; an unknown host becomes a problem."""
    address = _address(choice, entry)
    if address is None:
        return None
    if misplaced := _of_the_other_section(entry.model, address):
        place = entry.place("from") if address.leads else address.place
        choice.problems.append(Problem(entry.place(place) if isinstance(place, str) else place, misplaced))
        return None
    kind = _kind(entry.model, address.url)
    is_chart = kind == "OCIRepository" and isinstance(entry.model, HelmEntry)
    chart = {"layerSelector": (HELM_CHART_LAYER, entry.document.places.here)} if is_chart else {}
    spec = choice.spec(kind, entry, **chart)
    url = spec.value.get("url", address.url)
    host = address.host if url == address.url and address.host else host_of(str(url), choice.hosts)
    secrets = secrets_of(choice, entry, kind, spec.value, str(url), host)
    metadata = choice.metadata(entry, entry.model.labels, entry.model.annotations, entry.model.shard)
    filled = {"url": address.place, "provider": secrets.credential.made_of, **secrets.made_of()}
    if kind == "HelmRepository" and str(url).startswith("oci://"):
        filled["type"] = spec.places.of(("url",)) if "url" in spec.value else address.place
    if kind == "GitRepository":
        credential = choice.stack.model.credentials.get(secrets.credential_of(spec.value) or "")
        git = GitSourceArgs(
            object_name=entry.name,
            url=address.url,
            secret_name=secrets.credential.name,
            proxy_secret_name=secrets.proxy.name,
            provider=credential.GIT_PROVIDER if credential else None,
            spec=spec.value,
            **metadata,
        )
        body = planned(GitSource, git, entry, spec, filled)
    else:
        component, args = (OciSource, OciSourceArgs) if kind == "OCIRepository" else (HelmSource, HelmSourceArgs)
        chart_source = args(
            object_name=entry.name,
            url=address.url,
            secret_name=secrets.credential.name,
            certificate_secret_name=secrets.certificate.name,
            proxy_secret_name=secrets.proxy.name,
            spec=spec.value,
            **metadata,
        )
        body = planned(component, chart_source, entry, spec, filled)
    give_host_secrets(choice, body, host)
    return body


def _of_the_other_section(entry: SourceEntry, address: SourceAddress) -> Message | None:
    """The schema of the kind would only say that the URL has another scheme, which is no help to who chose the wrong section."""
    url, leads = address.url, "leads to" if address.leads else "is"
    if isinstance(entry, GitEntry) and url.startswith("oci://"):
        return Message(
            f"{leads} an oci:// URL, which no GitRepository fetches",
            "The API server would refuse the GitRepository.",
            "Move the entry to `oci`, where it becomes an OCIRepository with manifests, or to `helm` if it is a chart.",
        )
    if isinstance(entry, OciEntry) and not url.startswith("oci://"):
        return Message(
            f"{'does not lead to' if address.leads else 'is not'} an oci:// URL",
            "The API server would refuse the OCIRepository.",
            "Write the registry's oci:// URL, or move the entry to `git` or `helm`.",
        )
    if isinstance(entry, HelmEntry) and (url.startswith("ssh://") or (not url.startswith("oci://") and url.rstrip("/").endswith(".git"))):
        return Message(
            f"{leads} the URL of a Git repository, not of charts",
            "Flux would find no index of charts there.",
            "Move the entry to `git`, where it becomes a GitRepository.",
        )
    return None


def _kind(entry: SourceEntry, url: str) -> EntryKind:
    if isinstance(entry, GitEntry):
        return "GitRepository"
    if isinstance(entry, HelmEntry) and entry.kind:
        return entry.kind
    return "OCIRepository" if url.startswith("oci://") else "HelmRepository"


def _address(choice: Choice, entry: Entry[SourceEntry]) -> SourceAddress | None:
    """The URL that Flux will be given: that of the spec, where it has one, comes before that of the entry."""
    address = _address_of_entry(choice, entry)
    spec = merged(*entry.specs) if entry.specs else None
    url = spec.value.get("url") if spec and isinstance(spec.value, dict) else None
    if address is None or spec is None or not isinstance(url, str) or url == address.url:
        return address
    return SourceAddress(url, spec.places.of(("url",)))


def _address_of_entry(choice: Choice, entry: Entry[SourceEntry]) -> SourceAddress | None:
    if entry.model.from_ is None:
        assert entry.model.url is not None  # noqa: S101 (the model's own validator saw to it)
        return SourceAddress(entry.model.url, "url")
    name, _, path = entry.model.from_.partition("/")
    host = choice.hosts.get(name)
    if choice.is_set_aside("hosts", name):
        return None
    if host is None:
        text = Message(
            f"the catalog has no host {name!r}", "Flux could not fetch.", did_you_mean(name, choice.hosts) or "Declare it under hosts."
        )
        choice.problems.append(Problem(entry.place("from"), text))
        return None
    suffix = ".git" if isinstance(entry.model, GitEntry) and not path.endswith(".git") else ""
    # What is wrong with such a URL is wrong with its host, but for a tag or a digest, which only a path can end in.
    place = "from" if re.search("[:@]", path) else host.place("url")
    return SourceAddress(f"{host.model.url.rstrip('/')}/{path}{suffix}", place, name, leads=True)
