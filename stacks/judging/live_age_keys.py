"""The age keys that the cluster has, against those that the stack names: a takeover must not end what Flux can decrypt."""

import shlex
from collections.abc import Iterator, Mapping

from flux.bodies import SOPS_AGE_SECRET
from flux.message import Message
from flux.object_reference import FLUX_NAMESPACE
from live.flux_objects.age_secret import LiveAgeKeys
from stacks.contract.stack import Stack
from stacks.words.place import PlaceOf
from stacks.words.problems import Problem

_UNREADABLE = "Flux could no longer decrypt what is encrypted for the cluster's key."


def keys_lost_by(stack: Stack, recipients: Mapping[str, str], live: LiveAgeKeys, place: PlaceOf, *, is_own: bool) -> Iterator[Problem]:
    """A problem for each key of the cluster that `up` would replace by another one, or would drop.

    If the Secret is the stack's own, a key whose name left the stack file is none: that is how a key is removed (and the record of
    `gitops check` says whether it is needed). A generated one is none either, since the cluster's own is kept.

    Args:
        stack: the stack file.
        recipients: of the stack's supplied keys, as far as they are known.
        live: the cluster's keys.
        place: where a key of the stack file stands.
        is_own: whether the Secret is the stack's own; else it is about to be taken over from somebody.
    """
    age, context = stack.age, stack.cluster.context
    for name, recipient in live.recipients.items():
        if recipient in recipients.values():
            continue
        if name in recipients:
            wrong = f"differs from the key of that name in the cluster, {recipient}"
            fix = "Give the new key a name of its own, and keep the old one until `gitops check` finds no file that needs it."
            yield Problem(place("age", "keys", name), Message(wrong, _UNREADABLE, fix))
        elif not is_own and name not in age.supplied:
            wrong = f"does not name {recipient}, which the cluster's Secret {SOPS_AGE_SECRET} has as {name}.agekey"
            fix = f"Write {name}: supplied, and read the key back: {read_back_command(name, context)}"
            yield Problem(place("age", "keys"), Message(wrong, _UNREADABLE, fix))
    if live.other_entries and not is_own:
        wrong = f"has no place for {', '.join(live.other_entries)}, which the cluster's Secret {SOPS_AGE_SECRET} has"
        fix = "Copy it into another Secret, and name that in spec.decryption.secretRef of the Kustomizations that need it."
        yield Problem(place("age"), Message(wrong, "It would be removed, and nothing could be decrypted with it.", fix))


def read_back_command(name: str, context: str) -> str:
    """The command by which a key comes from the cluster into the stack's secrets, without being shown."""
    kubectl = shlex.join(["kubectl", "--context", context, "-n", FLUX_NAMESPACE, "get", "secret", SOPS_AGE_SECRET])
    template = shlex.quote(f'{{{{index .data "{name}.agekey" | base64decode}}}}')
    return f"{kubectl} -o go-template={template} | pulumi config set --secret {shlex.quote(f'gitops:age-{name}')}"
