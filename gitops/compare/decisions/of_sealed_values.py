"""Secrets in the stack file: whether one may have another value, and who can read them. Nothing of a value is shown."""

from collections.abc import Iterator

from gitops.compare.found_changes import Decision
from gitops.compare.own_words import coded
from gitops.compare.sentence import NOWHERE, Sentence, joined, named
from gitops.compare.stack_pair import Pair, at_place
from gitops.rendered.stack_files import FileValues

PROVIDER = ("secretsprovider", "encryptedkey", "encryptionsalt")
"""Keys beside `config` that say what the stack's secrets are encrypted with."""
_KEYS = ("age-", "pgp-", "sops-")
_KUBECONFIG = "kubeconfig"


def decisions_of_sealed_values(pair: Pair) -> Iterator[Decision]:
    """Who encrypts first, then value by value."""
    for kind, text, source in _sentences(pair):
        yield Decision(kind=kind, says=text, source=source)


def _sentences(pair: Pair) -> Iterator[tuple[str, Sentence, Sentence]]:
    before, after = pair.files
    old, new = before.sealed, after.sealed
    copied = {key: found for key in new if (found := _copied_from(key, old, new))}
    for key, other in copied.items():
        yield "secret-is-copied", _copied(key, other, stays=new.get(other) == new[key]), at_place(new[key].place)
    changed = [key for key in new if key in old and old[key] != new[key] and key not in copied]
    provider = [key for key in PROVIDER if before.beside.get(key) != after.beside.get(key)]
    if provider and (old or new):
        key = next((key for key in provider if key in after.beside), provider[0])
        source = at_place(after.beside[key].place) if key in after.beside else NOWHERE
        yield "secrets-provider", joined([_provider(key, is_there=key in after.beside), *_how_many(changed, len(old))], ". "), source
        return
    for key in changed:
        yield "secret-value", _changed(key), at_place(new[key].place)


def _copied_from(key: str, old: FileValues, new: FileValues) -> str | None:
    """Another secret whose ciphertext it has now: one that it had before says nothing new."""
    if key in old and old[key] == new[key]:
        return None
    others = [each for values in (old, new) for each, written in values.items() if each != key and written == new[key]]
    stays = [each for each in others if each in new and new[each] == new[key]]
    return next(iter([*stays, *others]), None)


def _copied(key: str, other: str, *, stays: bool) -> Sentence:
    if not stays:
        return coded("Secret {} gets the value that secret {} had", key, other)
    if other.startswith(_KEYS) and not key.startswith(_KEYS):
        then = "Anyone who receives {}, such as the server at which it logs in, can then decrypt everything that is encrypted for that key"
        return coded(f"Secret {{}} becomes the private key {{}}. {then}", key, other, key)
    return coded(
        "Secret {} gets the value of secret {}. Anyone who receives {}, such as the server at which it logs in, then has {}",
        key,
        other,
        key,
        other,
    )


def _changed(key: str) -> Sentence:
    if key == _KUBECONFIG:
        return coded(
            "{} is encrypted again. Whether it still leads to the same cluster cannot be seen here: ask its author", f"gitops:{key}"
        )
    if key.startswith(_KEYS):
        then = "If it is a different one, Flux can no longer decrypt what is encrypted for the old one"
        return coded(f"Secret {{}} is encrypted again. Whether it is still the same key cannot be seen here. {then}", key)
    return coded("Secret {} is encrypted again. Whether its value is still the same cannot be seen here: ask its author", key)


def _provider(key: str, *, is_there: bool) -> Sentence:
    if not is_there:
        return coded("{} is removed: the stack file no longer says what its secrets are encrypted with", key)
    if key == "encryptionsalt":
        then = "Anyone who knows it can read them: ask who has it. `pulumi up` fails wherever that passphrase is not set"
        return coded(f"The secrets of this stack are encrypted with another passphrase ({{}}). {then}", key)
    then = "Anyone who controls it can read every secret that `pulumi up` stores from then on: look up which it is, and who controls it"
    return coded(f"The secrets of this stack are encrypted by another provider ({{}}). {then}", key)


def _how_many(changed: list[str], count: int) -> list[Sentence]:
    if not changed:
        return []
    if len(changed) == count > 1:
        return [coded(f"All {count} secrets are encrypted again, and whether their values are the same cannot be seen here")]
    values = named(changed)
    are, their = ("is", "its value is") if len(changed) == 1 else ("are", "their values are")
    return [Sentence(f"{values.words} {are} encrypted again, and whether {their} the same cannot be seen here", values.values)]
