"""The kinds of text under `gitops:age`, each with the message for a text of another form."""

from dataclasses import replace
from typing import Annotated

from pydantic import AfterValidator

from flux.keys import bech32
from flux.keys.age_identity import RECIPIENT_PATTERN, SSH_RECIPIENT_TYPES, bare_recipient
from flux.keys.ssh_public_keys import fault_of_public_key
from flux.message import Message
from stacks.contract.text_kinds import TextKind, wrong_text
from stacks.words.disclosed_keys import DISCLOSED, IN_PLAIN_TEXT

WRONG_AGE_KEY = "wrong_age_key"
"""Type of the error for a value that is neither an origin nor a key with its recipient."""

KeyName = Annotated[
    str,
    TextKind(
        "name of a key",
        r"^(?!AGE-SECRET-KEY-)[a-zA-Z0-9]([-_.a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$",
        Message(
            "cannot name an age key",
            "It becomes the entry <name>.agekey of a Secret.",
            'Write at most 63 letters, digits, -, _ and ., with a letter or digit at both ends, like "2026-11".',
        ),
        (
            (
                r"(?i)AGE-SECRET-KEY-",
                Message(
                    IN_PLAIN_TEXT,
                    DISCLOSED,
                    'Make another key, write "2026-11": supplied, and run: pulumi config set --secret gitops:age-2026-11',
                ),
            ),
        ),
    ),
]
"""Name of an age key. With `.agekey` appended, it is an entry of the Secret `sops-age`."""


_SOPS_REFUSES = "SOPS would refuse it."
_COPY_AGAIN = "Copy it again, as `age-keygen -y` prints it."
_NOT_DECRYPTED = "Flux could not decrypt what is encrypted for it."


def _bech32(text: str) -> str:
    """A recipient with the right checksum, so a complete one without a mistake."""
    try:
        bech32.decode(text)
    except ValueError:
        raise wrong_text(Message("has a wrong checksum: it is incomplete, or a character is wrong", _SOPS_REFUSES, _COPY_AGAIN)) from None
    return text


def _whole(text: str) -> str:
    """A complete recipient; an SSH key without its comment."""
    if not text.startswith(SSH_RECIPIENT_TYPES):
        return _bech32(text)
    kind, encoded = bare_recipient(text).split(" ")
    if fault := fault_of_public_key(kind, encoded):
        raise wrong_text(replace(fault, consequence=_SOPS_REFUSES))
    return f"{kind} {encoded}"


_NO_RECIPIENTS = (
    (
        r"(?i)^\s*AGE-SECRET-KEY-",
        Message(
            IN_PLAIN_TEXT, "Everyone who can read this file can decrypt everything.", "Make another key, and write its public key (age1…)."
        ),
    ),
    (
        r"^age1(pq1)?[02-9ac-hj-np-z]{6,}$",
        Message("is too short or too long", _SOPS_REFUSES, _COPY_AGAIN),
    ),
)
_SSH_RECIPIENT = rf"^({'|'.join(SSH_RECIPIENT_TYPES)}) +AAAA[A-Za-z0-9+/=]+( .*)?$"
_NOT_ENCRYPTED = "SOPS could not encrypt for this person."
AgeRecipient = Annotated[
    str,
    TextKind(
        "`age1…`, `ssh-ed25519 …` or `ssh-rsa …`",
        rf"{RECIPIENT_PATTERN}|^age1(?!pq1)[a-z0-9-]+1[02-9ac-hj-np-z]{{6,}}$|{_SSH_RECIPIENT}",
        Message("is not an age recipient", _NOT_ENCRYPTED, "Write the public key that `age-keygen -y` prints (age1…)."),
        (
            *_NO_RECIPIENTS,
            (
                r"^(ssh|ecdsa|sk)-",
                Message(
                    "is not a complete ed25519 or RSA key, the SSH keys that age supports",
                    _NOT_ENCRYPTED,
                    "Write the whole line of such a key (ssh-ed25519 AAAA…), or an age recipient (age1…).",
                ),
            ),
        ),
    ),
    AfterValidator(_whole),
]
"""Public key of a person: of age, of an age plugin (`age1yubikey1…`), or an SSH key, without its comment."""
_OF_A_CLUSTER = "Write the public key that `age-keygen -y` prints (age1… or age1pq1…)."
AgeKeyRecipient = Annotated[
    str,
    TextKind(
        "`age1…` or `age1pq1…`",
        RECIPIENT_PATTERN,
        Message("is not a recipient that Flux can decrypt for", _NOT_DECRYPTED, _OF_A_CLUSTER),
        (
            *_NO_RECIPIENTS,
            (
                r"^(ssh|ecdsa|sk)-",
                Message(
                    "is an SSH key, which Flux cannot decrypt with",
                    _NOT_DECRYPTED,
                    f"{_OF_A_CLUSTER} A person's SSH key belongs in gitops:age.recipients.",
                ),
            ),
            (
                r"^age1[a-z0-9-]+1[02-9ac-hj-np-z]{6,}$",
                Message("is incomplete, or belongs to an age plugin, which Flux does not have", _NOT_DECRYPTED, _OF_A_CLUSTER),
            ),
        ),
    ),
    AfterValidator(_bech32),
]
"""Public key of an age key of the cluster."""
_MUST_BE_SUPPLIED = "The recipient of a generated key is unknown until Pulumi creates it."
AgeKeyOrigin = Annotated[
    str,
    TextKind(
        "`supplied`",
        r"^supplied$",
        Message("must be supplied", _MUST_BE_SUPPLIED, "Write origin: supplied."),
        (
            (
                r"^generated$",
                Message(
                    "cannot be `generated` where a recipient is given",
                    _MUST_BE_SUPPLIED,
                    "Write generated instead of {origin: …, recipient: …}.",
                ),
            ),
        ),
    ),
]
