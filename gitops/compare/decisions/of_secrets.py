"""Credentials and age keys: what is replaced, what can no longer be read, and who is trusted at the other end."""

from collections.abc import Iterator

from flux.bodies import STACK_VARIABLES_CONFIG_MAP
from flux.minor_version import minor_of
from flux.owners_mark import ACTIVE_KEY_ANNOTATION
from flux.release.installation_changes import flags_of
from gitops.compare.found_changes import Decision
from gitops.compare.secret_changes import SecretPair, age_keys, recipient_in, secret_pairs
from gitops.compare.sentence import Sentence, joined, named, say
from gitops.compare.stack_pair import Body, Pair, spec_at

_STRICT, _STRICT_SINCE = "StrictPostBuildSubstitutions", (2, 9)
_TRUSTED = {"known_hosts": "host keys", "ca.crt": "certificate authorities"}


def decisions_of_secrets(pair: Pair) -> Iterator[Decision]:
    """Credentials, then keys, then variables."""
    for each in secret_pairs(pair):
        for kind, text in _of_credential(pair, each):
            yield Decision(kind=kind, text=text)
    old, new = age_keys(pair.before), age_keys(pair.after)
    source = pair.source_of_fact("age", "keys")
    for name in sorted(old):
        if name not in new:
            text = say(
                "Age key {} is removed: Flux can no longer decrypt what is encrypted for it alone; {} lists those files",
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
        if (which[1], which[3]) == ("ConfigMap", STACK_VARIABLES_CONFIG_MAP) and before is not None:
            yield from _of_variables(pair, before.get("data", {}), (after or {}).get("data", {}))


def _of_variables(pair: Pair, before: Body, after: Body) -> Iterator[Decision]:
    then = "Flux applies nothing of that Kustomization" if _is_strict(pair) else "Flux writes empty text"
    for name in sorted(before):
        if name not in after:
            text = say(f"Variable {{}} is unset: where Git uses it without a default, {then}", name)
            yield Decision(kind="variable-goes", text=text)
        elif after[name] != before[name]:
            text = say("Variable {} changes: what uses it in Git changes with it, and may get another name or be created anew", name)
            yield Decision(kind="variable-changes", text=text)


def _is_strict(pair: Pair) -> bool:
    """Whether an undefined variable fails the build: the default since Flux 2.9."""
    for which, _, after in pair.installed:
        if which[1] == "Deployment" and after is not None and which[3].startswith("kustomize-controller"):
            gates = ",".join(flags_of(after).get("--feature-gates", ())).split(",")
            given = [each.partition("=")[2] for each in gates if each.startswith(f"{_STRICT}=")]
            if given:
                return given[-1].lower() == "true"
    minor = minor_of(pair.after.flux_version)
    return minor is None or minor >= _STRICT_SINCE


def _users(pair: Pair, secret: str) -> list[str]:
    """The sources that log in with it."""
    return [which[3] for which, _, after in pair.own if (spec_at(after, "secretRef") or {}).get("name") == secret]


def _of_credential(pair: Pair, each: SecretPair) -> Iterator[tuple[str, Sentence]]:
    name, before, after = each.name, each.before, each.after
    if before is None:
        return
    if after is None:
        if each.servers_before:
            yield "credential-goes", say("Credential {} is deleted: what is fetched with it then needs another one", name)
        return
    types = before.get("type"), after.get("type")
    if types[0] != types[1]:
        users = named(_users(pair, name))
        why = say("Credential {} is deleted and created again, as its type {} → {} cannot be changed in place", name, *map(str, types))
        meanwhile = (
            [say(f"source{'s' if len(users.values) > 1 else ''} {users.words} cannot log in meanwhile", *users.values)]
            if users.values
            else []
        )
        yield "secret-is-replaced", joined([why, *meanwhile], ": ")
    old, new = (body["metadata"].get("annotations", {}).get(ACTIVE_KEY_ANNOTATION) for body in (before, after))
    if old != new:
        first = "before merging, add its public key to the Git servers; otherwise Flux cannot fetch"
        yield "active-key", say(f"Credential {{}} uses key {{}} instead of {{}}: {first}", name, new or "supplied", old or "supplied")
    for entry, what in _TRUSTED.items():
        was, becomes = before["data"].get(entry), after["data"].get(entry)
        if was != becomes and was is not None:
            yield "trust", say(f"Credential {{}} trusts other {what} ({{}}): check that they are the server's", name, entry)


def _short(key: object) -> str:
    return recipient_in(key) or ""


def _origin(key: object) -> str:
    return key if isinstance(key, str) else "supplied"
