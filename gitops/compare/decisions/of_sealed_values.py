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
_AGAIN = "because it is encrypted again"


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
        yield "secrets-provider", joined([_provider(key, is_there=key in after.beside), *_how_many(changed, len(old))], ""), source
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
    return coded("Secret {} gets the value of secret {}: anyone who receives the one then has the other", key, other)


def _changed(key: str) -> Sentence:
    if key == _KUBECONFIG:
        return coded(f"{{}} may lead to another cluster, {_AGAIN}: check that its author could change it", f"gitops:{key}")
    if key.startswith(_KEYS):
        then = "Flux could then no longer decrypt what is encrypted for the old key"
        return coded(f"Secret {{}} may be a different key, {_AGAIN}: {then}", key)
    return coded(f"Secret {{}} may have a different value, {_AGAIN}", key)


def _provider(key: str, *, is_there: bool) -> Sentence:
    if not is_there:
        return coded("The stack file no longer says what its secrets are encrypted with: {} is removed", key)
    if key == "encryptionsalt":
        return coded("Another passphrase opens the secrets of the stack: {} changes", key)
    return coded("Anyone who controls the new secrets provider can read every secret that `pulumi up` stores from then on: {} changes", key)


def _how_many(changed: list[str], count: int) -> list[Sentence]:
    if not changed:
        return []
    if len(changed) == count > 1:
        return [coded(f"; all {count} secrets are encrypted again, so each may have a different value")]
    values = named(changed)
    return [Sentence(f"; {values.words} {'is' if len(changed) == 1 else 'are'} encrypted again, and may be different", values.values)]
