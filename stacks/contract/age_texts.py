"""The kinds of text under `gitops:age`, each with the message for one that is none."""

from typing import Annotated

from pydantic import AfterValidator

from flux.keys import bech32
from flux.keys.age import RECIPIENT_PATTERN, SSH_RECIPIENT_TYPES, bare_recipient
from flux.keys.ssh_public_keys import fault_of_public_key
from flux.message import Message
from stacks.contract.text_kinds import Kind, wrong_text
from stacks.words.disclosed_keys import DISCLOSED, IN_PLAIN_TEXT

WRONG_AGE_KEY = "wrong_age_key"
"""Type of the fault of what is neither an origin nor a key with its recipient."""

KeyName = Annotated[
    str,
    Kind(
        "name of a key",
        r"^(?!AGE-SECRET-KEY-)[a-zA-Z0-9]([-_.a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$",
        Message(
            "cannot name an age key",
            "It becomes the Secret's entry <name>.agekey, so it may hold letters, digits, -, _ and . and at most 63 of them.",
            'Write one like "2026-11".',
        ),
        (
            (
                r"(?i)AGE-SECRET-KEY-",
                Message(
                    IN_PLAIN_TEXT,
                    DISCLOSED,
                    'Make another with `age-keygen`, and write a name here: "2026-11": supplied. '
                    "Then run: pulumi config set --secret gitops:age-2026-11",
                ),
            ),
        ),
    ),
]
"""Name of an age key; with `.agekey` behind it, it becomes an entry of a Secret."""


_SOPS_REFUSES = "sops would refuse it."
_COPY_AGAIN = "Copy it once more, as `age-keygen -y` prints it."
_NOT_DECRYPTED = "Flux could not decrypt what is encrypted for it."


def _bech32(text: str) -> str:
    """A recipient whose checksum is right: it was copied whole, and nothing in it was mistyped."""
    try:
        bech32.decode(text)
    except ValueError:
        raise wrong_text(
            Message("has a wrong checksum: it was not copied whole, or one character is another", _SOPS_REFUSES, _COPY_AGAIN)
        ) from None
    return text


def _whole(text: str) -> str:
    """A recipient that was copied whole; of an SSH key without the comment."""
    if not text.startswith(SSH_RECIPIENT_TYPES):
        return _bech32(text)
    kind, encoded = bare_recipient(text).split(" ")
    if fault := fault_of_public_key(kind, encoded):
        raise wrong_text(Message(f"is {fault}", _SOPS_REFUSES, "Copy the whole line once more."))
    return f"{kind} {encoded}"


_NO_RECIPIENTS = (
    (
        r"(?i)^\s*AGE-SECRET-KEY-",
        Message(IN_PLAIN_TEXT, "Whoever reads this file can decrypt everything.", "Make another key, and write its public key, age1…"),
    ),
    (
        r"^age1(pq1)?[02-9ac-hj-np-z]{6,}$",
        Message("is cut short, or has too much at its end", _SOPS_REFUSES, _COPY_AGAIN),
    ),
)
_SSH_RECIPIENT = rf"^({'|'.join(SSH_RECIPIENT_TYPES)}) +AAAA[A-Za-z0-9+/=]+( .*)?$"
_NOT_ENCRYPTED = "sops could not encrypt for that person."
AgeRecipient = Annotated[
    str,
    Kind(
        "`age1…`, `ssh-ed25519 …` or `ssh-rsa …`",
        rf"{RECIPIENT_PATTERN}|^age1(?!pq1)[a-z0-9-]+1[02-9ac-hj-np-z]{{6,}}$|{_SSH_RECIPIENT}",
        Message("is not an age recipient", _NOT_ENCRYPTED, "Write the public key that `age-keygen -y` prints: age1…"),
        (
            *_NO_RECIPIENTS,
            (
                r"^(ssh|ecdsa|sk)-",
                Message(
                    "is an SSH key that age does not take, or an incomplete one",
                    _NOT_ENCRYPTED,
                    "Write the line of an ed25519 or RSA key, `ssh-ed25519 AAAA…`, or an age recipient: age1…",
                ),
            ),
        ),
    ),
    AfterValidator(_whole),
]
"""Public key of a person; also one of a plugin, such as `age1yubikey1…`, or an SSH key, of which the comment is left out."""
_OF_A_CLUSTER = "Write the public key that `age-keygen -y` prints: age1…, or age1pq1…"
AgeKeyRecipient = Annotated[
    str,
    Kind(
        "`age1…` or `age1pq1…`",
        RECIPIENT_PATTERN,
        Message("is not the recipient of a key that Flux can hold", _NOT_DECRYPTED, _OF_A_CLUSTER),
        (
            *_NO_RECIPIENTS,
            (
                r"^(ssh|ecdsa|sk)-",
                Message(
                    "is an SSH key, but Flux reads age identities alone",
                    _NOT_DECRYPTED,
                    f"{_OF_A_CLUSTER}. An SSH key may stand under gitops:age.recipients, for a person.",
                ),
            ),
            (
                r"^age1[a-z0-9-]+1[02-9ac-hj-np-z]{6,}$",
                Message("is the recipient of a plugin, which Flux does not have, or an incomplete one", _NOT_DECRYPTED, _OF_A_CLUSTER),
            ),
        ),
    ),
    AfterValidator(_bech32),
]
"""Public key that belongs to a key of the cluster."""
_MUST_BE_SUPPLIED = "Only a supplied key has a recipient that is known beforehand."
AgeKeyOrigin = Annotated[
    str,
    Kind(
        "`supplied`",
        r"^supplied$",
        Message("must be supplied", _MUST_BE_SUPPLIED, "Write origin: supplied."),
        (
            (
                r"^generated$",
                Message("is generated", _MUST_BE_SUPPLIED, "Write generated alone in place of {origin: …, recipient: …}."),
            ),
        ),
    ),
]
