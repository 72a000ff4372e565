"""Post-quantum age keys (ML-KEM-768 with X25519), which pyrage does not know; the real sops opens what is encrypted for them."""

import hashlib

from flux.keys import bech32
from flux.keys.age_identity import POST_QUANTUM_IDENTITY_PREFIX, recipient_of


def post_quantum_key(seed: str) -> tuple[str, str]:
    """An identity and its recipient."""
    identity = bech32.encode(POST_QUANTUM_IDENTITY_PREFIX.lower(), hashlib.sha256(seed.encode()).digest()).upper()
    return identity, recipient_of(identity)
