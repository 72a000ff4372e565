"""Keys and rules of ours, in the hands of the real sops.

A call of sops costs 0.05 s, so it sees a few seeds only; that pyrage and we agree on all others stands beside it.
"""

import json
from typing import Any

import pyrage
import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat, PublicFormat
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flux.keys.age_identity import checked_identity, identity_from_seed, recipient_of
from flux.keys.sops_creation_rules import sops_config
from stacks.contract.age import Age
from tests.flux.post_quantum import post_quantum_key
from tests.flux.sops import decrypt, decrypt_with_ssh_key, encrypt
from tests.keys import Key, pem, rsa_key

SEEDS = st.text(max_size=100)
VALUES = st.dictionaries(
    st.text("abcdefghijklmnopqrstuvwxyz-_.", min_size=1, max_size=20), st.text(st.characters(exclude_categories=["Cs", "Cc"])), min_size=1
)


def secret(values: dict[str, str]) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "it"}, "stringData": values}


def written(body: dict[str, Any]) -> bytes:
    # JSON, whose texts are always quoted: PyYAML writes 0E0 without, which is a number to sops.
    return json.dumps(body, ensure_ascii=False).encode()


@pytest.mark.thorough
@given(SEEDS, VALUES)
@example("", {"_": "=", "a": "0E0"})
@settings(max_examples=8)
def test_what_sops_encrypts_for_the_recipient_of_any_seed_it_decrypts_with_its_identity(seed: str, values: dict[str, str]) -> None:
    identity = identity_from_seed(seed)

    encrypted = encrypt(written(secret(values)), sops_config([recipient_of(identity)]))

    assert yaml.safe_load(encrypted)["sops"]["age"][0]["recipient"] == recipient_of(identity), "as sops itself writes it"
    # Every value is a text. The safe loader would not read one: a lone `=`, which YAML 1.1 gave a type of its own.
    assert yaml.load(decrypt(encrypted, identity) or b"", Loader=yaml.BaseLoader) == secret(values)  # noqa: S506


@pytest.mark.thorough
@given(SEEDS, st.binary())
@settings(max_examples=200)
def test_any_seed_gives_pyrage_a_key_whose_recipient_is_the_same(seed: str, content: bytes) -> None:
    identity = pyrage.x25519.Identity.from_str(identity_from_seed(seed))
    recipient = recipient_of(identity_from_seed(seed))

    assert str(identity.to_public()) == recipient
    assert pyrage.decrypt(pyrage.encrypt(content, [pyrage.x25519.Recipient.from_str(recipient)]), [identity]) == content


@pytest.mark.thorough
def test_a_file_for_two_keys_and_a_person_is_read_with_each_of_them_and_with_no_other() -> None:
    identities = [identity_from_seed(seed) for seed in ("2026-05", "2026-11", "a person")]

    encrypted = encrypt(written(secret({"a": "b"})), sops_config([recipient_of(each) for each in identities]))

    assert [yaml.safe_load(decrypt(encrypted, each) or b"") for each in identities] == [secret({"a": "b"})] * 3
    assert decrypt(encrypted, identity_from_seed("2027-05")) is None


@pytest.mark.thorough
def test_a_whole_age_keygen_file_opens_what_is_encrypted_for_its_recipient() -> None:
    identity = identity_from_seed("any seed")
    encrypted = encrypt(written(secret({"a": "b"})), sops_config([recipient_of(identity)]))

    for end in ("\n", "\r\n"):
        file = end.join([f"# created: 2026-11-24T12:00:00Z{end}# public key: {recipient_of(identity)}", identity, ""])
        assert decrypt(encrypted, checked_identity(file)) is not None


SPOILT = (" {}", "{} ", "  # a comment\n{}", "\t\n{}")


@pytest.mark.parametrize("spoilt", [SPOILT[0], *(pytest.param(each, marks=pytest.mark.thorough) for each in SPOILT[1:])])
def test_sops_does_not_take(spoilt: str) -> None:
    identity = identity_from_seed("any seed")
    encrypted = encrypt(written(secret({"a": "b"})), sops_config([recipient_of(identity)]))

    assert decrypt(encrypted, spoilt.format(identity)) is None


@pytest.mark.parametrize("spoilt", SPOILT)
def test_what_age_does_not_take_is_refused_before_it_is_in_the_secret(spoilt: str) -> None:
    identity = identity_from_seed("any seed")
    with pytest.raises(ValueError, match=r"spaces around the identity|exactly one is allowed"):
        checked_identity(spoilt.format(identity))


@pytest.mark.thorough
def test_a_post_quantum_identity_opens_what_is_encrypted_for_its_recipient() -> None:
    identity, recipient = post_quantum_key("any seed")

    encrypted = encrypt(written(secret({"a": "b"})), sops_config([recipient]))

    assert yaml.safe_load(decrypt(encrypted, identity) or b"") == secret({"a": "b"})
    assert decrypt(encrypted, post_quantum_key("another seed")[0]) is None


COMMENTS = ("", " me@home", " my laptop, at home")
KINDS: dict[str, Key] = {"ed25519": Ed25519PrivateKey.generate(), "RSA": rsa_key(2048)}
IN_THE_FAST_TIER = [("ed25519", " my laptop, at home"), ("RSA", "")]
IN_TURN = [
    pytest.param(KINDS[kind], comment, id=f"{kind}-{comment}", marks=[] if (kind, comment) in IN_THE_FAST_TIER else [pytest.mark.thorough])
    for kind in KINDS
    for comment in COMMENTS
]


@pytest.mark.thorough
@pytest.mark.parametrize(("key", "comment"), IN_TURN)
def test_what_is_encrypted_for_a_persons_ssh_key_too_is_read_with_it_and_by_the_cluster(key: Key, comment: str) -> None:
    line = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    identity = identity_from_seed("any seed")
    (person,) = Age.model_validate({"recipients": [line + comment]}).recipients

    encrypted = encrypt(written(secret({"a": "b"})), sops_config([recipient_of(identity), person]))

    assert [each["recipient"] for each in yaml.safe_load(encrypted)["sops"]["age"]] == [recipient_of(identity), line]
    assert yaml.safe_load(decrypt_with_ssh_key(encrypted, pem(key, form=PrivateFormat.OpenSSH)) or b"") == secret({"a": "b"})
    assert yaml.safe_load(decrypt(encrypted, identity) or b"") == secret({"a": "b"})
    assert decrypt_with_ssh_key(encrypted, pem(Ed25519PrivateKey.generate(), form=PrivateFormat.OpenSSH)) is None
