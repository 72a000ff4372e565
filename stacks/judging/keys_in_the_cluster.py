"""The age keys that the cluster's Secret holds already: no `up` makes one anew over them, or drops one that it does not know."""

from collections.abc import Collection, Iterator, Mapping

from flux.bodies import SOPS_AGE_SECRET
from flux.keys.age_identity import recipient_of
from flux.message import Message
from stacks.contract.age import Age

_SUFFIX = ".agekey"


def kept_identities(entries: Mapping[str, str], age: Age) -> dict[str, str]:
    """The generated keys that the cluster has: their seeds may be lost with the state, and what is encrypted for them is not."""
    return {name: identity for name in age.generated if (identity := entries.get(name + _SUFFIX)) and _recipient(identity)}


def dropped_keys(entries: Mapping[str, str], age: Age, recipients: Collection[str], owner: str) -> Iterator[Message]:
    """A refusal for each key of a Secret that is taken over from `owner` which nothing in the stack names."""
    for entry, identity in sorted(entries.items()):
        name = entry.removesuffix(_SUFFIX)
        recipient = _recipient(identity) if entry.endswith(_SUFFIX) else None
        if recipient is None or recipient in recipients or name in age.generated:
            continue
        yield Message(
            f"has no key of recipient {recipient}, which the Secret {SOPS_AGE_SECRET} of {owner} holds as {entry}",
            "It would be lost, and Flux could not decrypt what is encrypted for it.",
            f"Add it: its name under gitops:age.keys as supplied, and the identity with pulumi config set --secret gitops:age-{name}.",
        )


def _recipient(identity: str) -> str | None:
    try:
        return recipient_of(identity)
    except ValueError:
        return None
