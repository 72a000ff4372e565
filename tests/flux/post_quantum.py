"""Post-quantum age keys (ML-KEM-768 with X25519), which pyrage does not know."""

import hashlib

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from flux import bech32
from flux.age import POST_QUANTUM_IDENTITY_PREFIX


def post_quantum_key(seed: str) -> tuple[str, str]:
    """An identity and its recipient: X-Wing's keys of 32 bytes (https://c2sp.org/age, draft-connolly-cfrg-xwing-kem)."""
    raw = hashlib.sha256(seed.encode()).digest()
    expanded = hashlib.shake_256(raw).digest(96)
    public = (
        MLKEM768PrivateKey.from_seed_bytes(expanded[:64]).public_key().public_bytes_raw()
        + X25519PrivateKey.from_private_bytes(expanded[64:]).public_key().public_bytes_raw()
    )
    return bech32.encode(POST_QUANTUM_IDENTITY_PREFIX.lower(), raw).upper(), bech32.encode("age1pq", public)
