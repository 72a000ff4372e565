"""What a stack says of its deploy keys: its output `deployKeys`, as data. No I/O here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flux.message import Message
from gitops.errors import CommandError
from gitops.forges.hosted_repository import Repository, repository_of


@dataclass(frozen=True, kw_only=True)
class DeployCredential:
    """One credential with generated keys."""

    name: str
    """Of the credential, and of its Secret."""
    active: str
    """The name of the key in the Secret; of none of `keys` where a supplied one is in use."""
    keys: Mapping[str, str]
    """Key name → public key, as in authorized_keys."""
    repositories: tuple[Repository, ...]

    @property
    def active_key(self) -> str | None:
        """The public key that Flux should be using; None for a supplied one, whose public half the stack does not know."""
        return self.keys.get(self.active)

    def name_of(self, public_key: str) -> str | None:
        """The name of the key with this content; None if it is not a key of the stack."""
        return next((name for name, content in self.keys.items() if same_key(content, public_key)), None)

    def is_old(self, key: str) -> bool:
        """Whether a key of the stack comes before the active one: names are dates. With a supplied key in use, none does."""
        return self.active_key is not None and key < self.active

    def is_next(self, key: str | None) -> bool:
        """Whether a key of the stack is neither active nor old: Flux is to use it one day, and Git's server should know it before."""
        return key is not None and key in self.keys and key != self.active and not self.is_old(key)


def same_key(one: str, other: str) -> bool:
    """Whether two lines of authorized_keys are the same key, apart from the comment."""
    return one.split()[:2] == other.split()[:2]


def credentials_of(output: Any, stack: str, only: Iterable[str] = ()) -> list[DeployCredential]:
    """The credentials of the output `deployKeys`; with `only`, these.

    Raises:
        CommandError: the output is not shaped as this version of the program makes it, is empty, or lacks one of `only`.
    """
    from pydantic import ValidationError  # here and not above: `--help` needs none

    from gitops.deploy_keys.output_model import deploy_keys_in
    from live.client.answer_model import why_unfitting

    try:
        described = deploy_keys_in(output)
    except ValidationError as error:
        raise CommandError(
            Message(
                f"The output deployKeys of stack {stack} does not have the form that this version writes ({why_unfitting(error)})",
                "The keys cannot be read.",
                "Apply with this version first: pulumi up",
            )
        ) from None
    found = [
        DeployCredential(
            name=name,
            active=each["active"],
            keys=dict(sorted(each["keys"].items())),
            repositories=tuple(repository_of(url) for url in each["repositories"]),
        )
        for name, each in sorted(described.items())
    ]
    if not found:
        raise no_generated_keys(stack)
    wanted = set(only)
    if missing := sorted(wanted - {each.name for each in found}):
        raise CommandError(
            Message(
                f"Stack {stack} generates no key for {', '.join(missing)}",
                "There is nothing to do for it.",
                f"Name one with generated keys: {', '.join(each.name for each in found)}",
            )
        )
    return [each for each in found if not wanted or each.name in wanted]


def no_generated_keys(stack: str) -> CommandError:
    """The error for a stack without a generated deploy key."""
    return CommandError(
        Message(
            f"Stack {stack} has no generated deploy key (output deployKeys)",
            "There is no key to register.",
            "Declare one in the stack file and apply: "
            'gitops:credentials: {homelab-deploy: {type: ssh, generated: ["2026-11"], active: "2026-11"}}; pulumi up',
        )
    )
