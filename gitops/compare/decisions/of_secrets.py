"""Credentials and age keys: what is replaced, what can no longer be read, and who is trusted at the other end."""

from collections.abc import Iterator

from flux.owners_mark import ACTIVE_KEY_ANNOTATION
from gitops.compare.found_changes import Decision
from gitops.compare.secret_changes import SecretPair, age_keys, recipient_in, secret_pairs
from gitops.compare.sentence import Sentence, say
from gitops.compare.stack_pair import Pair

_TRUSTED = {"known_hosts": "host keys", "ca.crt": "certificate authorities"}


def decisions_of_secrets(pair: Pair) -> Iterator[Decision]:
    """Credentials, then keys, then variables."""
    for each in secret_pairs(pair):
        for kind, text in _of_credential(each):
            yield Decision(kind=kind, text=text)
    old, new = age_keys(pair.before), age_keys(pair.after)
    source = pair.source_of_fact("age", "keys")
    for name in sorted(old):
        if name not in new:
            text = say(
                "Age key {} goes: Flux can no longer decrypt what is encrypted for it alone; {} lists that",
                name,
                f"gitops check --without {name}",
            )
            yield Decision(kind="key-goes", text=text, source=source)
        elif recipient_in(old[name]) and recipient_in(old[name]) != recipient_in(new[name]):
            text = say("Age key {} is no longer tied to the recipient {}: another key may come under its name", name, _short(old[name]))
            yield Decision(kind="key-changes", text=text, source=source)
        elif (old[name] == "generated") != (new[name] == "generated"):
            yield Decision(kind="key-changes", text=say("Age key {} is replaced: it was {}", name, _origin(old[name])), source=source)
    for which, before, after in pair.own:
        if which[1] == "ConfigMap" and before is not None:
            kept = (after or {}).get("data", {})
            for variable in sorted(set(before.get("data", {})) - set(kept)):
                yield Decision(
                    kind="variable-goes",
                    text=say("Variable {} goes: where Git uses it without a default, Flux writes nothing", variable),
                )


def _of_credential(each: SecretPair) -> Iterator[tuple[str, Sentence]]:
    name, before, after = each.name, each.before, each.after
    if before is None:
        return
    if after is None:
        if each.servers_before:
            yield "credential-goes", say("Credential {} goes: what is fetched with it then needs another one", name)
        return
    if before.get("type") != after.get("type"):
        yield (
            "secret-is-replaced",
            say("The Secret {} is replaced: its type {} → {} cannot be changed in place", name, str(before["type"]), str(after["type"])),
        )
    old, new = (body["metadata"].get("annotations", {}).get(ACTIVE_KEY_ANNOTATION) for body in (before, after))
    if old != new:
        text = say(
            "Credential {} uses key {} instead of {}: its Git servers must know that key first", name, new or "supplied", old or "supplied"
        )
        yield "active-key", text
    for entry, what in _TRUSTED.items():
        was, becomes = before["data"].get(entry), after["data"].get(entry)
        if was != becomes and was is not None:
            yield "trust", say(f"Credential {{}} trusts other {what} ({{}})", name, entry)


def _short(key: object) -> str:
    return recipient_in(key) or ""


def _origin(key: object) -> str:
    return key if isinstance(key, str) else "supplied"
