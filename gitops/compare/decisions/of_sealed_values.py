"""Secrets in the stack file: whether one may have another value, and who can read them. Nothing of a value is shown."""

from collections.abc import Iterator, Sequence

from gitops.compare.found_changes import Decision
from gitops.compare.object_changes import objects_named
from gitops.compare.own_words import coded
from gitops.compare.secret_changes import AGE, KEYS, KUBECONFIG, SecretUse, use_of
from gitops.compare.sentence import NOWHERE, Sentence, joined, named, say
from gitops.compare.stack_pair import Pair, at_place
from gitops.rendered.stack_files import FileValues, StackFiles
from stacks.contract.stack import secret_environment_variable

PROVIDER = ("secretsprovider", "encryptedkey", "encryptionsalt")
"""Keys beside `config` that say what the stack's secrets are encrypted with."""
_FIELDS = ("password", "identity", "token", "passphrase")
"""Secrets of a credential that can be called so."""


def decisions_of_sealed_values(pair: Pair) -> Iterator[Decision]:
    """Who encrypts first, then value by value."""
    for kind, text, source in _sentences(pair):
        yield Decision(kind=kind, says=text, source=source)


def _sentences(pair: Pair) -> Iterator[tuple[str, Sentence, Sentence]]:
    before, after = pair.files
    old, new = before.sealed, after.sealed
    copied = {key: found for key in new if (found := _copied_from(key, old, new))}
    for key, other in copied.items():
        yield "secret-is-copied", _copied(pair, key, other, stays=new.get(other) == new[key]), at_place(new[key].place)
    changed = [key for key in new if key in old and old[key] != new[key] and key not in copied]
    provider = [key for key in PROVIDER if before.beside.get(key) != after.beside.get(key)]
    if provider and (old or new):
        key = next((key for key in provider if key in after.beside), provider[0])
        source = at_place(after.beside[key].place) if key in after.beside else NOWHERE
        yield "secrets-provider", _provider(pair, key, changed, (before, after)), source
        return
    for key in changed:
        yield "secret-value", _changed(pair, key), at_place(new[key].place)
    for key in [key for key in new if key not in old and key not in copied]:
        if use_of(pair.before, key) is not None:
            yield "secret-value", _comes(pair, key), at_place(new[key].place)


def _copied_from(key: str, old: FileValues, new: FileValues) -> str | None:
    """Another secret whose ciphertext it has now: one that it had before says nothing new."""
    if key in old and old[key] == new[key]:
        return None
    others = [each for values in (old, new) for each, written in values.items() if each != key and written == new[key]]
    stays = [each for each in others if each in new and new[each] == new[key]]
    return next(iter([*stays, *others]), None)


def _called(use: SecretUse | None, key: str) -> Sentence:
    """By its credential, if it has one."""
    if use is not None and key.startswith(f"{use.credential}-") and (field := key.removeprefix(f"{use.credential}-")) in _FIELDS:
        return say(f"The {field} of credential {{}}", use.credential)
    return say("Secret {}", key)


def _copied(pair: Pair, key: str, other: str, *, stays: bool) -> Sentence:
    use = use_of(pair.after, key)
    what = _called(use, key)
    if not stays:
        return joined([what, say("gets the value that secret {} had", other)], " ")
    becomes, then = say("gets the value of secret {}", other), say("then has {}", other)
    if other.startswith(KEYS) and not key.startswith(KEYS):
        called = say("the private age key {}", other.removeprefix(AGE)) if other.startswith(AGE) else say("the private key {}", other)
        becomes, then = joined([say("becomes"), called], " "), say("can then decrypt everything that is encrypted for that key")
    first = joined([what, becomes], " ")
    if use is None or not use.is_sent or not use.servers:
        return joined(
            [first, joined([say("Anyone who can read Secret {} in the cluster", use.credential if use else key), then], " ")], ". "
        )
    servers = named(use.servers)
    sent = coded(f"With the next `pulumi up`, Flux sends it to {servers.words}, whose operator", *servers.values)
    return joined([first, joined([sent, then], " "), say("The login then most likely fails")], ". ")


def _changed(pair: Pair, key: str) -> Sentence:
    if key == KUBECONFIG:
        return coded(
            "{} has been re-encrypted. Whether it still leads to the same cluster cannot be seen here: ask the author of this change",
            f"gitops:{key}",
        )
    if key.startswith(KEYS):
        what = (
            coded("Private age key {} has been re-encrypted", key.removeprefix(AGE))
            if key.startswith(AGE)
            else coded("Private key {} has been re-encrypted", key)
        )
        then = "If it is a different one, Flux can no longer decrypt what is encrypted for the old one"
        return joined([what, say("Whether it is still the same key cannot be seen here: ask the author of this change"), say(then)], ". ")
    asks = say("Whether its value is still the same cannot be seen here: ask the author of this change")
    lost = [joined([say("If it is wrong,"), each], " ") for each in _lost(pair, [key])]
    use = use_of(pair.after, key)
    servers = named(use.servers) if use is not None and use.is_sent else named(())
    sent = [say(f", which is sent to {servers.words},", *servers.values)] if servers.values else []
    return joined([joined([_called(use, key), *sent, say(" has been re-encrypted")], ""), asks, *lost], ". ")


def _comes(pair: Pair, key: str) -> Sentence:
    """It was in use before, so its value came from a variable."""
    what = joined([_called(use_of(pair.after, key), key), say("was given by the variable {}", secret_environment_variable(key))], " ")
    asks = say("Whether the one that is now encrypted in the stack file is the same cannot be seen here: ask the author of this change")
    return joined([what, asks, *(joined([say("If it is wrong,"), each], " ") for each in _lost(pair, [key]))], ". ")


def _lost(pair: Pair, keys: Sequence[str]) -> Iterator[Sentence]:
    """What a wrong value stops."""
    uses = [use for key in keys if (use := use_of(pair.after, key))]
    if fetches := dict.fromkeys(each for use in uses for each in use.fetches):
        yield joined([say("Flux can no longer fetch"), objects_named(fetches)], " ")


def _provider(pair: Pair, key: str, changed: list[str], files: tuple[StackFiles, StackFiles]) -> Sentence:
    before, after = files
    stack = pair.after.name
    if key not in after.beside:
        return coded("{} is removed: the stack file no longer says what its secrets are encrypted with", key)
    if key == "encryptionsalt":
        return _passphrase(changed, len(before.sealed), stack)
    first = coded("The secrets of {} are now encrypted with a different key ({})", stack, key)
    if key == "secretsprovider":
        old, new = (each.secrets_provider for each in files)
        instead = (
            coded("{}", old) if old else coded("a passphrase") if "encryptionsalt" in before.beside else coded("what Pulumi's backend uses")
        )
        by = coded("{}", new) if new else coded("a different key")
        first = joined([coded("The secrets of {} are now encrypted with", stack), by, coded("instead of"), instead], " ")
    words = "Anyone who controls that key can read every secret encrypted with it, already in this branch: check whose key it is, and that "
    parts = [first, coded(f"{words}`pulumi up` has access to it")]
    if changed:
        what = named(changed)
        lost = [joined([coded("; if not,"), each], " ") for each in _lost(pair, changed)]
        has, value = ("has", "value") if len(changed) == 1 else ("have", "values")
        same = f"which {has} been re-encrypted, still {has} the same {value}"
        asks = f"Whether {what.words}, {same} cannot be seen here: ask the author of this change"
        parts.append(joined([Sentence(asks, what.values), *lost], ""))
    return joined(parts, ". ")


def _passphrase(changed: list[str], count: int, stack: str) -> Sentence:
    """A different salt comes with a new passphrase; whether it is new cannot be seen."""
    if not changed:
        return coded(
            "{} changes, as with a new passphrase, but no secret is re-encrypted: `pulumi up` cannot decrypt them", "encryptionsalt"
        )
    names = named(changed)
    every = f"All {count} secrets" if len(changed) == count > 1 else "Some secrets" if len(changed) > 1 else "One secret"
    first = coded(
        f"{every} of {{}} ({names.words}) {'have' if len(changed) > 1 else 'has'} been re-encrypted with a different `encryptionsalt`, "
        "as a change of the passphrase does",
        stack,
        *names.values,
    )
    asks = (
        "Anyone who knows the new passphrase can read them in this branch: ask the author of this change who that is, and whether any "
        "values also changed"
    )
    then = (
        "If the passphrase is new, `pulumi up` fails until it is given that one (`PULUMI_CONFIG_PASSPHRASE`); a wrong value "
        "stops Flux's logins or decryption"
    )
    return joined([first, coded(asks), coded(then)], ". ")
