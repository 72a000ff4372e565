"""PGP private keys, as kustomize-controller imports them into its keyring: judged without showing them."""

import re

from flux.message import Message

_BLOCK = re.compile(r"\s*-----BEGIN PGP PRIVATE KEY BLOCK-----\n.*-----END PGP PRIVATE KEY BLOCK-----\s*", re.DOTALL)
_USELESS = "Flux could not decrypt anything with it."
_EXPORT = "Set what `gpg --export-secret-keys --armor <fingerprint>` prints, of a key without a passphrase."


def fault_of_pgp_key(value: str) -> Message | None:
    """What is wrong with a supplied key. That it has no passphrase, which Flux could not give, is not checked."""
    if "BEGIN PGP PUBLIC KEY BLOCK" in value:
        return Message("is a public key", _USELESS, _EXPORT)
    if "BEGIN PGP PRIVATE KEY BLOCK" in value and "END PGP PRIVATE KEY BLOCK" not in value:
        return Message("is cut short", _USELESS, _EXPORT)
    return None if _BLOCK.fullmatch(value) else Message("is not a PGP private key block", _USELESS, _EXPORT)
