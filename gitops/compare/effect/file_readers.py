"""For whom encrypted files are encrypted, before and after: read from the metadata of SOPS, without decrypting anything."""

from collections.abc import Iterator
from dataclasses import dataclass

from gitops.check.findings.decryption_findings import has_service_account, uses_keys_of_others
from gitops.check.follow.kustomize_build import within
from gitops.check.repository.documents import text
from gitops.check.repository.sops_file import SopsFile, sops_file
from gitops.compare.effect.applied_objects import owner_of
from gitops.compare.effect.live_world import LiveWorld
from gitops.compare.effect.stack_keys import StackKeys
from gitops.compare.found_changes import Action, Change, Decision
from gitops.compare.sentence import Sentence, joined, named, say
from stacks.judging.other_keys import CLOUD_KEYS

_RECIPIENTS = "age.recipients"
_Files = dict[tuple[str, str], "_ReadFile"]
"""Repository and path → file."""


@dataclass(frozen=True, kw_only=True)
class _ReadFile:
    """An encrypted file that the cluster decrypts, or should."""

    file: SopsFile
    by_account: bool
    """Whether one that reads it has its own ServiceAccount."""
    by_others: bool
    """Whether one that reads it does so with keys that the stack does not make."""

    def access_of(self, recipient: str) -> int:
        """None, only together with others, or alone."""
        if recipient not in self.file.every:
            return 0
        return 2 if self.file.one_by_one or self.file.is_read_by(frozenset({recipient})) else 1


@dataclass(frozen=True)
class FileReaders:
    """The encrypted files of both sides."""

    before: LiveWorld
    after: LiveWorld
    keys: StackKeys
    repository: str
    """Of which files need no name of their repository."""

    def changes(self) -> Iterator[Change]:
        """Each file that is encrypted for others than before."""
        old, new = _files(self.before), _files(self.after)
        for which in sorted(old.keys() & new.keys()):
            if what := self._what(old[which].file, new[which].file):
                name = self._shown(which)
                yield Change(kind="encrypted-file", action=Action.CHANGED, noun="file", names=(name,), what=joined(what, "; "))

    def decisions(self) -> Iterator[Decision]:
        """Each who can read a file from now on, and is none of the cluster's keys or the stack's people.

        Nothing is reported while the recipient of a key is unknown, because the new one may be that key's. A new file for somebody who
        could already read others is nothing new.
        """
        if not self.keys.is_complete:
            return
        old, new = _files(self.before), _files(self.after)
        known = frozenset[str]().union(*(each.file.every for each in old.values()))
        for which, now in sorted(new.items()):
            was = old.get(which)
            for recipient in sorted(now.file.every - (frozenset() if was else known)):
                access = now.access_of(recipient)
                is_own = now.by_others or (now.by_account and recipient in CLOUD_KEYS) or not self.keys.is_stranger(recipient)
                if not is_own and access > (was.access_of(recipient) if was else 0):
                    yield self._reads(recipient, self._shown(which), alone=access > 1)

    def _reads(self, recipient: str, file: str, *, alone: bool) -> Decision:
        can = "can read {*} from now on" if alone else "together with other keys, can read {*} from now on"
        words = (
            f"{{}} {can}. It is no age key of the cluster, and not in {{}}: check whose key it is. "
            "Git keeps what is pushed once, so its owner can read that even if a later commit takes the access away"
        )
        return Decision(kind="reader", says=say(words, self.keys.name_of(recipient), _RECIPIENTS), names=(file,))

    def _shown(self, which: tuple[str, str]) -> str:
        repository, path = which
        return path if repository == self.repository else f"{repository}: {path}"

    def _what(self, old: SopsFile, new: SopsFile) -> list[Sentence]:
        come, gone = (self._named(one.every - other.every) for one, other in ((new, old), (old, new)))
        if come and gone:
            told = joined([say("is encrypted for"), come, say("instead of"), gone], " ")
        elif come:
            told = joined([say("is also encrypted for"), come], " ")
        elif gone:
            told = joined([say("is no longer encrypted for"), gone], " ")
        elif (set(old.groups), old.threshold) != (set(new.groups), new.threshold):
            counts = new.threshold, len(new.groups), old.threshold, len(old.groups)
            told = say("is encrypted for other key groups ({} of {} are needed instead of {} of {})", *map(str, counts))
        else:
            return []
        return [told, *(self._doubt() if come else [])]

    def _doubt(self) -> Iterator[Sentence]:
        if unknown := self.keys.unknown:
            one = len(unknown) == 1
            first = say("the recipient of age key" if one else "the recipients of age keys")
            yield joined([first, named(unknown), say("is not known here" if one else "are not known here")], " ")

    def _named(self, recipients: frozenset[str]) -> Sentence | None:
        return named(sorted(self.keys.name_of(each) for each in recipients)) if recipients else None


def _files(live: LiveWorld) -> _Files:
    found: _Files = {}
    for synced, result in live.world.built:
        tree = live.world.tree_of(synced)
        held = owner_of(synced) in live.held  # of which what was built is as before
        for path in sorted({*result.files, *(tree.below(within(text(synced.spec, "path"))) if held else ())}):
            if (file := sops_file(tree, path)) is None:
                continue
            which, known = tree.origin(path), found.get(tree.origin(path))
            found[which] = _ReadFile(
                file=file,
                by_account=has_service_account(synced) or bool(known and known.by_account),
                by_others=uses_keys_of_others(synced) and (known is None or known.by_others),
            )
    return found
