"""What `gitops check` saw of a stack's repositories, and what a preview makes of it: a key that is still needed is not removed.

The record is committed, so that a preview knows it without secrets, without Git and without a cluster. `gitops check` writes it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pulumi
from pydantic import Discriminator, Field, Tag

from stacks.choosing.choice import Chosen
from stacks.contract.age_texts import AgeRecipient, KeyName
from stacks.contract.base import Strict
from stacks.contract.stack import Stack
from stacks.contract.texts import Text
from stacks.judging.other_keys import CLOUD_KEYS, other_keys_of
from stacks.reading.validation import Locate, validate
from stacks.reading.yaml_file import line_of, read_yaml
from stacks.words.place import KeyPath, dotted
from stacks.words.problems import Problem, StackProblems

NAMED_FILES = 3
"""How many files a message names; it counts the rest."""


@dataclass(frozen=True)
class RecordFile:
    """Where the record of a stack lies."""

    path: Path
    shown: str
    """How messages call it."""


class KeyGroups(Strict):
    """For whom a file with several key groups is encrypted (https://getsops.io/docs, Key Groups)."""

    threshold: int = Field(description="How many of the groups are needed to decrypt.")
    groups: list[list[Text]] = Field(description="The recipients of each group, of which one is enough.")


Readers = Annotated[
    Annotated[list[Text], Tag("one group")] | Annotated[KeyGroups, Tag("key groups")],
    Discriminator(lambda value: "key groups" if isinstance(value, dict | KeyGroups) else "one group"),
]
"""A list where one recipient is enough, as of nearly all files; else groups and their threshold."""


def key_groups(readers: list[str] | KeyGroups) -> tuple[list[list[str]], int]:
    """The recipients of each group, and how many groups are needed."""
    return (readers.groups, readers.threshold) if isinstance(readers, KeyGroups) else ([readers], 1)


class RecordedRepository(Strict):
    """What was seen of one repository."""

    source: Text = Field(description="The object by which Flux fetches it.")
    url: Text = Field(description="Where it was fetched from.")
    commit: Text = Field(description="The commit that was checked.")
    files: dict[Text, Readers] = Field(
        default_factory=dict, description="Encrypted file that the cluster reads → its recipients: age1…, or the kind of another key."
    )
    as_service_account: list[Text] = Field(
        default_factory=list,
        description="Of those, the ones that are decrypted as a ServiceAccount which a cloud knows (`decryption.serviceAccountName`).",
    )


class CheckRecord(Strict):
    """What one run of `gitops check` saw."""

    keys: dict[KeyName, AgeRecipient] = Field(default_factory=dict, description="Age key of the stack → its recipient, when checked.")
    repositories: list[RecordedRepository] = Field(default_factory=list, description="The repositories that the cluster syncs.")


def read_record(file: RecordFile, problems: list[Problem]) -> CheckRecord | None:
    """The record; None when there is none, or after adding to `problems` what is wrong with it."""
    if not file.path.is_file():
        return None
    faults: list[Problem] = []
    try:
        value, lines = read_yaml(file.path, file.shown)
    except StackProblems as error:
        faults, record = list(error.problems), None
    else:

        def locate(path: KeyPath) -> str:
            line = line_of(lines, path)
            return f"{file.shown}{f':{line}' if line else ''} {dotted(path)}".rstrip()

        record = validate(CheckRecord, value, locate, faults)
    problems += [Problem(fault.where, f"{fault.text}. Nobody need edit this file: remove it, and run gitops check") for fault in faults]
    return None if faults else record


def check_against_record(
    file: RecordFile,
    stack: Stack,
    stack_name: str,
    recipients: Mapping[str, str],
    chosen: Chosen,
    locate: Locate,
    problems: list[Problem],
) -> None:
    """Add a problem for each age key that `stack` no longer has although a recorded file needs it; warn when nothing was recorded.

    `recipients` are those of the stack's keys, as far as they are known: of all others it is believed that they are what was recorded.
    """
    record = read_record(file, problems)
    if record is not None:
        problems += [Problem(locate(("age", "keys")), text) for text in _still_needed(record, stack, recipients)]
    elif not file.path.is_file() and stack.age.keys and any(args.spec.get("decryption") for args in chosen.kustomizations.values()):
        pulumi.log.warn(
            "Nobody has checked whether this cluster can read the encrypted files of its repositories, nor whether a key that is "
            f"removed is still needed: there is no {file.shown}. "
            f"Run: gitops check --stack {stack_name}, and commit that file"
        )


def _still_needed(record: CheckRecord, stack: Stack, recipients: Mapping[str, str]) -> Iterator[str]:
    """A sentence for each removed key that some file cannot do without."""
    staying = {recipient for name in stack.age.keys if (recipient := recipients.get(name) or record.keys.get(name))}
    others = other_keys_of(stack)
    leaving = {name: recipient for name, recipient in record.keys.items() if recipient not in staying}
    needed: dict[str, list[str]] = {}
    grouped: set[str] = set()
    for repository in record.repositories:
        for path, readers in repository.files.items():
            clouds = CLOUD_KEYS if path in repository.as_service_account else frozenset()
            for name in _needed_by(readers, staying | others | clouds, leaving):
                needed.setdefault(name, []).append(f"{repository.source.rpartition('/')[2]}: {path}")
                grouped |= {name} if isinstance(readers, KeyGroups) else set()
    for name, files in sorted(needed.items()):
        yield removal_refused(name, files, replaced=name in stack.age.keys, grouped=name in grouped)


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


def removal_refused(name: str, files: list[str], *, replaced: bool = False, grouped: bool = False) -> str:
    """Why the age key `name` cannot go yet, or be `replaced` by another of its name, and what to do first.

    `grouped`: some of the files have key groups, of which keys that stay may open some, but not enough.
    """
    more = f" and {len(files) - NAMED_FILES} more" if len(files) > NAMED_FILES else ""
    one = len(files) == 1
    what, keep = (
        ("is another one than when the repositories were checked", "Keep the old key, give the new one a name of its own")
        if replaced
        else ("is gone from this stack", "Keep the key")
    )
    too_few = f"keys that stay in too few of {'its' if one else 'their'} key groups" if grouped else "no key that stays"
    where = ", in a key group that has none," if grouped else ","
    return (
        f'the key "{name}" {what}, but {len(files)} file{"" if one else "s"} that the cluster reads '
        f"{'is' if one else 'are'} encrypted for {too_few} ({', '.join(files[:NAMED_FILES])}{more}): Flux could no longer "
        f"decrypt {'it' if one else 'them'}. {keep}, put the recipient of one that stays into .sops.yaml{where} "
        "run `sops updatekeys` on each file (first split one whose documents were encrypted one by one), push, run `gitops check`, "
        "and only then remove the key. "
        "Was it compromised, whoever has it reads the old commits: `sops rotate`, too, and new secret values"
    )
