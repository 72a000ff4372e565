"""The kinds of text under `gitops:age`, each with the sentence for one that is none."""

from typing import Annotated

from pydantic import AfterValidator

from flux import bech32
from flux.age import RECIPIENT_PATTERN
from stacks.text_kinds import Kind, wrong_text

WRONG_AGE_KEY = "wrong_age_key"
"""Type of the fault of what is neither an origin nor a key with its recipient."""

KeyName = Annotated[
    str,
    Kind(
        "name of a key",
        r"^[a-zA-Z0-9]([-_.a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$",
        "cannot name an age key: it becomes the Secret's entry <name>.agekey, so it may hold letters, digits, -, _ and . "
        'and at most 63 of them; write one like "2026-11"',
    ),
]
"""Name of an age key; with `.agekey` behind it, it becomes an entry of a Secret."""


def _bech32(text: str) -> str:
    """A recipient whose checksum is right: it was copied whole, and nothing in it was mistyped."""
    try:
        bech32.decode(text)
    except ValueError:
        raise wrong_text(
            "has another checksum than it says, so it was not copied whole, or one character is another: sops would refuse it; "
            "copy it once more, as `age-keygen -y` prints it"
        ) from None
    return text


_NO_RECIPIENTS = (
    (
        r"(?i)^\s*AGE-SECRET-KEY-",
        "is a private key in plain text: who reads this file can decrypt everything. Make another, and write its public key, age1…",
    ),
    (r"^(ssh-|ecdsa-)", "is an SSH key; write an age recipient in its place: age1…"),
    (
        r"^age1(pq1)?[02-9ac-hj-np-z]{6,}$",
        "is cut short, or has too much at its end: sops would refuse it; copy it once more, as `age-keygen -y` prints it",
    ),
)
AgeRecipient = Annotated[
    str,
    Kind(
        "`age1…`",
        rf"{RECIPIENT_PATTERN}|^age1(?!pq1)[a-z0-9-]+1[02-9ac-hj-np-z]{{6,}}$",
        "is no age recipient, so sops could not encrypt for that person; write the public key that `age-keygen -y` prints: age1…",
        _NO_RECIPIENTS,
    ),
    AfterValidator(_bech32),
]
"""Public key of a person; also one of a plugin, such as `age1yubikey1…`."""
AgeKeyRecipient = Annotated[
    str,
    Kind(
        "`age1…` or `age1pq1…`",
        RECIPIENT_PATTERN,
        "is no recipient of a key that Flux can hold, so what is encrypted for it could not be decrypted; "
        "write the public key that `age-keygen -y` prints: age1…, or age1pq1…",
        (
            *_NO_RECIPIENTS,
            (
                r"^age1[a-z0-9-]+1[02-9ac-hj-np-z]{6,}$",
                "is the recipient of a plugin, or no whole one: Flux has no plugins, so it could not decrypt what is encrypted for it; "
                "write the public key that `age-keygen -y` prints: age1…, or age1pq1…",
            ),
        ),
    ),
    AfterValidator(_bech32),
]
"""Public key that belongs to a key of the cluster."""
AgeKeyOrigin = Annotated[
    str,
    Kind(
        "`supplied`",
        r"^supplied$",
        "must be supplied: only such a key has a recipient that can be stated; write origin: supplied",
        (
            (
                r"^generated$",
                "is generated, and the recipient of such a key is not known before it is made, so none can be stated; "
                "write generated alone in place of {origin: …, recipient: …}",
            ),
        ),
    ),
]
