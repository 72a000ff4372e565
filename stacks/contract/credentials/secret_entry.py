"""Entries of a credential's Secret, as a stack file defines them: public values are given, secrets are named."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from flux.message import Message


@dataclass(frozen=True)
class PublicEntry:
    """An entry whose value is known, and no secret."""

    name: str
    value: str


@dataclass(frozen=True)
class SecretEntry:
    """An entry that is made of a secret."""

    name: str
    field: str
    """What follows `gitops:<credential>-` in the key of the secret."""
    fault_of: Callable[[str], Message | None]
    """What is wrong with a value, if it is available; the value itself is not shown."""
    made_of: Callable[[str], str] | None = None
    """The entry, made of the secret; None: the secret as it is."""


AnySecretEntry = PublicEntry | SecretEntry


@dataclass(frozen=True, kw_only=True)
class OfHosts:
    """What the hosts add at which a credential is used, in the order of their use."""

    known_hosts: tuple[str, ...] | None = None
    """Lines; None where no source of theirs is fetched over SSH."""
    certificates: tuple[str, ...] = ()
    """Of private authorities, as PEM."""


def public_entries(**values: str | None) -> Iterator[PublicEntry]:
    """Those that have a value."""
    yield from (PublicEntry(name, value) for name, value in values.items() if value is not None)


def certificate_entry(own: str | None, hosts: OfHosts) -> Iterator[PublicEntry]:
    """`ca.crt`, with the certificates of the credential itself and those of hosts, each once."""
    every: Iterable[str] = [*([own] if own else []), *hosts.certificates]
    if each_once := dict.fromkeys(certificate.strip() for certificate in every):
        yield PublicEntry("ca.crt", "\n".join(each_once) + "\n")
