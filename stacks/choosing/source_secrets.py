"""The Secrets that a source of the catalog names, and what its host adds to them: known_hosts, and the certificates of its authority."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flux.keys.known_hosts import keyscan, knows, looked_up_as
from stacks.choosing.choice import Choice
from stacks.contract.catalog import GitEntry, HelmEntry
from stacks.contract.credentials.credential import Use
from stacks.contract.stack import Host
from stacks.words.problems import Problem


@dataclass(frozen=True, kw_only=True)
class SourceSecrets:
    """Names of Secrets; None where the source names none."""

    credential: str | None = None
    certificate: str | None = None
    proxy: str | None = None


def secrets_of(
    choice: Choice, section: str, name: str, entry: GitEntry | HelmEntry, kind: str, url: str, host: tuple[str, Host] | None
) -> SourceSecrets:
    """What the entry names, and for a host with a `ca` a Secret of its own where the entry names none that could hold it."""
    secrets = SourceSecrets(credential=entry.credential, certificate=entry.certificate, proxy=entry.proxy)
    if kind == "GitRepository":
        if entry.certificate is not None:
            text = (
                "is for Helm and OCI sources alone: Git reads certificates from the Secret of its credential, and Flux would refuse this "
                "one. Write `ca` at that credential or at the host, or name a credential of type tls under `credential`"
            )
            choice.problems.append(Problem(choice.located(section, name)(("certificate",)), text))
            return replace(secrets, certificate=None)
        _add_known_hosts(choice, section, name, entry, url, host)
    elif entry.certificate is None and "certSecretRef" not in entry.spec and _has_own_certificates(choice, entry.credential):
        # HelmRepositories read certificates only from certSecretRef, which may be the Secret of the login.
        secrets = replace(secrets, certificate=entry.credential)
    if host is None or host[1].ca is None or not url.startswith(("https://", "oci://")) or entry.spec.get("insecure") is True:
        return secrets
    return _with_certificates_of_host(choice, secrets, entry.spec, kind, host[0], host[1].ca)


def _with_certificates_of_host(
    choice: Choice, secrets: SourceSecrets, spec: Mapping[str, Any], kind: str, host: str, certificates: str
) -> SourceSecrets:
    """Git has one Secret for everything, the other kinds one for certificates alone. One that `spec` names is somebody else's."""
    field = "secretRef" if kind == "GitRepository" else "certSecretRef"
    if field in spec:
        return secrets
    named = secrets.credential if kind == "GitRepository" else secrets.certificate
    if named is None:
        own = _own_secret(choice, host, certificates)
        return replace(secrets, credential=own) if kind == "GitRepository" else replace(secrets, certificate=own)
    declared = choice.stack.credentials.get(named)
    if declared is not None and "ca" in declared.OF_HOSTS:
        _add_once(choice.chosen.certificates.setdefault(named, []), [certificates])
    return secrets


def _has_own_certificates(choice: Choice, credential: str | None) -> bool:
    declared = choice.stack.credentials.get(credential or "")
    return declared is not None and Use.HELM in declared.uses() and declared.own_certificates is not None


def _own_secret(choice: Choice, host: str, certificates: str) -> str:
    """The Secret `<host>-ca`, which the stack makes itself."""
    name = f"{host}-ca"
    if name in choice.stack.credentials:
        text = f"would overwrite the Secret that holds the `ca` of host {host!r}, and Flux would trust the server no more. Rename it"
        problem = Problem(choice.locate_stack(("credentials", name)), text)
        if problem not in choice.problems:
            choice.problems.append(problem)
    choice.chosen.host_certificates[name] = certificates.strip() + "\n"
    return name


def _add_known_hosts(choice: Choice, section: str, name: str, entry: GitEntry | HelmEntry, url: str, host: tuple[str, Host] | None) -> None:
    declared = choice.stack.credentials.get(entry.credential or "")
    if not url.startswith("ssh://") or entry.credential is None or declared is None or "knownHosts" not in declared.OF_HOSTS:
        return
    lines = choice.chosen.known_hosts.setdefault(entry.credential, [])
    known_hosts = host[1].known_hosts if host else None
    if host is None or known_hosts is None:
        text = (
            "is fetched over SSH, but no knownHosts is given for its host, without which Flux refuses every key. "
            "Add `knownHosts` to the host in the catalog; `ssh-keyscan <host>` prints it, to be compared with what the host publishes"
        )
        choice.problems.append(Problem(choice.located(section, name)(("from",) if host else ("url",)), text))
        return
    _add_once(lines, known_hosts.strip().splitlines())
    if not knows(known_hosts, url):
        choice.problems.append(_known_hosts_of_another(choice, host[0], url))


def _known_hosts_of_another(choice: Choice, host: str, url: str) -> Problem:
    """That the known_hosts of `host` have no line for its own server."""
    text = (
        f"has no line for {looked_up_as(url)}, as which Flux looks the server up, so it would refuse the server's key; write a line that "
        f"begins with {looked_up_as(url)}: `{keyscan(url)}` prints it, to be compared with what the host publishes"
    )
    changed = choice.stack.hosts.get(host)
    by_stack = changed is not None and (changed.url is not None or changed.known_hosts is not None)
    return Problem((choice.locate_stack if by_stack else choice.locate_catalog)(("hosts", host, "knownHosts")), text)


def _add_once(texts: list[str], more: list[str]) -> None:
    texts.extend(text for text in more if text not in texts)
