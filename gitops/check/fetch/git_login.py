"""As whom git fetches a source here: with the stack's credential when its secret is at hand, else as git fetches for this person.

Secrets reach git through the environment and files of mode 600 in a temporary directory, never through arguments, which every user
of the machine can read.
"""

import os
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, assert_never

from flux.known_secrets import keep_secret
from flux.release.docker_login import NAMES_OF_DOCKER_HUB, RegistryLogin
from gitops.check.fetch.ssh_command import as_the_person, with_the_stacks_key
from gitops.git_isolation import for_fetching
from gitops.pulumi_cli import pulumi_says
from stacks.contract.credentials.credential import CredentialModel
from stacks.contract.credentials.plain_git import ClientCertificateLogin, HttpHeaderLogin, ReadField, SshKeyLogin
from stacks.contract.credentials.registry import RegistryCredential

_AUTHORITIES = "GIT_SSL_CAINFO"
KNOWN_HOSTS = "known_hosts"
PUBLIC_FILES = (KNOWN_HOSTS, _AUTHORITIES)
"""Of `Access.files`, those that recognise a server, and are no login."""

ReadSecret = Callable[[str], str | None]
"""Secret key of the stack, without `gitops:` → its value, when it is at hand."""


class Instead(StrEnum):
    """Why something is fetched with the person's own credentials, as a person reads it."""

    OF_NONE = "the stack has none for it"
    NOT_SET = "the secret of the stack's credential is not set here"
    UNUSABLE = "git cannot use the stack's credential for it"
    GENERATED = "the stack's key is generated, and is only in Pulumi's state and the cluster"
    WITHHELD = "the stack's are never sent where the author of a revision decides"


@dataclass(frozen=True, kw_only=True)
class Access:
    """How to fetch one source."""

    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Without the secrets that lie in files."""
    settings: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Of git, for this source; they reach it through its environment."""
    files: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Environment variable → content of a file whose path it takes; `identity` and `known_hosts` are ssh's."""
    registry: RegistryLogin | None = field(default=None, repr=False)
    """The login of an OCI registry; None: that of Docker, if it has one."""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """What must never be shown."""
    own: bool = False
    """Whether this is the stack's credential, not the person's."""
    instead: Instead = Instead.OF_NONE
    """Why the person's own credentials are used."""


def access_for(url: str, name: str, credential: CredentialModel | None, entries: Mapping[str, Any], read_secret: ReadSecret) -> Access:
    """How to fetch `url` with the stack's credential `name`. `entries`: those of its Secret, of which the plain ones are no secret."""
    own = credential.own_certificates if credential is not None else None
    authority = _plain(entries, "ca.crt") or own
    trusted = {_AUTHORITIES: authority} if authority and url.startswith("https://") else {}
    missing: list[str] = []

    def read(field: str) -> str | None:
        value = read_secret(f"{name}-{field}")
        missing.extend([] if value else [field])
        return value

    login = credential.plain_git(url, read) if credential is not None else None
    match login:
        case None:
            known = _plain(entries, KNOWN_HOSTS) if url.startswith("ssh://") else ""
            return Access(files={KNOWN_HOSTS: f"{known}\n"} if known else trusted, instead=_instead_of(credential, missing))
        case SshKeyLogin():
            return _ssh(login.private_key, _plain(entries, KNOWN_HOSTS), login.passphrase)
        case HttpHeaderLogin():
            return _http(url, login.authorization, login.secrets, trusted)
        case ClientCertificateLogin():
            files = {**trusted, "GIT_SSL_CERT": login.certificate, "GIT_SSL_KEY": login.private_key}
            return Access(files=files, secrets=(login.private_key,), own=True)
        case _:
            assert_never(login)


def _instead_of(credential: CredentialModel | None, missing: list[str]) -> Instead:
    if credential is None:
        return Instead.OF_NONE
    if credential.generated_in_use is not None:
        return Instead.GENERATED
    return Instead.NOT_SET if missing else Instead.UNUSABLE


def registry_access(url: str, credential: CredentialModel | None, read: ReadField) -> Access:
    """How to pull `url` with a credential of the stack: a login is for its own registry alone."""
    own = _names_of(url.removeprefix("oci://").partition("/")[0])
    if not isinstance(credential, RegistryCredential) or not own & _names_of(credential.server):
        return Access()
    if not (password := read("password")):
        return Access(instead=Instead.NOT_SET)
    return Access(registry=RegistryLogin(username=credential.username, password=password), secrets=(password,), own=True)


def _names_of(registry: str) -> frozenset[str]:
    return frozenset(NAMES_OF_DOCKER_HUB) if registry in NAMES_OF_DOCKER_HUB else frozenset({registry})


def git_environment(access: Access, folder: Path) -> dict[str, str]:
    """The whole environment of `git fetch`; files are written into `folder`, which is this user's alone and removed afterwards."""
    files = dict(access.files)
    if _AUTHORITIES in files:
        files[_AUTHORITIES] = f"{files[_AUTHORITIES]}\n{_authorities_of_the_system()}"
    written = {variable: _private_file(folder / variable.lower(), content) for variable, content in files.items()}
    environment = {**for_fetching(access.settings.items(), with_the_stacks_credential=access.own), **access.environment}
    identity, known_hosts = written.pop("identity", None), written.pop(KNOWN_HOSTS, None)
    if identity:
        environment["GIT_SSH_COMMAND"] = with_the_stacks_key(identity, known_hosts)
        if "GITOPS_SSH_PASSPHRASE" in environment:
            asks = _private_file(folder / "askpass", '#!/bin/sh\nprintf "%s\\n" "$GITOPS_SSH_PASSPHRASE"\n', mode=0o700)
            environment |= {"SSH_ASKPASS": asks, "SSH_ASKPASS_REQUIRE": "force"}
        else:
            environment["GIT_SSH_COMMAND"] += " -o BatchMode=yes"
    elif known_hosts and (command := as_the_person(known_hosts, environment)):
        environment["GIT_SSH_COMMAND"] = command
    return environment | written


def secret_reader(stack: str, in_file: frozenset[str], variable: Callable[[str], str], folder: Path) -> ReadSecret:
    """Reads a secret key from the environment, else from the stack file with the pulumi CLI; None when neither has it."""

    @cache
    def read(key: str) -> str | None:
        value = found(key)
        keep_secret(value)
        return value

    def found(key: str) -> str | None:
        if value := os.environ.get(variable(key)):
            return value
        if key not in in_file:
            return None
        said = pulumi_says("config", "get", f"gitops:{key}", "--stack", stack, folder=folder)
        return None if said is None else said.removesuffix("\n")

    return read


def readable_by_ssh(identity: str, passphrase: str | None) -> tuple[str, str | None]:
    """A private key in a form that OpenSSH reads, and the passphrase that it still needs.

    Flux reads ed25519 keys as PKCS8, OpenSSH before 9.6 (https://www.openssh.com/txt/release-9.6) only in its own form.
    """
    if not identity.lstrip().startswith(("-----BEGIN PRIVATE KEY", "-----BEGIN ENCRYPTED PRIVATE KEY")):
        return identity, passphrase
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization

    try:
        key = serialization.load_pem_private_key(identity.encode(), passphrase.encode() if passphrase else None)
        form = serialization.PrivateFormat.OpenSSH
        return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode(), None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return identity, passphrase  # ssh says what is wrong with it


def _ssh(identity: str, known_hosts: str, passphrase: str | None) -> Access:
    identity, passphrase = readable_by_ssh(identity, passphrase)
    files = {"identity": identity if identity.endswith("\n") else f"{identity}\n"}
    if known_hosts:
        files[KNOWN_HOSTS] = f"{known_hosts}\n"
    environment = {"GITOPS_SSH_PASSPHRASE": passphrase} if passphrase else {}
    return Access(environment=environment, files=files, secrets=(identity, *environment.values()), own=True)


def _http(url: str, authorization: str, secrets: tuple[str, ...], trusted: Mapping[str, str]) -> Access:
    """For this very URL alone, and without the person's own logins, which git would otherwise try first."""
    return Access(settings={f"http.{url}.extraHeader": f"Authorization: {authorization}"}, files=trusted, secrets=secrets, own=True)


def _authorities_of_the_system() -> str:
    """Those that git would trust anyway: Flux adds to its own, while git takes a file in place of its own."""
    paths = ssl.get_default_verify_paths()
    file = Path(paths.cafile or paths.openssl_cafile)
    return file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""


def _plain(entries: Mapping[str, Any], key: str) -> str:
    value = entries.get(key)
    return value if isinstance(value, str) else ""


def _private_file(path: Path, content: str, mode: int = 0o600) -> str:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        handle.write(content)
    return str(path)
