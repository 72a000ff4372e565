"""What a record of `gitops check` no longer says: each entry that goes lets a later change remove an age key that is still needed."""

from collections.abc import Iterator

from gitops.compare.own_words import coded
from gitops.compare.sentence import Sentence, joined, named
from stacks.contract.check_record import CheckRecord


def losses(before: CheckRecord, after: CheckRecord) -> Iterator[Sentence]:
    """What makes a key less needed. Where only other commits were seen, nothing does."""
    old, new = (
        {(each.source, file): readers for each in record.repositories for file, readers in each.files.items()} for record in (before, after)
    )
    gone = [f"{source}: {file}" for source, file in old if (source, file) not in new]
    others = [f"{source}: {file}" for source, file in old if (source, file) in new and old[source, file] != new[source, file]]
    if gone:
        yield joined([coded("removes the entry of"), named(gone)], " ")
    if others:
        yield joined([coded("changes the keys of"), named(others)], " ")
    if keys := [name for name, recipient in before.keys.items() if after.keys.get(name, recipient) != recipient]:
        yield joined([coded("changes the recipient of key"), named(keys)], " ")
    as_account = [{(each.source, file) for each in record.repositories for file in each.as_service_account} for record in (before, after)]
    if more := sorted(f"{source}: {file}" for source, file in as_account[1] - as_account[0]):
        yield joined([coded("says that a cloud identity decrypts"), named(more)], " ")
