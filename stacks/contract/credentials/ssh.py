"""An SSH key."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Annotated, ClassVar, Literal, final

from pydantic import Field, model_validator

from flux.keys.one_line import fault_of_one_line
from flux.keys.ssh_private_keys import fault_of_ssh_key
from flux.listing import either
from flux.message import Message
from stacks.contract.credentials.credential import CredentialModel, Use
from stacks.contract.credentials.plain_git import PlainGitLogin, ReadField, SshKeyLogin
from stacks.contract.credentials.secret_entry import AnySecretEntry, OfHosts, PublicEntry, SecretEntry
from stacks.contract.text_kinds import TextKind, wrong_text

SUPPLIED = "supplied"

GeneratedKeyName = Annotated[
    str,
    TextKind(
        "name of a key",
        r"^(?!supplied$)[a-zA-Z0-9]([-_.a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$",
        Message(
            "cannot name an SSH key",
            "It becomes part of a resource's name.",
            'Write at most 63 letters, digits, -, _ and . with a letter or digit at both ends, like "2026-11".',
        ),
        (
            (
                r"^supplied$",
                Message(
                    "is what `active` calls the supplied key", "The two could not be distinguished.", 'Write another name, like "2026-11".'
                ),
            ),
        ),
    ),
]
"""Name of a generated SSH key."""
ActiveKeyName = Annotated[
    str,
    TextKind(
        "name of a key, or `supplied`",
        r"^[a-zA-Z0-9]([-_.a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$",
        Message("cannot be the name of a key", "Flux would have no key.", "Write a name under `generated`, or supplied."),
    ),
]


@final
class SshCredential(CredentialModel):
    """An SSH key: the secret `gitops:<name>-identity`, or a key that the stack generates. Hosts give the known_hosts lines."""

    SECRETS: ClassVar[Mapping[str, str]] = {"identity": "the private key", "passphrase": "the private key's passphrase"}
    OF_HOSTS = frozenset({"knownHosts"})

    type: Literal["ssh"] = Field(description="SSH key.")
    generated: list[GeneratedKeyName] = Field(
        default_factory=list,
        description="Names of ed25519 keys that the stack generates. All of them exist; the output `deployKeys` has their public keys.",
    )
    active: ActiveKeyName | None = Field(
        default=None, description="The key that Flux uses: a name under `generated`, or `supplied`. Required with `generated`."
    )
    passphrase: bool = Field(default=False, description="Whether the supplied key has a passphrase, the secret `gitops:<name>-passphrase`.")

    @classmethod
    def uses(cls) -> frozenset[Use]:
        """Only Git."""
        return frozenset({Use.GIT_SSH})

    @property
    def generated_keys(self) -> Sequence[str]:
        """All of them exist, so that the next can be registered before it is used."""
        return self.generated

    @property
    def generated_in_use(self) -> str | None:
        """The generated key that Flux uses; None when it uses the supplied one."""
        return None if self.active == SUPPLIED else self.active

    def secret_fields(self) -> list[str]:
        """None of a key that is generated."""
        return [] if self.generated_in_use else ["identity", *(["passphrase"] if self.passphrase else [])]

    def entries(self, hosts: OfHosts) -> Iterator[AnySecretEntry]:
        """`identity`, with `password` for its passphrase, and `known_hosts`: fluxcd/pkg, git.NewAuthOptions."""
        if self.generated_in_use is None:
            yield SecretEntry("identity", "identity", partial(fault_of_ssh_key, with_passphrase=self.passphrase))
            if self.passphrase:
                yield SecretEntry("password", "passphrase", fault_of_one_line)
        if hosts.known_hosts is not None:
            yield PublicEntry("known_hosts", "\n".join(hosts.known_hosts))

    def plain_git(self, url: str, read: ReadField) -> PlainGitLogin | None:
        """With the supplied key: a generated one is only in the state."""
        private_key = read("identity") if url.startswith("ssh://") and self.generated_in_use is None else None
        if not private_key:
            return None
        return SshKeyLogin(private_key=private_key, passphrase=read("passphrase") if self.passphrase else None)

    @model_validator(mode="after")
    def _active_key_is_there(self) -> "SshCredential":
        fix = f"Write {either(f'active: {name}' for name in [*self.generated, SUPPLIED])}."
        if len(set(self.generated)) < len(self.generated):
            raise wrong_text(
                Message("has the same name twice under `generated`", "Two keys cannot have the same name.", "Write each name once.")
            )
        if self.generated and self.active is None:
            raise wrong_text(Message("has `generated` without `active`", "Flux would not know which key to use.", fix))
        if self.active not in (None, SUPPLIED, *self.generated):
            raise wrong_text(Message("has an `active` key that does not exist", "Flux would have no key.", fix))
        if self.passphrase and self.generated_in_use:
            raise wrong_text(
                Message(
                    "has `passphrase`, but a generated key is active",
                    "A generated key has no passphrase.",
                    "Remove `passphrase`, or write active: supplied.",
                )
            )
        return self
