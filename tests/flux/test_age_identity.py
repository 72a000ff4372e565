"""age identities from seeds, checked against two independent implementations."""

import hashlib
import re

import pyrage
import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from flux.keys.age_identity import (
    IDENTITY_PREFIX,
    POST_QUANTUM_IDENTITY_PREFIX,
    RECIPIENT_PATTERN,
    RecipientMismatchError,
    RecipientUndeclaredError,
    checked_identity,
    identity_from_seed,
    recipient_of,
)
from flux.keys.bech32 import decode
from tests.flux.post_quantum import post_quantum_key
from tests.keys import ssh_key


def payload(encoded: str) -> bytes:
    return decode(encoded)[1]


@given(st.text(max_size=200))
def test_an_identity_holds_the_sha256_of_its_seed(seed: str) -> None:
    identity = identity_from_seed(seed)

    assert payload(identity) == hashlib.sha256(seed.encode()).digest()
    assert str(pyrage.x25519.Identity.from_str(identity)) == identity


@given(st.text(max_size=200))
def test_a_recipient_is_the_x25519_public_key_of_its_identity(seed: str) -> None:
    recipient = recipient_of(identity_from_seed(seed))

    expected = X25519PrivateKey.from_private_bytes(hashlib.sha256(seed.encode()).digest()).public_key().public_bytes_raw()
    assert recipient.startswith("age1")
    assert payload(recipient) == expected


def test_the_identity_of_a_known_seed_never_changes() -> None:
    # The generated keys of every state hang on this: another answer would make all that was encrypted for them unreadable.
    assert recipient_of(identity_from_seed("seed")) == "age1kwn3nackmquy3n7gj5afskt6adjewha60wpmep0axwq94nqmsuwq3yf5lg"


def test_what_is_encrypted_for_the_recipient_is_decrypted_with_the_identity() -> None:
    identity = identity_from_seed("any seed")

    encrypted = pyrage.encrypt(b"content", [pyrage.x25519.Recipient.from_str(recipient_of(identity))])

    assert pyrage.decrypt(encrypted, [pyrage.x25519.Identity.from_str(identity)]) == b"content"
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(encrypted, [pyrage.x25519.Identity.from_str(identity_from_seed("another seed"))])


def test_a_whole_file_of_age_keygen_gives_the_recipient_of_its_identity() -> None:
    identity = identity_from_seed("any seed")
    file = f"# created: 2026-11-23T12:00:00Z\n# public key: {recipient_of(identity)}\n{identity}\n"

    assert recipient_of(file) == recipient_of(identity)
    assert recipient_of(file.replace("\n", "\r\n")) == recipient_of(identity)
    assert checked_identity(file, recipient_of(identity)) == file, "the file is what lands in the Secret"


def test_a_comment_that_names_another_recipient_proves_nothing() -> None:
    identity, other = identity_from_seed("any seed"), recipient_of(identity_from_seed("another seed"))
    file = f"# public key: {other}\n{identity}\n"

    assert recipient_of(file) == recipient_of(identity)
    with pytest.raises(RecipientMismatchError):
        recipient_of(file, other)


def test_a_declared_recipient_must_be_the_identitys_own_and_both_are_named() -> None:
    identity, other = identity_from_seed("any seed"), recipient_of(identity_from_seed("another seed"))

    assert recipient_of(identity, recipient_of(identity)) == recipient_of(identity)
    with pytest.raises(RecipientMismatchError) as caught:
        recipient_of(identity, other)
    assert str(caught.value) == f"the identity's own recipient is {recipient_of(identity)}, but {other} is declared for it"


def test_the_recipient_of_a_post_quantum_identity_is_its_own_and_a_declared_one_must_be_the_same() -> None:
    identity, recipient = post_quantum_key("any seed")
    short, other = recipient_of(identity_from_seed("any seed")), post_quantum_key("another seed")[1]

    assert recipient_of(identity) == recipient
    assert recipient_of(f"# created: 2026-11-24\n{identity}\n", recipient) == recipient
    for declared in (short, other):
        with pytest.raises(RecipientMismatchError) as caught:
            recipient_of(identity, declared)
        shown = short if declared is short else f"{other[:24]}…"
        assert str(caught.value) == f"the identity's own recipient is {recipient[:24]}…, but {shown} is declared for it"
    with pytest.raises(RecipientMismatchError, match=r"but age1pq1[a-z0-9]{17}… is declared"):
        recipient_of(identity_from_seed("any seed"), recipient)


def test_where_cryptography_was_built_without_ml_kem_the_declared_recipient_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    identity, recipient = post_quantum_key("any seed")

    def unsupported(_: bytes) -> None:
        raise UnsupportedAlgorithm("ML-KEM-768 is not supported")

    monkeypatch.setattr(MLKEM768PrivateKey, "from_seed_bytes", unsupported)
    assert recipient_of(identity, recipient) == recipient
    for declared in (None, recipient_of(identity_from_seed("any seed"))):
        with pytest.raises(RecipientUndeclaredError, match="cannot be derived here"):
            recipient_of(identity, declared)


def test_recipients_of_both_kinds_have_the_form_that_stack_files_are_checked_for() -> None:
    assert re.match(RECIPIENT_PATTERN, recipient_of(identity_from_seed("any seed")))
    assert re.match(RECIPIENT_PATTERN, post_quantum_key("any seed")[1])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has 0 identity lines, but exactly one is allowed"),
        ("# only a comment\n", "has 0 identity lines, but exactly one is allowed"),
        ("{identity}\n{identity}\n", "has 2 identity lines, but exactly one is allowed"),
        ("{identity}X", "not an age identity"),
        ("{lower}", "not an age identity"),
        (POST_QUANTUM_IDENTITY_PREFIX + "1MARKER", "not a post-quantum age identity"),
        ("{identity} ", "spaces around the identity, which age does not accept"),
        ("  {identity}", "spaces around the identity, which age does not accept"),
        ("  # a comment\n{identity}", "has 2 identity lines, but exactly one is allowed"),
        ("hunter2", "not an age identity"),
        (
            "age-encryption.org/v1\n-> scrypt hunter2 18\nMARKER\n",
            "encrypted key file, which Flux cannot read; `age --decrypt <file>`",
        ),
        ("-----BEGIN AGE ENCRYPTED FILE-----\nMARKER\n-----END AGE ENCRYPTED FILE-----\n", "is an encrypted key file"),
        (ssh_key().replace("{", "{{"), "is an SSH or PEM key, but Flux reads only age identities"),
        ("# mine\nssh-ed25519 MARKER hunter2", "is an SSH or PEM key"),
        ("{recipient}\n", "a recipient, which is the public half"),
    ],
)
def test_what_is_no_identity_is_refused_and_never_repeated(text: str, message: str) -> None:
    identity = identity_from_seed("marker")
    given_text = text.format(identity=identity, recipient=recipient_of(identity), lower=identity.lower().swapcase()[:-1] + "b")

    with pytest.raises(ValueError, match=message) as caught:
        recipient_of(given_text)

    shown = f"{caught.value!r} {caught.value.__cause__} {caught.value.__suppress_context__}"
    assert identity.removeprefix(IDENTITY_PREFIX)[:10] not in shown
    assert "MARKER" not in shown
    assert "hunter2" not in shown
    assert caught.value.__cause__ is None
