"""Keys made for a test, and the output of a stack that has them."""

import hashlib
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gitops.deploy_keys.model import DeployCredential, credentials_of
from gitops.deploy_keys.titles import KeyTitles

OLD, NEW = "2026-05", "2026-11"
CREDENTIAL = "homelab-deploy"
BACKEND = "file:///state"
TITLES = KeyTitles(stack="dev", full_name=f"gitops/dev@{hashlib.sha256(BACKEND.encode()).hexdigest()[:12]}")
TITLE = TITLES.prefix(CREDENTIAL)
REPOSITORIES = ("daviestechlabs/homelab-k8s2", "daviestechlabs/argo")
PRIVATE = {name: Ed25519PrivateKey.from_private_bytes(name.encode().ljust(32, b".")) for name in (OLD, NEW, "another")}
PUBLIC = {
    name: key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()
    for name, key in PRIVATE.items()
}


def pem(name: str) -> bytes:
    """The private key as PKCS8 PEM, as it lies in the Secret."""
    return PRIVATE[name].private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def url(repository: str, host: str = "127.0.0.1:2222") -> str:
    """The repository's URL as a source has it."""
    return f"ssh://git@{host}/{repository}.git"


def output(active: str = NEW, keys: tuple[str, ...] = (OLD, NEW), repositories: tuple[str, ...] = REPOSITORIES) -> dict[str, Any]:
    """The output `deployKeys` of a stack with one credential."""
    described = {"active": active, "keys": {name: PUBLIC[name] for name in keys}, "repositories": [url(each) for each in repositories]}
    return {CREDENTIAL: described}


def credential(**changes: Any) -> DeployCredential:
    """The one credential of `output`."""
    (found,) = credentials_of(output(**changes), "dev")
    return found
