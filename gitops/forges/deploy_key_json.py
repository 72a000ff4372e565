"""Deploy keys in the APIs of Gitea and GitHub: where they are, and how they are written in JSON. Both do it the same way."""

from collections.abc import Callable, Iterator
from typing import Annotated, Any
from urllib.parse import quote

import httpx
from pydantic import Field, StringConstraints

from gitops.forges.client import Answer, ForgeClient
from gitops.forges.forge import DeployKey
from gitops.forges.hosted_repository import Repository
from gitops.forges.pages import entries_of_pages
from live.client.answer_model import AnswerModel, MalformedAnswerError, fitting

LONGEST_TEXT = 20_000
"""Characters. An RSA key of 16,384 bits has 2,800."""


class _Key(AnswerModel):
    id: Annotated[int, Field(gt=0, lt=2**63)]
    title: Annotated[str, StringConstraints(max_length=LONGEST_TEXT)]
    key: Annotated[str, StringConstraints(max_length=LONGEST_TEXT, pattern=r"^\S+ \S+")]
    read_only: bool
    created_at: str | None = None

    @property
    def deploy_key(self) -> DeployKey:
        """The same for the commands."""
        return DeployKey(id=self.id, title=self.title, public_key=self.key, read_only=self.read_only, created=self.created_at or "")


def path_of_keys(repository: Repository) -> str:
    """Where the API has the deploy keys of a repository."""
    return f"/repos/{quote(repository.owner, safe='')}/{quote(repository.name, safe='')}/keys"


def all_pages(client: ForgeClient, ask: Callable[[int], Answer], is_last: Callable[[Answer, int], bool]) -> list[DeployKey]:
    """The keys of all pages. `ask`: for a page, from 1; `is_last`: by the page, and by how many keys are known with it.

    Raises:
        CommandError: a page is none of keys, or they do not come to an end.
    """
    return entries_of_pages(client, "keys", ask, lambda answer: _keys_in(answer, client), is_last)


def id_in(answer: Answer, client: ForgeClient) -> int:
    """The id of the key that was just added.

    Raises:
        CommandError: the answer has none, so that it is unknown whether the key was added.
    """
    try:
        if answer.status != httpx.codes.CREATED:
            raise MalformedAnswerError(f"{answer.status} for a new key")
        return fitting(_Key, answer.document, "the new key").id
    except MalformedAnswerError as error:
        raise client.not_its_api(error.wrong, "It is unknown whether the key was registered; `gitops deploy-key list` shows it.") from None


def check_removed(answer: Answer, client: ForgeClient) -> None:
    """Raise CommandError unless the key was removed: a page for logging in is no confirmation."""
    if answer.status != httpx.codes.NO_CONTENT:
        consequence = "It is unknown whether the key was removed; `gitops deploy-key list` shows it."
        raise client.not_its_api(f"{answer.status} for a key to be removed", consequence)


def new_key(title: str, public_key: str) -> dict[str, Any]:
    """What adds a key that may read, and no more than read."""
    return {"title": title, "key": public_key, "read_only": True}


def _keys_in(answer: Answer, client: ForgeClient) -> Iterator[DeployKey]:
    try:
        if answer.status != httpx.codes.OK:
            raise MalformedAnswerError(f"{answer.status} for a list of keys")
        if not isinstance(answer.document, list):
            raise MalformedAnswerError("the list of keys: is not a list")
        for position, entry in enumerate(answer.document):
            yield fitting(_Key, entry, f"key {position} of the list").deploy_key
    except MalformedAnswerError as error:
        raise client.not_its_api(error.wrong) from None
