"""The output `deployKeys` of a stack, which another version of the program may have written. `stacks.contract.outputs` says what it is."""

from typing import Annotated

from pydantic import RootModel, StringConstraints, field_validator

from gitops.forges.hosted_repository import Repository, repository_of
from live.answer_model import AnswerModel


class _Keys(AnswerModel):
    active: str
    keys: dict[str, Annotated[str, StringConstraints(pattern=r"^\S+ \S+")]]
    """Name → a line of authorized_keys."""
    repositories: list[str]

    @field_validator("repositories")
    @classmethod
    def _are_urls(cls, urls: list[str]) -> list[str]:
        for url in urls:
            repository_of(url)
        return urls

    @property
    def hosted(self) -> list[Repository]:
        """The repositories as a forge has them."""
        return [repository_of(url) for url in self.repositories]


class DeployKeysOutput(RootModel[dict[str, _Keys]]):
    """Credential with generated SSH keys → those."""
