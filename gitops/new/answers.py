"""What `gitops new` knows once everything is answered, and the names that follow from it."""

from dataclasses import dataclass
from typing import Literal

from flux.requirement import Environment
from gitops.contexts import Reached
from gitops.new.address import RepositoryAddress
from gitops.pinned_manifests import PinnedManifests

Login = Literal["public", "token", "deploy-key", "ssh-key"]
AgeKeyChoice = Literal["none", "new", "existing"]


def is_generated(age_key: AgeKeyChoice, environment: Environment) -> bool:
    """Whether the stack makes the age key, which only a disposable cluster accepts."""
    return age_key == "new" and environment == "development"


@dataclass(frozen=True, kw_only=True)
class Answers:
    """A cluster of one's own. Holds no secret."""

    stack: str
    environment: Environment
    cluster: Reached
    repository: RepositoryAddress
    branch: str
    path: str
    login: Login
    username: str
    """The user that goes with a token."""
    known_hosts: str | None
    """Keys of the SSH server; None for https, and if they are unknown."""
    authority: str | None
    """Certificates of the private authority that signed the Git server's, as PEM."""
    age_key: AgeKeyChoice
    key_name: str
    """`2026-11`: what the first age key and the first deploy key are called."""
    manifests: PinnedManifests

    @property
    def generates_age_key(self) -> bool:
        """Whether the stack makes the age key: if the state is lost, files encrypted for it cannot be decrypted."""
        return is_generated(self.age_key, self.environment)

    @property
    def credential(self) -> str | None:
        """The credential's name; None for a public repository."""
        if self.login == "public":
            return None
        return f"{self.repository.object_name}-{'read' if self.login == 'token' else 'deploy'}"
