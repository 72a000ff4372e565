"""How a preview uses the record of `gitops check`: it refuses to remove a key that is still needed.

The record is committed, so that a preview knows it without secrets, without Git and without a cluster.
"""

from collections.abc import Iterator, Mapping, Set
from shlex import quote

from flux.message import Message
from stacks.choosing.chosen import Chosen
from stacks.contract.check_record import CheckRecord, KeyGroups, key_groups
from stacks.contract.stack import Stack
from stacks.judging.other_keys import CLOUD_KEYS, other_keys_of
from stacks.reading.record_file import RecordFile, read_record
from stacks.reading.validation import Validated
from stacks.words import log
from stacks.words.problems import Problem

NAMED_FILES = 3
"""How many files a message names; it counts the rest."""


def check_against_record(
    file: RecordFile,
    stack: Validated[Stack],
    stack_name: str,
    recipients: Mapping[str, str],
    chosen: Chosen,
    problems: list[Problem],
) -> None:
    """Add a problem for each age key that `stack` no longer has although a recorded file needs it; warn of what was never checked.

    `recipients` are those of the stack's keys, as far as they are known: the others are assumed to be as recorded.
    """
    faults = len(problems)
    record = read_record(file, problems)
    if record is not None:
        problems += [Problem(stack.place("age", "keys"), text) for text in _still_needed(record, stack.model, recipients)]
    if not stack.model.age.keys or len(problems) > faults:
        return
    check = f"gitops check --stack {quote(stack_name)}"
    if unchecked := _unchecked(file, record, chosen):
        run = f"Run `{check}`, and commit the file that it writes" if file.is_committed else f"Run: {check}"
        log.warn(f"Without {unchecked}, it is unknown which keys are needed. {run}")
    if unread := _unread(record, stack.model, recipients) if record else []:
        listed = f"{', '.join(unread[:NAMED_FILES])}{_more(unread)}"
        count = "1 file was" if len(unread) == 1 else f"{len(unread)} files were"
        log.warn(
            f"When the repositories were last checked, {count} encrypted for no key of this stack ({listed}). Flux could not decrypt "
            f"{'it' if len(unread) == 1 else 'them'}. To see what is needed: {check}"
        )


def _unchecked(file: RecordFile, record: CheckRecord | None, chosen: Chosen) -> str:
    """What is missing of the checks: the record, or repositories that a Kustomization decrypts; empty if nothing is."""
    decrypting = [each.spec.get("sourceRef") for each in chosen.bodies if each.spec.get("decryption")]
    if record is None:
        return file.shown if decrypting else ""
    sources = {f"{kind}/{name}" for kind in ("GitRepository", "OCIRepository") for name in chosen.of_kind(kind)}
    read = {f"{each.get('kind')}/{each.get('name')}" for each in decrypting if isinstance(each, dict)} & sources
    missing = sorted(read - {each.source for each in record.repositories})
    return f"{', '.join(missing[:NAMED_FILES])}{_more(missing)} in {file.shown}" if missing else ""


def _still_needed(record: CheckRecord, stack: Stack, recipients: Mapping[str, str]) -> Iterator[Message]:
    """A message for each removed key that some file cannot do without."""
    staying = {recipient for name in stack.age.keys if (recipient := recipients.get(name) or record.keys.get(name))}
    others = other_keys_of(stack)
    leaving = {name: recipient for name, recipient in record.keys.items() if recipient not in staying}
    needed: dict[str, list[str]] = {}
    grouped: set[str] = set()
    for shown, readers, clouds in _files(record):
        for name in _needed_by(readers, staying | others | clouds, leaving):
            needed.setdefault(name, []).append(shown)
            grouped |= {name} if isinstance(readers, KeyGroups) else set()
    for name, files in sorted(needed.items()):
        yield _removal_refused(name, files, replaced=name in stack.age.keys, grouped=name in grouped)


def _unread(record: CheckRecord, stack: Stack, recipients: Mapping[str, str]) -> list[str]:
    """The files that no key of the stack can read; none while the recipient of one is unknown, as of one that was never applied."""
    known = [recipients.get(name) or record.keys.get(name) for name in stack.age.keys]
    if None in known:
        return []
    there = {*known} | other_keys_of(stack)
    return [shown for shown, readers, clouds in _files(record) if not _is_read_by(readers, there | clouds)]


def _is_read_by(readers: list[str] | KeyGroups, keys: Set[str | None]) -> bool:
    groups, threshold = key_groups(readers)
    return sum(not keys.isdisjoint(group) for group in groups) >= threshold


def _files(record: CheckRecord) -> Iterator[tuple[str, list[str] | KeyGroups, frozenset[str]]]:
    """How messages call each file, for whom it is encrypted, and which keys a cloud has for it."""
    for repository in record.repositories:
        source = repository.source.rpartition("/")[2]
        for path, readers in repository.files.items():
            yield f"{source}: {path}", readers, CLOUD_KEYS if path in repository.as_service_account else frozenset()


def _needed_by(readers: list[str] | KeyGroups, staying: set[str], leaving: Mapping[str, str]) -> list[str]:
    """Which of the keys that are `leaving` would have to stay, the newest first; none when it makes no difference.

    `staying` are recipients, and kinds of other keys that the cluster has.
    """
    groups, threshold = key_groups(readers)
    closed = [group for group in groups if not staying.intersection(group)]
    opened = len(groups) - len(closed)
    names: list[str] = []
    for name, recipient in sorted(leaving.items(), reverse=True):
        still_closed = [group for group in closed if recipient not in group]
        if opened < threshold and len(still_closed) < len(closed):
            names.append(name)
            opened += len(closed) - len(still_closed)
            closed = still_closed
    return names if opened >= threshold else []


def _more(names: list[str]) -> str:
    return f" and {len(names) - NAMED_FILES} more" if len(names) > NAMED_FILES else ""


def _removal_refused(name: str, files: list[str], *, replaced: bool, grouped: bool) -> Message:
    """Why the age key `name` cannot go yet, or be `replaced` by another of its name, and what to do first.

    `grouped`: some of the files have key groups, of which keys that stay may open some, but not enough.
    """
    one = len(files) == 1
    what = "has changed since the repositories were checked" if replaced else "is gone from this stack"
    keep = "Keep the old key, and give the new one its own name" if replaced else "Keep the key"
    readers = f"too few key groups of {'it' if one else 'them'} have a remaining key" if grouped else "no remaining key reads it"
    if not one and not grouped:
        readers = "no remaining key reads them"
    group = ", in a key group that has none," if grouped else ""
    return Message(
        f'the key "{name}" {what}, but {len(files)} file{"" if one else "s"} that the cluster reads still '
        f"need{'s' if one else ''} it: {readers} ({', '.join(files[:NAMED_FILES])}{_more(files)})",
        f"Flux could no longer decrypt {'it' if one else 'them'}.",
        f"{keep}. Put the recipient of a remaining key into .sops.yaml{group or ','} run `sops updatekeys` on each file "
        "(split files whose documents were encrypted separately), push, and run `gitops check`. Only then remove the key. If it was "
        "disclosed, old commits can still be read with it: run `sops rotate` as well, and change the secret values.",
    )
