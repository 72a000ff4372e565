"""The contract of checked/<stack>.yaml: what `gitops check` saw of a stack's repositories, and writes for previews to read."""

from typing import Annotated

from pydantic import Discriminator, Field, Tag

from stacks.contract.age_texts import AgeRecipient, KeyName
from stacks.contract.base import Strict
from stacks.contract.texts import Text


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
        description="Those of them that are decrypted with the cloud identity of a ServiceAccount (`decryption.serviceAccountName`).",
    )


class CheckRecord(Strict):
    """What one run of `gitops check` saw."""

    keys: dict[KeyName, AgeRecipient] = Field(default_factory=dict, description="Age key of the stack → its recipient, when checked.")
    repositories: list[RecordedRepository] = Field(default_factory=list, description="The repositories that the cluster syncs.")
