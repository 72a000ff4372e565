"""Credentials as Flux reads them: what a stack declares and what is at hand, as the entries of Secrets."""

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol, assert_never

import pulumi

from components.source_credential import SourceCredentialArgs
from flux.message import Message, ended
from flux.owners_mark import OwnersMark
from stacks.choosing.chosen import Chosen
from stacks.contract.credentials.credential import CredentialModel
from stacks.contract.credentials.secret_entry import AnySecretEntry, OfHosts, PublicEntry, SecretEntry
from stacks.contract.stack import Stack
from stacks.words.place import Place
from stacks.words.problems import Problem

Values = dict[str, pulumi.Input[str]]


class Secrets(Protocol):
    """Where secrets come from: stacks/inputs/config_secrets.py."""

    def secret(self, key: str) -> tuple[str | None, pulumi.Input[str]]:
        """The value of a secret key for checking, when it is at hand, and the Output to use."""

    def locate_secret(self, key: str) -> Place:
        """Where it was found."""


def read_credentials(
    stack: Stack, chosen: Chosen, secrets: Secrets, problems: list[Problem], mark: OwnersMark
) -> dict[str, SourceCredentialArgs]:
    """Every Secret for sources, by name: those of the stack's credentials, and those with the certificates of hosts."""
    made = {name: _args(name, each, chosen, secrets, problems, mark) for name, each in stack.credentials.items()}
    for name, certificates in chosen.host_certificates.items():
        made[name] = SourceCredentialArgs(secret_name=name, values={"ca.crt": certificates}, mark=mark)
    return made


def read_key_services(stack: Stack, secrets: Secrets, problems: list[Problem]) -> Values:
    """Entry of the Secret `sops-age` → what logs in to the key service, or a PGP key."""
    checks = stack.decryption.checks()
    return {entry: _checked(secrets, problems, key, checks[entry]) for entry, key in stack.decryption.entries().items()}


def secret_entries(credentials: Mapping[str, SourceCredentialArgs]) -> dict[str, frozenset[str]]:
    """Secret → names of its entries."""
    return {args.secret_name: args.entries() for args in credentials.values()}


def entries_of(name: str, credential: CredentialModel, chosen: Chosen) -> Iterator[AnySecretEntry]:
    """The entries of a credential's Secret, but those of a generated key."""
    known_hosts = chosen.known_hosts.get(name)
    hosts = OfHosts(known_hosts=None if known_hosts is None else tuple(known_hosts), certificates=tuple(chosen.certificates.get(name, ())))
    yield from credential.entries(hosts)


def _args(
    name: str, credential: CredentialModel, chosen: Chosen, secrets: Secrets, problems: list[Problem], mark: OwnersMark
) -> SourceCredentialArgs:
    return SourceCredentialArgs(
        secret_name=name,
        values={entry.name: _value(name, entry, secrets, problems) for entry in entries_of(name, credential, chosen)},
        secret_type=credential.SECRET_TYPE,
        generated_keys=list(credential.generated_keys),
        active_key=credential.generated_in_use,
        mark=mark,
    )


def _value(name: str, entry: AnySecretEntry, secrets: Secrets, problems: list[Problem]) -> pulumi.Input[str]:
    match entry:
        case PublicEntry():
            return entry.value
        case SecretEntry():
            secret = _checked(secrets, problems, f"{name}-{entry.field}", entry.fault_of)
            return secret if entry.made_of is None else pulumi.Output.secret(secret).apply(entry.made_of)
        case _:
            assert_never(entry)


def _checked(secrets: Secrets, problems: list[Problem], key: str, fault_of: Callable[[str], Message | None]) -> pulumi.Input[str]:
    value, secret = secrets.secret(key)
    fault = fault_of(value) if value is not None else None
    if fault is not None:
        told = Message(fault.wrong, fault.consequence, f"{ended(fault.fix)} To set it: pulumi config set --secret gitops:{key}")
        problems.append(Problem(secrets.locate_secret(key), told))
    return secret
