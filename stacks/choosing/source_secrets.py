"""The Secrets that a source names, and what the host of its URL adds to them: known_hosts, and certificates of a private authority."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from flux.close_names import close_to
from flux.keys.known_hosts import keyscan, knows, looked_up_as
from flux.listing import suggestion
from flux.message import Message
from stacks.choosing.catalog_entry import Entry
from stacks.choosing.choice import Choice
from stacks.choosing.hosts import is_on_a_faulty_host
from stacks.choosing.planned_body import PlannedBody
from stacks.contract.catalog import CatalogEntry, SourceEntry
from stacks.contract.credentials.credential import CredentialModel, Use
from stacks.words.place import Place
from stacks.words.problems import Problem

CREDENTIAL_KEYS = ("credential", "certificate", "proxy")
"""The keys of an entry that name a credential of the stack."""
KEYS_OF_FIELDS = dict(zip(("secretRef", "certSecretRef", "proxySecretRef"), CREDENTIAL_KEYS, strict=True))
"""Field of a source's spec → the key of an entry that people write in its place."""


@dataclass(frozen=True)
class SecretName:
    """A Secret that the program names in a body, and why."""

    name: str | None
    made_of: Place | str
    """The place, or a key of the entry."""


@dataclass(frozen=True, kw_only=True)
class SourceSecrets:
    """The Secrets that an entry names. One that its `spec` names comes before them."""

    credential: SecretName
    certificate: SecretName
    proxy: SecretName

    def made_of(self) -> dict[str, Place | str]:
        """Field of the spec → what decides about it."""
        return {"secretRef": self.credential.made_of, "certSecretRef": self.certificate.made_of, "proxySecretRef": self.proxy.made_of}

    def credential_of(self, spec: Mapping[str, Any]) -> str | None:
        """The Secret that will be named in `secretRef`."""
        return _name_in(spec["secretRef"]) if "secretRef" in spec else self.credential.name


def check_credentials(choice: Choice, entry: Entry[CatalogEntry]) -> None:
    """Add a problem for each credential that the entry, of any section, names but the stack does not have."""
    known = choice.stack.model.credentials
    given = vars(entry.model)  # pydantic takes long to say that a model has no such field
    for key in CREDENTIAL_KEYS:
        name = given.get(key)
        if name is not None and name not in known and not choice.stack.aside.holds("credentials", name):
            close = close_to(name, known)
            fix = suggestion(close) if close else "Declare it in gitops:credentials, or give the entry a group that the stack does not use."
            text = Message(f"the stack has no credential {name!r}", "Flux could not fetch.", fix)
            choice.problems.append(Problem(entry.place(key), text))


def secrets_of(choice: Choice, entry: Entry[SourceEntry], kind: str, spec: Mapping[str, Any], url: str, host: str | None) -> SourceSecrets:
    """What the entry names; for a host with a `ca`, also its own Secret if no named credential can hold the `ca`."""
    model = entry.model
    secrets = SourceSecrets(
        credential=SecretName(model.credential, "credential"),
        certificate=SecretName(model.certificate, "certificate"),
        proxy=SecretName(model.proxy, "proxy"),
    )
    ca = choice.hosts[host].model.ca if host else None
    if kind == "GitRepository":
        if model.certificate is not None:
            text = Message(
                "is for Helm and OCI sources only",
                "Git reads certificates from the Secret of its credential, and Flux would refuse this one.",
                "Write `ca` in that credential or in the host, or name a credential of type tls under `credential`.",
            )
            choice.problems.append(Problem(entry.place("certificate"), text))
        if host and ca and _is_read(url, spec) and "secretRef" not in spec and secrets.credential.name is None:
            return replace(secrets, credential=_own_secret(choice, host, ca))
        return secrets
    if kind == "HelmRepository" and model.proxy is not None:
        text = Message(
            "is for Git and OCI sources only",
            "A HelmRepository has no proxy of its own: the API server would refuse it.",
            "Write gitops:flux.proxy, which is for all controllers, or use an oci:// URL.",
        )
        choice.problems.append(Problem(entry.place("proxy"), text))
        secrets = replace(secrets, proxy=SecretName(None, "proxy"))
    if "certSecretRef" in spec or secrets.certificate.name is not None:
        return secrets
    if _has_own_certificates(choice, secrets.credential_of(spec)):
        # HelmRepositories read certificates only from certSecretRef, which may be the Secret of the login.
        return replace(secrets, certificate=SecretName(secrets.credential_of(spec), "credential"))
    return replace(secrets, certificate=_own_secret(choice, host, ca)) if host and ca and _is_read(url, spec) else secrets


def give_host_secrets(choice: Choice, body: PlannedBody, host: str | None) -> None:
    """Give the stack's credentials that `body` names what its host adds. A Secret that is not the stack's is not changed."""
    url, credentials = body.url or "", choice.stack.model.credentials
    if body.kind == "GitRepository" and url.startswith("ssh://"):
        name = body.named_secret("secretRef")
        if name and _takes("knownHosts", credentials.get(name)):
            _give_known_hosts(choice, body, name, url, host)
    # Git has one Secret for everything, the other kinds one for certificates alone.
    name = body.named_secret("secretRef" if body.kind == "GitRepository" else "certSecretRef")
    ca = choice.hosts[host].model.ca if host else None
    if name and ca and _is_read(url, body.spec) and _takes("ca", credentials.get(name)):
        _add_once(choice.chosen.certificates.setdefault(name, []), [ca])


def _give_known_hosts(choice: Choice, body: PlannedBody, credential: str, url: str, host: str | None) -> None:
    lines = choice.chosen.known_hosts.setdefault(credential, [])
    compare = "Compare it with what the host publishes."
    if host is None:
        if is_on_a_faulty_host(url, choice.catalog, choice.stack):
            return
        text = Message(
            "is fetched over SSH, but no host of the catalog is on this server",
            "Flux would refuse the server's key.",
            f"Add a host with this server's URL, and with what `{keyscan(url)}` prints as knownHosts. {compare}",
        )
        choice.problems.append(Problem(body.places.of(("spec", "url")), text))
        return
    known_hosts = choice.hosts[host].model.known_hosts
    if known_hosts is None:
        text = Message(
            "is required but missing, because sources are fetched from here over SSH",
            "Flux would refuse the server's key.",
            f"Write what `{keyscan(url)}` prints. {compare}",
        )
        choice.problems.append(Problem(_place_of_known_hosts(choice, host), text))
        return
    _add_once(lines, known_hosts.strip().splitlines())
    if not knows(known_hosts, url):
        text = Message(
            f"has no line for {looked_up_as(url)}, by which Flux looks up the server",
            "Flux would refuse the server's key.",
            f"Write a line that begins with {looked_up_as(url)}, as `{keyscan(url)}` prints it. {compare}",
        )
        choice.problems.append(Problem(_place_of_known_hosts(choice, host), text))


def _place_of_known_hosts(choice: Choice, host: str) -> Place:
    """Where they have to be written: in the stack file if the stack moves the host."""
    changed = choice.stack.document.value.get("hosts", {}).get(host, {})
    return (choice.stack if {"url", "knownHosts"} & changed.keys() else choice.catalog).place("hosts", host, "knownHosts")


def _takes(what: Literal["knownHosts", "ca"], credential: CredentialModel | None) -> bool:
    return credential is not None and what in credential.OF_HOSTS


def _is_read(url: str, spec: Mapping[str, Any]) -> bool:
    """Whether certificates are looked at where this is fetched from."""
    return url.startswith(("https://", "oci://")) and spec.get("insecure") is not True


def _has_own_certificates(choice: Choice, credential: str | None) -> bool:
    declared = choice.stack.model.credentials.get(credential or "")
    return declared is not None and Use.HELM in declared.uses() and declared.own_certificates is not None


def _own_secret(choice: Choice, host: str, certificates: str) -> SecretName:
    """The Secret `<host>-ca`, which the stack makes itself."""
    name = f"{host}-ca"
    if name in choice.stack.model.credentials:
        text = Message(
            f"has the name of the Secret that holds the `ca` of host {host!r}",
            "One would overwrite the other, and Flux would no longer trust the server.",
            "Rename the credential.",
        )
        choice.problems.append(Problem(choice.stack.place("credentials", name), text))
    choice.chosen.host_certificates[name] = certificates.strip() + "\n"
    return SecretName(name, choice.hosts[host].place("ca"))


def _name_in(reference: Any) -> str | None:
    name = reference.get("name") if isinstance(reference, dict) else None
    return name if isinstance(name, str) else None


def _add_once(texts: list[str], more: list[str]) -> None:
    texts.extend(text for text in more if text not in texts)
