"""The kinds of text under `gitops:age`, each with the sentence for one that is none."""

from typing import Annotated

from pydantic import AfterValidator

from flux.keys import bech32
from flux.keys.age import RECIPIENT_PATTERN, SSH_RECIPIENT_TYPES, bare_recipient
from flux.keys.ssh_public_keys import fault_of_public_key
from stacks.contract.text_kinds import Kind, wrong_text
from stacks.words.disclosed_keys import IN_PLAIN_TEXT

WRONG_AGE_KEY = "wrong_age_key"
"""Type of the fault of what is neither an origin nor a key with its recipient."""

KeyName = Annotated[
    str,
    Kind(
        "name of a key",
        r"^(?!AGE-SECRET-KEY-)[a-zA-Z0-9]([-_.a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$",
        "cannot name an age key: it becomes the Secret's entry <name>.agekey, so it may hold letters, digits, -, _ and . "
        'and at most 63 of them; write one like "2026-11"',
        (
            (
                r"(?i)AGE-SECRET-KEY-",
                f'{IN_PLAIN_TEXT}. Make another with `age-keygen`, and write a name here: "2026-11": supplied; '
                "then: pulumi config set --secret gitops:age-2026-11",
            ),
        ),
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


def _whole(text: str) -> str:
    """A recipient that was copied whole; of an SSH key without the comment."""
    if not text.startswith(SSH_RECIPIENT_TYPES):
        return _bech32(text)
    kind, encoded = bare_recipient(text).split(" ")
    if fault := fault_of_public_key(kind, encoded):
        raise wrong_text(f"is {fault}, so sops would refuse it; copy the whole line once more")
    return f"{kind} {encoded}"


_NO_RECIPIENTS = (
    (
        r"(?i)^\s*AGE-SECRET-KEY-",
        "is a private key in plain text: who reads this file can decrypt everything. Make another, and write its public key, age1…",
    ),
    (
        r"^age1(pq1)?[02-9ac-hj-np-z]{6,}$",
        "is cut short, or has too much at its end: sops would refuse it; copy it once more, as `age-keygen -y` prints it",
    ),
)
_SSH_RECIPIENT = rf"^({'|'.join(SSH_RECIPIENT_TYPES)}) +AAAA[A-Za-z0-9+/=]+( .*)?$"
AgeRecipient = Annotated[
    str,
    Kind(
        "`age1…`, `ssh-ed25519 …` or `ssh-rsa …`",
        rf"{RECIPIENT_PATTERN}|^age1(?!pq1)[a-z0-9-]+1[02-9ac-hj-np-z]{{6,}}$|{_SSH_RECIPIENT}",
        "is no age recipient, so sops could not encrypt for that person; write the public key that `age-keygen -y` prints: age1…",
        (
            *_NO_RECIPIENTS,
            (
                r"^(ssh|ecdsa|sk)-",
                "is an SSH key that age does not take, or no whole one, so sops could not encrypt for that person; write the line of an "
                "ed25519 or RSA key, `ssh-ed25519 AAAA…`, or an age recipient: age1…",
            ),
        ),
    ),
    AfterValidator(_whole),
]
"""Public key of a person; also one of a plugin, such as `age1yubikey1…`, or an SSH key, of which the comment is left out."""
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
                r"^(ssh|ecdsa|sk)-",
                "is an SSH key, but Flux reads age identities alone, so it could not decrypt what is encrypted for it; only people may "
                "have one, under gitops:age.recipients. Write the public key that `age-keygen -y` prints: age1…, or age1pq1…",
            ),
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
