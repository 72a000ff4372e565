"""Credentials and age keys: which there are, what is in their Secrets as far as it is public, and to which servers they are sent."""

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flux.addresses import address_of
from flux.bodies import SOPS_AGE_SECRET
from flux.owners_mark import ACTIVE_KEY_ANNOTATION
from gitops.compare.field_changes import FieldChange
from gitops.compare.found_changes import Action, Change, ObjectDiff
from gitops.compare.key_fingerprints import fingerprints
from gitops.compare.object_changes import action_of, shown_id
from gitops.compare.sentence import NOWHERE, Sentence, joined, named, say
from gitops.compare.stack_pair import Body, Pair, fields_of, spec_at
from gitops.compare.value_text import path_of, what_changes
from gitops.rendered.stack_view import ObjectId, StackView
from stacks.contract.names import PREFIX

AGE = "age-"
KEYS = (AGE, "pgp-", "sops-")
"""How the names of private keys begin among a stack's secrets."""
KUBECONFIG = "kubeconfig"
_LOCATIONS = ("url", "endpoint", "address", "image")
_REFERENCES = ("secretRef", "certSecretRef", "proxySecretRef")
_NEVER_SENT = ("identity", "tls.key", "githubAppPrivateKey", "token", "secretkey")
"""Entries with which something is signed, or checked."""


@dataclass(frozen=True, kw_only=True)
class SecretPair:
    """A Secret of a credential, before and after, with what is public in clear."""

    which: ObjectId
    before: Body | None
    after: Body | None
    servers_before: tuple[str, ...]
    servers_after: tuple[str, ...]

    @property
    def name(self) -> str:
        """As the stack file and the sources call it."""
        return self.which[3]


def secret_pairs(pair: Pair) -> Iterator[SecretPair]:
    """Every Secret of a credential."""
    secrets = [each for each in pair.own if each[0][1] == "Secret" and each[0][3] != SOPS_AGE_SECRET]
    if secrets:
        before, after = servers_of(pair.before), servers_of(pair.after)
        for which, old, new in secrets:
            yield SecretPair(
                which=which,
                before=in_clear(old),
                after=in_clear(new),
                servers_before=before.get(which[3], ()),
                servers_after=after.get(which[3], ()),
            )


def changes_of_secrets(pair: Pair) -> Iterator[Change]:
    """Credentials, and then age keys."""
    for each in secret_pairs(pair):
        if each.before != each.after or each.servers_before != each.servers_after:
            fields = fields_of(each.before, each.after)
            yield Change(
                kind="credential",
                action=action_of(each.before, each.after),
                noun="credential",
                names=(each.name,),
                what=_what(each, fields),
                source=source_of_credential(pair, each),
                diffs=(ObjectDiff(name=shown_id(each.which), fields=fields),) if fields else (),
            )
    old, new = age_keys(pair.before), age_keys(pair.after)
    for name in sorted({*old, *new}):
        if old.get(name) == new.get(name):
            continue
        source = pair.source_of_fact("age", "keys", name)
        if name not in old:
            yield _key(name, Action.ADDED, joined([say("is new"), say("{}", _key_text(new[name]))], ", "), source)
        elif name not in new:
            yield _key(name, Action.REMOVED, say("is removed"), source)
        else:
            yield _key(name, Action.CHANGED, say("{} → {}", _key_text(old[name]), _key_text(new[name])), source)


def source_of_credential(pair: Pair, each: SecretPair) -> Sentence:
    """Where the stack file has it, if that is what changes."""
    path = "credentials", each.name
    before, after = pair.fact(*path)
    return pair.source_of_fact(*path) if before != after else NOWHERE


def age_keys(view: StackView) -> dict[str, Any]:
    """Name → `supplied`, `generated`, or what else is said of it."""
    return dict(view.facts.get("age", {}).get("keys") or {})


def recipient_in(key: Any) -> str | None:
    """The recipient that the stack file states of a key."""
    found = key.get("recipient") if isinstance(key, Mapping) else None
    return found if isinstance(found, str) else None


def servers_of(view: StackView) -> dict[str, tuple[str, ...]]:
    """Secret → the servers of the sources that name it."""
    found: dict[str, set[str]] = {}
    for body in view.objects.values():
        spec, url = body.get("spec"), location_of(body)
        if not url or not isinstance(spec, Mapping):
            continue
        for field in _REFERENCES:
            reference = spec.get(field)
            if isinstance(reference, Mapping) and isinstance(reference.get("name"), str):
                found.setdefault(reference["name"], set()).add(server_of(url))
    return {name: tuple(sorted(servers)) for name, servers in found.items()}


@dataclass(frozen=True, kw_only=True)
class SecretUse:
    """The credential that a secret of the stack file is for."""

    credential: str
    is_sent: bool
    """Whether a login sends it; of a private key, only what was signed with it."""
    fetches: tuple[ObjectId, ...]
    servers: tuple[str, ...]


def use_of(view: StackView, secret: str) -> SecretUse | None:
    """By the placeholder that stands for it in a Secret; None if no credential has it."""
    shown = (f"<secret {PREFIX}{secret}>", f"<made of secret {PREFIX}{secret}>")
    for which, body in view.objects.items():
        entries = [entry for entry, value in (body.get("data") or {}).items() if value in shown] if which[1] == "Secret" else []
        if entries and which[3] != SOPS_AGE_SECRET:
            users = [each for each, body in sorted(view.objects.items()) if location_of(body) and _refers_to(body, which[3])]
            return SecretUse(
                credential=which[3],
                is_sent=not any(entry in _NEVER_SENT for entry in entries),
                fetches=tuple(users),
                servers=servers_of(view).get(which[3], ()),
            )
    return None


def _refers_to(body: Body, secret: str) -> bool:
    return any((spec_at(body, field) or {}).get("name") == secret for field in _REFERENCES)


def location_of(body: Mapping[str, Any]) -> str:
    """From where an object fetches, or to where it sends; empty where it does neither."""
    spec = body.get("spec")
    found = (spec.get(field) for field in _LOCATIONS) if isinstance(spec, Mapping) else ()
    return next((text for text in found if isinstance(text, str) and text), "")


def server_of(url: str) -> str:
    """`https://git.test:3000`: with the scheme, since a password over http is not one over https."""
    address = address_of(url)
    scheme, separator, rest = url.partition("://")
    authority = rest.partition("/")[0].rpartition("@")[2]
    return f"{scheme}{separator}{authority}" if address else url.partition("/")[0]


def in_clear(body: Body | None) -> Body | None:
    """A Secret whose public values can be read; placeholders stay. Values of several lines are compared line by line."""
    if body is None:
        return None
    return {**body, "data": {entry: _decoded(value) for entry, value in (body.get("data") or {}).items()}}


def _decoded(value: Any) -> Any:
    if not isinstance(value, str) or value.startswith("<"):
        return value
    try:
        text = base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return value
    return text.splitlines() if "\n" in text.strip() else text.strip()


def _what(each: SecretPair, fields: tuple[FieldChange, ...]) -> Sentence:
    if each.after is None:
        return say("is deleted")
    if each.before is None:
        return joined([say("is new"), *([joined([say("for"), named(each.servers_after)], " ")] if each.servers_after else [])], ", ")
    parts: list[Sentence] = []
    if each.servers_before != each.servers_after:
        parts.append(
            joined([say("server"), named(each.servers_before or ("none",)), say("→"), named(each.servers_after or ("none",))], " ")
        )
    if (old := _known_hosts(each.before)) != (new := _known_hosts(each.after)):
        parts.append(joined([say("host keys"), named(old or ("none",)), say("→"), named(new or ("none",))], " "))
    elif any(_entry_name(field) == "known_hosts" for field in fields):
        parts.append(say("{} changes", "known_hosts"))
    for field in fields[:4]:
        if ACTIVE_KEY_ANNOTATION in field.key:
            parts.append(what_changes(field, "active key"))
        elif _entry_name(field) not in ("identity", "identity.pub", "known_hosts"):
            parts.append(_entry(field))
    return joined(parts) if parts else say("its key changes")


def _entry_name(field: FieldChange) -> str | None:
    """Which entry of the Secret it is, or is in."""
    return str(field.key[1]) if field.key[:1] == ("data",) and len(field.key) > 1 else None


def _entry(field: FieldChange) -> Sentence:
    """Of certificates and host keys, only that they change: each is longer than a line."""
    name = _entry_name(field) or ""
    if name in ("ca.crt", "tls.crt") or name.endswith("Key"):
        return say("{} changes", name)
    return what_changes(field, path_of(field))


def _known_hosts(body: Body | None) -> list[str]:
    return list(fingerprints(((body or {}).get("data") or {}).get("known_hosts")))


def _key(name: str, action: Action, what: Sentence, source: Sentence) -> Change:
    return Change(kind="key", action=action, noun="age key", names=(name,), what=what, source=source)


def _key_text(key: Any) -> str:
    return " ".join(str(value) for value in key.values() if value) if isinstance(key, Mapping) else str(key)
