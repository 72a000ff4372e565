"""Credentials as Flux reads them: what a stack declares and what is at hand, as the entries of Secrets."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Protocol

import pulumi

from components.source_credential import SourceCredentialArgs
from flux.keys.registry_login import docker_config
from stacks.choosing.choice import Chosen
from stacks.contract.credentials import (
    BasicCredential,
    BearerCredential,
    CredentialModel,
    CredentialWithCertificates,
    GithubAppCredential,
    ProxyCredential,
    RegistryCredential,
    SshCredential,
    TlsCredential,
)
from stacks.contract.stack import Stack
from stacks.secrets.key_services import fault_of_key_service
from stacks.secrets.secret_values import fault_of_github_key, fault_of_one_line, fault_of_ssh_key, fault_of_tls_key
from stacks.words.problems import Problem

Check = Callable[[str], str | None]
Values = dict[str, pulumi.Input[str]]


class Secrets(Protocol):
    """Where secrets come from: the `Reader`."""

    def secret(self, key: str) -> tuple[str | None, pulumi.Input[str]]:
        """The value of a secret key for checking, when it is at hand, and the Output to use."""

    def locate_secret(self, key: str) -> str:
        """Where it was found."""


def read_credentials(stack: Stack, chosen: Chosen, secrets: Secrets, problems: list[Problem]) -> dict[str, SourceCredentialArgs]:
    """Every Secret for sources, by name: those of the stack's credentials, and those with the certificates of hosts."""
    made = {name: _Reading(name, chosen, secrets, problems).args(credential) for name, credential in stack.credentials.items()}
    for name, certificates in chosen.host_certificates.items():
        made[name] = SourceCredentialArgs(secret_name=name, values={"ca.crt": certificates})
    return made


def read_key_services(stack: Stack, secrets: Secrets, problems: list[Problem]) -> Values:
    """Entry of the Secret `sops-age` → what logs in to the key service."""
    values: Values = {}
    for service, (entry, key) in zip(stack.decryption.key_services, stack.decryption.entries().items(), strict=True):
        values[entry] = _checked(secrets, problems, key, partial(fault_of_key_service, service))
    return values


def _checked(secrets: Secrets, problems: list[Problem], key: str, check: Check) -> pulumi.Input[str]:
    value, secret = secrets.secret(key)
    fault = check(value) if value is not None else None
    if fault is not None:
        problems.append(Problem(secrets.locate_secret(key), f"{fault}. To set it: pulumi config set --secret gitops:{key}"))
    return secret


class _Reading:
    """One credential while its Secret is put together."""

    def __init__(self, name: str, chosen: Chosen, secrets: Secrets, problems: list[Problem]) -> None:
        self.name = name
        self.chosen = chosen
        self.secrets = secrets
        self.problems = problems

    def args(self, credential: CredentialModel) -> SourceCredentialArgs:
        """The Secret of `credential`."""
        if isinstance(credential, SshCredential):
            return self._ssh(credential)
        if isinstance(credential, RegistryCredential):
            return self._registry(credential)
        values = dict(self._values(credential))
        if certificates := self._certificates(credential):
            values["ca.crt"] = "\n".join(dict.fromkeys(each.strip() for each in certificates)) + "\n"
        return SourceCredentialArgs(secret_name=self.name, values=values)

    def _ssh(self, credential: SshCredential) -> SourceCredentialArgs:
        values: Values = {}
        if credential.generated_in_use is None:
            values["identity"] = self._secret("identity", lambda value: fault_of_ssh_key(value, with_passphrase=credential.passphrase))
            if credential.passphrase:
                values["password"] = self._secret("passphrase", fault_of_one_line)
        if self.name in self.chosen.known_hosts:
            values["known_hosts"] = "\n".join(self.chosen.known_hosts[self.name])
        return SourceCredentialArgs(
            secret_name=self.name,
            values=values,
            generated_keys=list(credential.generated) or None,
            active_key=credential.generated_in_use,
        )

    def _registry(self, credential: RegistryCredential) -> SourceCredentialArgs:
        server, username = credential.server, credential.username
        password = pulumi.Output.secret(self._secret("password", fault_of_one_line))
        login = password.apply(lambda value: docker_config(server, username, value))
        return SourceCredentialArgs(
            secret_name=self.name,
            secret_type="kubernetes.io/dockerconfigjson",  # noqa: S106 (a type)
            values={".dockerconfigjson": login},
        )

    def _values(self, credential: CredentialModel) -> Iterator[tuple[str, pulumi.Input[str]]]:
        match credential:
            case BasicCredential():
                yield "username", credential.username
                yield "password", self._secret("password", fault_of_one_line)
            case BearerCredential():
                yield "bearerToken", self._secret("token", fault_of_one_line)
            case GithubAppCredential():
                public = {
                    "githubAppID": credential.app_id,
                    "githubAppInstallationID": credential.installation_id,
                    "githubAppInstallationOwner": credential.installation_owner,
                    "githubAppBaseURL": credential.base_url,
                }
                yield from ((entry, value) for entry, value in public.items() if value is not None)
                yield "githubAppPrivateKey", self._secret("private-key", fault_of_github_key)
            case TlsCredential(certificate=str() as certificate):
                yield "tls.crt", certificate
                yield "tls.key", self._secret("private-key", lambda value: fault_of_tls_key(value, certificate))
            case ProxyCredential():
                yield "address", credential.address
                if credential.username is not None:
                    yield "username", credential.username
                    yield "password", self._secret("password", fault_of_one_line)

    def _certificates(self, credential: CredentialModel) -> list[str]:
        """Its own, and those of the hosts where it is used."""
        own = credential.ca if isinstance(credential, CredentialWithCertificates) else None
        return [*([own] if own else []), *self.chosen.certificates.get(self.name, [])]

    def _secret(self, field: str, check: Check) -> pulumi.Input[str]:
        return _checked(self.secrets, self.problems, f"{self.name}-{field}", check)


def secret_entries(credentials: Mapping[str, SourceCredentialArgs]) -> dict[str, frozenset[str]]:
    """Secret → names of its entries."""
    return {args.secret_name: args.entries() for args in credentials.values()}
