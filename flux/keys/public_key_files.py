"""Public keys for verification, by the ends of their names, as source-controller reads them from a Secret."""

import re
from collections.abc import Callable, Mapping

from flux.keys.ssh_public_keys import fault_of_public_key
from flux.message import Message
from flux.secret_shapes import holds_private_key

_UNVERIFIED = "Flux could not verify anything with it."
_PGP = re.compile(r"\s*-----BEGIN PGP PUBLIC KEY BLOCK-----\n.*-----END PGP PUBLIC KEY BLOCK-----\s*", re.DOTALL)
_SSH = re.compile(r"(?P<kind>[a-z0-9@.-]+) +(?P<key>[A-Za-z0-9+/=]+)( .*)?")


def fault_of_public_key_file(name: str, value: str) -> Message | None:
    """What is wrong with the key under `name`; None also for an end that Flux does not know."""
    if holds_private_key(value):
        return Message(
            "is a private key in plain text", "Everyone with the file could sign.", "Make another key, and write only the public half."
        )
    kind = name.rpartition(".")[2]
    return _BY_END[kind](value) if kind in _BY_END else None


def _of_cosign(value: str) -> Message | None:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        load_pem_public_key(value.encode())
    except (ValueError, UnsupportedAlgorithm):
        return Message("is not a public key in PEM", _UNVERIFIED, "Write what `cosign public-key` prints.")
    return None


def _of_pgp(value: str) -> Message | None:
    if _PGP.fullmatch(value):
        return None
    return Message("is not a PGP public key block", _UNVERIFIED, "Write what `gpg --export --armor <id>` prints.")


def _of_ssh(value: str) -> Message | None:
    lines = [line.strip() for line in value.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    found = [_SSH.fullmatch(line) for line in lines]
    if lines and all(each and not fault_of_public_key(each["kind"], each["key"]) for each in found):
        return None
    return Message("is not an SSH public key", _UNVERIFIED, "Write lines as in authorized_keys: ssh-ed25519 AAAA… name.")


_BY_END: Mapping[str, Callable[[str], Message | None]] = {"pub": _of_cosign, "asc": _of_pgp, "sshpub": _of_ssh}
