"""Which credential of a stack a Secret in the cluster is, by its entries; and where the secrets in it are.

Public entries are written into the stack file, as it has them in plain text: a user name, a certificate, the address of a proxy.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from shlex import quote
from typing import Any

from flux.bounded_documents import Bounds, json_object
from flux.keys.public_key_files import fault_of_public_key_file
from flux.object_reference import FLUX_NAMESPACE

_LOGIN = ".dockerconfigjson"
_CONFIG = Bounds(size=1024 * 1024)
_PUBLIC_KEYS = ("*.pub", "*.asc", "*.sshpub")


@dataclass(frozen=True, kw_only=True)
class FoundSecret:
    """A secret value, and the command that reads it from the cluster. Shows no value."""

    key: str
    """In the stack file, without `gitops:`."""
    value: str = field(repr=False)
    reads: str
    """What prints it: a command without the kubeconfig's options."""


@dataclass(frozen=True, kw_only=True)
class FoundCredential:
    """A Secret as a credential."""

    description: dict[str, Any]
    """As under `gitops:credentials`."""
    secrets: tuple[FoundSecret, ...]
    known_hosts: str | None = None
    lost: tuple[str, ...] = ()
    """Entries that the stack does not write: they leave the cluster with the next `pulumi up`."""


def credential_of(name: str, values: Mapping[str, str]) -> FoundCredential | None:
    """The Secret `name` as a credential; None where it is none that a stack has."""
    kind = next(
        (kind for kind, form in SECRET_FORMS.items() if any(fnmatchcase(entry, mark) for entry in values for mark in form.marks)), None
    )
    if kind is None:
        return None
    form = SECRET_FORMS[kind]
    made = form.made(name, values)
    if made is None:
        return None
    description, secrets = made
    lost = tuple(sorted(set(values) - {*form.known, *description.get("keys", ()), "caFile"}))
    known_hosts = values.get("known_hosts") if kind == "ssh" else None
    return FoundCredential(description={"type": kind, **description}, secrets=tuple(secrets), known_hosts=known_hosts, lost=lost)


_Made = tuple[dict[str, Any], list[FoundSecret]]


def entry_of(secret: str, entry: str) -> str:
    """The command that prints an entry of a Secret."""
    escaped = entry.replace(".", "\\.")
    return f"get secret {quote(secret)} -n {FLUX_NAMESPACE} -o jsonpath={quote(f'{{.data.{escaped}}}')} | base64 -d"


def _secret(name: str, suffix: str, entry: str, values: Mapping[str, str]) -> FoundSecret:
    return FoundSecret(key=f"{name}-{suffix}", value=values[entry], reads=entry_of(name, entry))


def _authority(values: Mapping[str, str]) -> dict[str, str]:
    found = values.get("ca.crt") or values.get("caFile")
    return {"ca": found} if found else {}


def _ssh(name: str, values: Mapping[str, str]) -> _Made:
    passphrase = values.get("password")
    secrets = [_secret(name, "identity", "identity", values)]
    if passphrase:
        return {"passphrase": True}, [*secrets, _secret(name, "passphrase", "password", values)]
    return {}, secrets


def _github_app(name: str, values: Mapping[str, str]) -> _Made | None:
    if "githubAppPrivateKey" not in values:
        return None
    keys = {"appId": "githubAppID", "installationId": "githubAppInstallationID", "baseUrl": "githubAppBaseURL"}
    if "githubAppInstallationID" not in values:
        keys["installationOwner"] = "githubAppInstallationOwner"
    public = {key: values[entry] for key, entry in keys.items() if values.get(entry)}
    return {**public, **_authority(values)}, [_secret(name, "private-key", "githubAppPrivateKey", values)]


def _bearer(name: str, values: Mapping[str, str]) -> _Made:
    return _authority(values), [_secret(name, "token", "bearerToken", values)]


def _basic(name: str, values: Mapping[str, str]) -> _Made | None:
    if "password" not in values:
        return None
    return {"username": values["username"], **_authority(values)}, [_secret(name, "password", "password", values)]


def _registry(name: str, values: Mapping[str, str]) -> _Made | None:
    auths = (json_object(values[_LOGIN], _CONFIG) or {}).get("auths")
    if not isinstance(auths, Mapping) or len(auths) != 1:
        return None
    server, login = next(iter(auths.items()))
    if not isinstance(login, Mapping) or not isinstance(login.get("username"), str) or not isinstance(login.get("password"), str):
        return None
    reads = f"{entry_of(name, _LOGIN)} | jq -r {quote('.auths[].password')}"
    return {"server": str(server), "username": login["username"]}, [
        FoundSecret(key=f"{name}-password", value=login["password"], reads=reads)
    ]


def _proxy(name: str, values: Mapping[str, str]) -> _Made:
    if values.get("username") and "password" in values:
        described = {"address": values["address"], "username": values["username"]}
        return described, [_secret(name, "password", "password", values)]
    return {"address": values["address"]}, []


def _tls(name: str, values: Mapping[str, str]) -> _Made | None:
    if "tls.crt" in values and "tls.key" in values:
        return {"certificate": values["tls.crt"], **_authority(values)}, [_secret(name, "private-key", "tls.key", values)]
    authority = _authority(values)
    return (authority, []) if authority else None


def _bucket(name: str, values: Mapping[str, str]) -> _Made | None:
    if "secretkey" not in values:
        return None
    return {}, [_secret(name, "access-key", "accesskey", values), _secret(name, "secret-key", "secretkey", values)]


def _webhook(name: str, values: Mapping[str, str]) -> _Made:
    both = {key: values[key] for key in ("email", "audience") if key in values}
    return both if len(both) > 1 else {}, [_secret(name, "token", "token", values)]


def _public_keys(_: str, values: Mapping[str, str]) -> _Made | None:
    """Without what is no public key: a private one must not be written into a file."""
    keys = {
        entry: value
        for entry, value in values.items()
        if any(fnmatchcase(entry, end) for end in _PUBLIC_KEYS) and fault_of_public_key_file(entry, value) is None
    }
    return ({"keys": keys}, []) if keys else None


@dataclass(frozen=True, kw_only=True)
class SecretForm:
    """How the Secret of one type of credential looks, and what is made of it."""

    marks: tuple[str, ...]
    """Entries that only this type and later ones have; `*` stands for any text."""
    known: tuple[str, ...]
    """The entries that a stack writes."""
    made: Callable[[str, Mapping[str, str]], _Made | None]


SECRET_FORMS: Mapping[str, SecretForm] = {
    "ssh": SecretForm(marks=("identity",), known=("identity", "identity.pub", "known_hosts", "password"), made=_ssh),
    "githubApp": SecretForm(
        marks=("githubAppID",),
        known=(
            "githubAppID",
            "githubAppInstallationID",
            "githubAppInstallationOwner",
            "githubAppBaseURL",
            "githubAppPrivateKey",
            "ca.crt",
        ),
        made=_github_app,
    ),
    "bearer": SecretForm(marks=("bearerToken",), known=("bearerToken", "ca.crt"), made=_bearer),
    "registry": SecretForm(marks=(_LOGIN,), known=(_LOGIN,), made=_registry),
    "proxy": SecretForm(marks=("address",), known=("address", "username", "password"), made=_proxy),
    "basic": SecretForm(marks=("username",), known=("username", "password", "ca.crt"), made=_basic),
    "tls": SecretForm(marks=("tls.crt", "ca.crt", "caFile"), known=("tls.crt", "tls.key", "ca.crt"), made=_tls),
    "bucket": SecretForm(marks=("accesskey",), known=("accesskey", "secretkey"), made=_bucket),
    "webhook": SecretForm(marks=("token",), known=("token", "email", "audience"), made=_webhook),
    "publicKeys": SecretForm(marks=_PUBLIC_KEYS, known=(), made=_public_keys),
}
"""Type → form, in the order in which they are tried. tests/stacks/test_credential_types.py compares them with the types of credentials."""
