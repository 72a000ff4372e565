"""Writing what was seen into the file that previews read: the same each time, while nothing has changed."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace

import yaml

from flux.atomic_write import write_atomically
from flux.message import Message
from gitops.check.fetch.clone import Checkout
from gitops.check.findings.cluster_keys import ClusterKeys
from gitops.check.findings.judging import EncryptedFile
from gitops.errors import CommandError
from stacks.contract.check_record import CheckRecord, RecordedRepository, key_groups
from stacks.reading.record_file import RecordFile, link_told

HEADER = """# Written by `gitops check`: which encrypted files the cluster reads, and for which keys they are encrypted.
# Commit it: a preview refuses to remove a key that one of these files still needs. It holds nothing secret.
"""
_FIRST_LINE = HEADER.partition("\n")[0].encode()
_ACCOUNTS = "asServiceAccount"
"""Left out if there is none."""


def write_record(
    file: RecordFile,
    checkouts: Mapping[str, Checkout],
    urls: Mapping[str, str],
    files: Sequence[EncryptedFile],
    keys: ClusterKeys,
    before: CheckRecord,
    of_the_stack: Container[str],
    staying: Container[str],
) -> bool:
    """Write the record in one rename, and say whether it changed; of a repository that could not be fetched, what was known before stays.

    `of_the_stack` are the keys that the stack file names, whether or not they are to go; `staying`, the sources that still exist.

    Raises:
        CommandError: the file cannot be written.
    """
    repositories = {
        each.source: each for each in before.repositories if _name(each.source) in staying and _name(each.source) not in checkouts
    }
    for name, checkout in checkouts.items():
        repositories[_source(name)] = _recorded(name, checkout, urls[name], [each for each in files if each.repository == name])
    # A key that is gone and that nobody needs is forgotten.
    needed = {
        recipient
        for each in repositories.values()
        for readers in each.files.values()
        for group in key_groups(readers)[0]
        for recipient in group
    }
    known = {name: each for name, each in keys.leaving.items() if each in needed or name in of_the_stack} | dict(keys.staying)
    record = CheckRecord(keys=dict(sorted(known.items())), repositories=[repositories[source] for source in sorted(repositories)])
    content = record.model_dump(by_alias=True)
    for each in content["repositories"]:
        if not each[_ACCOUNTS]:
            del each[_ACCOUNTS]
    content["keys"] = {_Quoted(name): recipient for name, recipient in record.keys.items()}
    return _write(file, HEADER + yaml.dump(content, Dumper=_Dumper, sort_keys=False, width=1000, allow_unicode=True))


def _recorded(name: str, checkout: Checkout, url: str, files: Sequence[EncryptedFile]) -> RecordedRepository:
    seen = {each.path: each for each in sorted(files, key=lambda each: each.path) if each.synced and each.by_the_stack}
    return RecordedRepository.model_validate(
        {
            "source": _source(name),
            "url": url,
            "commit": checkout.commit,
            "files": {path: _readers(each) for path, each in seen.items()},
            _ACCOUNTS: [path for path, each in seen.items() if each.as_service_account],
        }
    )


def _readers(file: EncryptedFile) -> list[str] | dict[str, object]:
    return {"threshold": file.threshold, "groups": file.groups} if len(file.groups) > 1 else file.recipients


class _Quoted(str):
    """A name that may look like a number or a date, to one version of YAML or another."""


class _Dumper(yaml.SafeDumper):
    """Plain YAML, in which names of keys are quoted."""


_Dumper.add_representer(_Quoted, lambda dumper, name: dumper.represent_scalar("tag:yaml.org,2002:str", str(name), style='"'))


def recorded_names(record: CheckRecord) -> frozenset[str]:
    """The sources of a record."""
    return frozenset(_name(each.source) for each in record.repositories)


def _name(source: str) -> str:
    return source.removeprefix("GitRepository/")


def _source(name: str) -> str:
    return name if name.startswith("OCIRepository/") else f"GitRepository/{name}"


def _write(record: RecordFile, content: str) -> bool:
    """In one rename, and only if the path is free or a record: it may come from a file that another person wrote."""
    file = record.path
    if link := record.link:
        told = link_told(link)
        raise CommandError(replace(told, wrong=f"{link} {told.wrong}"))
    try:
        if file.exists():
            before = file.read_bytes() if file.is_file() else b""
            if not before.startswith(_FIRST_LINE):
                told = Message(f"{record.shown} is not a record of `gitops check`", "It would be overwritten.", "Move it elsewhere.")
                raise CommandError(told)
            if before == content.encode():
                return False
        write_atomically(file, content)
        return True
    except OSError as error:
        told = Message(
            f"{file} cannot be written ({error.strerror})",
            "Previews would not know which keys are needed.",
            "Make it writable, or check without recording: gitops check --no-record",
        )
        raise CommandError(told) from None
