"""Credentials and age keys: what is replaced, what can no longer be read, and who is trusted at the other end."""

from collections.abc import Iterator, Mapping
from typing import Any

from flux.bodies import STACK_VARIABLES_CONFIG_MAP
from flux.minor_version import minor_of
from flux.owners_mark import ACTIVE_KEY_ANNOTATION
from flux.release.installation_changes import flags_of
from gitops.compare.found_changes import Decision
from gitops.compare.key_fingerprints import fingerprints
from gitops.compare.object_changes import objects_named
from gitops.compare.record_losses import losses
from gitops.compare.risks import Risk
from gitops.compare.secret_changes import SecretPair, age_keys, in_clear, recipient_in, secret_pairs, source_of_credential
from gitops.compare.sentence import Sentence, joined, named, say
from gitops.compare.stack_pair import Body, Pair, spec_at
from gitops.rendered.stack_view import ObjectId
from stacks.contract.check_record import key_groups

_STRICT, _STRICT_SINCE = "StrictPostBuildSubstitutions", (2, 9)
_CHECK, _REGISTER, _UP = "gitops check", "gitops deploy-key register", "pulumi up"
_FILES_FAIL = "Flux can no longer decrypt files that are encrypted only for it, and a Kustomization with such a file fails as a whole"


def decisions_of_secrets(pair: Pair) -> Iterator[Decision]:
    """Credentials, then keys, then variables."""
    for each in secret_pairs(pair):
        yield from _of_credential(pair, each)
    yield from _of_keys(pair)
    for which, before, after in pair.own:
        if (which[1], which[3]) == ("ConfigMap", STACK_VARIABLES_CONFIG_MAP) and before is not None:
            yield from _of_variables(pair, before.get("data", {}), (after or {}).get("data", {}))


def _of_keys(pair: Pair) -> Iterator[Decision]:
    old, new = age_keys(pair.before), age_keys(pair.after)
    for name in sorted(old):
        source = pair.source_of_fact("age", "keys", name)
        before, after = old[name], new.get(name)
        if after is None:
            text = say(f"Age key {{}} is removed. {_FILES_FAIL}. On the branch, {{}} lists them", name, _CHECK)
            if not _is_recorded(pair, name):
                unknown = "No record in Git says whether there are such files: on the branch, {} lists them"
                text = say(f"Age key {{}} is removed. {_FILES_FAIL}. {unknown}", name, _CHECK)
            elif _is_recorded_as_unneeded(pair, name):
                words = "Age key {} is removed. No file that {} records needs it. On the branch, {} says whether that is still so"
                text = say(words, name, pair.files[0].record_name, _CHECK)
            yield Decision(kind="key-goes", says=text, source=source)
        elif recipient_in(before) and recipient_in(before) != recipient_in(after):
            words = "Age key {} is no longer tied to recipient {}. A different key may come under its name"
            yield Decision(kind="key-changes", says=say(words, name, str(recipient_in(before))), source=source, instead=Risk.SAFEGUARD)
        elif (before == "generated") != (after == "generated"):
            fail = _FILES_FAIL.replace("only for it", "only for the old one")
            words = f"Age key {{}} is replaced by a different one: {{}} instead of {{}}. {fail}"
            yield Decision(kind="key-changes", says=say(words, name, _origin(after), _origin(before)), source=source)


def _is_recorded(pair: Pair, name: str) -> bool:
    """Whether the record of the base knows the key, and covers all that is decrypted."""
    before = pair.files[0].record
    decrypted = {
        f"{reference.get('kind')}/{reference.get('name')}"
        for which, _, body in pair.own
        if which[1] == "Kustomization" and spec_at(body, "decryption") and (reference := spec_at(body, "sourceRef") or {})
    }
    return before is not None and name in before.keys and decrypted <= {each.source for each in before.repositories}


def _is_recorded_as_unneeded(pair: Pair, name: str) -> bool:
    """Whether no file in that record needs the key.

    A record that a change makes, or that it cuts short, says nothing for the change. Where the record still names the key, a stack that a
    file of it needs is refused, so it would not be compared here.
    """
    before, after = (files.record for files in pair.files)
    if before is None or after is None or list(losses(before, after)):
        return False
    readers = (key_groups(each)[0] for repository in before.repositories for each in repository.files.values())
    named = name not in after.keys and any(before.keys[name] in group for groups in readers for group in groups)
    return not named


def _of_variables(pair: Pair, before: Body, after: Body) -> Iterator[Decision]:
    strict = _is_strict(pair)
    uses = "that uses [it|one of them] without a default"
    fails = f"Flux {{}} substitutes strictly: a Kustomization with a file {uses} fails as a whole, and what it applied stays as it is"
    empty = f"In a file {uses}, Flux writes empty text"
    for name in sorted(before):
        if name not in after:
            source, risk = pair.source_of_variable(name, gone=True), None if strict else Risk.NONE
            version = [pair.after.flux_version] if strict else []
            text = say(f"Variable[|s] {{*}} [is|are] removed. {fails if strict else empty}", *version)
            yield Decision(kind="variable-goes", says=text, names=(name,), source=source, instead=risk)
        elif after[name] != before[name]:
            then = (
                "an object whose name contains it is recreated under the new name, and Flux deletes the old one, "
                "including a volume and its data, if the Kustomization prunes"
            )
            breaks = ". A new value contains a line break, which can break the YAML that it is put into" if "\n" in str(after[name]) else ""
            text = say(f"Variable[|s] {{*}} [changes|change]. Everything that uses [it|them] in Git also changes: {then}{breaks}")
            yield Decision(kind="variable-changes", says=text, names=(name,), source=pair.source_of_variable(name))


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


def _users(pair: Pair, secret: str) -> list[ObjectId]:
    """The sources that log in with it."""
    return [which for which, _, after in pair.own if (spec_at(after, "secretRef") or {}).get("name") == secret]


def _of_credential(pair: Pair, each: SecretPair) -> Iterator[Decision]:
    name, before, after, source = each.name, each.before, each.after, source_of_credential(pair, each)
    if before is None:
        return
    if after is None:
        if each.servers_before:
            words = "Credential[|s] {*} [is|are] deleted. Objects in Git that log in with [it|them] can no longer fetch"
            yield Decision(kind="credential-goes", says=say(words), names=(name,), source=source)
        return
    types = before.get("type"), after.get("type")
    if types[0] != types[1]:
        users = _users(pair, name)
        first = say("Credential {} is deleted and recreated, because its type ({} → {}) cannot be changed in place", name, *map(str, types))
        lacks = [joined([say("For a few seconds in between,"), objects_named(users), say("cannot log in; Flux retries by itself")], " ")]
        takes = _are_charts(users) and types[1] == "Opaque"
        user = "" if _login(before).get("username") else str(_login(after).get("username") or "")
        who = say("logs in with a user (now {}; the old one is not shown here) and a password", user)
        fits = joined(
            [
                say(f"The new form also works for {'it' if len(users) == 1 else 'them'}: a HelmRepository"),
                who if user else say("logs in with a user and a password"),
            ],
            " ",
        )
        text = joined([first, *(lacks if users else []), *([fits] if takes else [])], ". ")
        yield Decision(kind="secret-is-replaced", says=text, source=source)
    old, new = (body["metadata"].get("annotations", {}).get(ACTIVE_KEY_ANNOTATION) for body in (before, after))
    if old != new:
        yield Decision(kind="active-key", says=_switches(pair, each, old, new), source=source)
    yield from _of_trust(pair, each)


def _login(body: Body) -> Mapping[str, Any]:
    return (in_clear(body) or {}).get("data") or {}


def _are_charts(users: list[ObjectId]) -> bool:
    """Which need no registry login (https://fluxcd.io/flux/components/source/helmrepositories/#secret-reference)."""
    return bool(users) and all(which[1] == "HelmRepository" for which in users)


def _switches(pair: Pair, each: SecretPair, old: str | None, new: str | None) -> Sentence:
    """To another key, and whether that exists by then."""
    first = say("Credential {} logs in with key {} instead of {}", each.name, new or "supplied", old or "supplied")
    users = _users(pair, each.name)
    known = (pair.fact("credentials", each.name)[0] or {}).get("generated") or ()
    parts = [say("Before merging, register the public key of {}", new or "supplied")]
    if new and new not in known:
        parts = [say("It exists only after {}: add it to {} in a change of its own, and then register its public key", _UP, "generated")]
    if each.servers_after:
        servers = named(server.rpartition("://")[2] for server in each.servers_after)
        parts.append(say(f"at {servers.words}", *servers.values))
    if new:
        parts.append(say("with {}", _REGISTER))
    lost = joined([say(": otherwise Flux can no longer fetch"), objects_named(users)], " ") if users else say("")
    return joined([first, joined([joined(parts, " "), lost], "")], ". ")


def _of_trust(pair: Pair, each: SecretPair) -> Iterator[Decision]:
    was, becomes = ((body or {}).get("data") or {} for body in (each.before, each.after))
    servers = named(each.servers_after or ("the server",))
    if was.get("known_hosts") is not None and was["known_hosts"] != becomes.get("known_hosts"):
        old, new = fingerprints(was["known_hosts"]), fingerprints(becomes.get("known_hosts"))
        hosts = named(dict.fromkeys([*new.values()] or [*old.values()]))
        keys = [named(new or ("none",)), say("instead of"), named(old or ("none",))]
        users = _users(pair, each.name)
        by = [joined([say(" (used by"), joined([objects_named(users), say(")")], "")], " ")] if users else []
        head = joined([say("Credential {}", each.name), *by, say(f" accepts different host keys of {hosts.words}:", *hosts.values)], "")
        then = "Check that they are really the server's: anyone who holds one of these keys can impersonate it"
        lost = [joined([say("If they are not, Flux can no longer fetch"), objects_named(users)], " ")] if users else []
        yield Decision(kind="trust", says=joined([joined([head, *keys], " "), say(then), *lost], ". "))
    if was.get("ca.crt") is not None and was["ca.crt"] != becomes.get("ca.crt"):
        words = f"Credential {{}} accepts a different certificate authority ({{}}) for {servers.words}. "
        then = "Check who issued it: its owner can impersonate the server"
        yield Decision(kind="trust", says=say(f"{words}{then}", each.name, "ca.crt", *servers.values))


def _origin(key: object) -> str:
    return key if isinstance(key, str) else "supplied"
