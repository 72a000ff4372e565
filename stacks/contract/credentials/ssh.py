"""An SSH key."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Annotated, ClassVar, Literal, final

from pydantic import Field, model_validator

from flux.keys.one_line import fault_of_one_line
from flux.keys.ssh_private_keys import fault_of_ssh_key
from flux.message import Message
from stacks.contract.credentials.credential import CredentialModel, Use
from stacks.contract.credentials.entry import Entry, OfHosts, PublicEntry, SecretEntry
from stacks.contract.credentials.plain_git import PlainGitLogin, ReadField, SshKeyLogin
from stacks.contract.text_kinds import Kind, wrong_text

SUPPLIED = "supplied"

GeneratedKeyName = Annotated[
    str,
    Kind(
        "name of a key",
        r"^(?!supplied$)[a-zA-Z0-9]([-_.a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$",
        Message(
            "cannot name an SSH key",
            "Names may hold letters, digits, -, _ and . and at most 63 of them.",
            'Write one like "2026-11".',
        ),
        (
            (
                r"^supplied$",
                Message("is what `active` calls the supplied key", "No generated key may have that name.", 'Write one like "2026-11".'),
            ),
        ),
    ),
]
"""Name of a generated SSH key."""
ActiveKeyName = Annotated[
    str,
    Kind(
        "name of a key, or `supplied`",
        r"^[a-zA-Z0-9]([-_.a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$",
        Message("names no key", "Flux would have none.", "Write one of `generated`, or supplied."),
    ),
]


@final
class SshCredential(CredentialModel):
    """An SSH key: that of the secret key `<name>-identity`, or one that the stack generates. known_hosts are those of the hosts."""

    SECRETS: ClassVar[Mapping[str, str]] = {"identity": "the private key", "passphrase": "the private key's passphrase"}
    OF_HOSTS = frozenset({"knownHosts"})

    type: Literal["ssh"] = Field(description="An SSH key.")
    generated: list[GeneratedKeyName] = Field(
        default_factory=list,
        description="Names of ed25519 keys that the stack makes; all exist, their public halves are the output `deployKeys`.",
    )
    active: ActiveKeyName | None = Field(
        default=None, description="The key that Flux uses: one of `generated`, or `supplied`. Not given: supplied, if none is generated."
    )
    passphrase: bool = Field(default=False, description="Whether the supplied key has a passphrase: the secret key `<name>-passphrase`.")

    @classmethod
    def uses(cls) -> frozenset[Use]:
        """Git alone."""
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

    def entries(self, hosts: OfHosts) -> Iterator[Entry]:
        """`identity`, with `password` for its passphrase, and `known_hosts`: fluxcd/pkg, git.NewAuthOptions."""
        if self.generated_in_use is None:
            yield SecretEntry("identity", "identity", partial(fault_of_ssh_key, with_passphrase=self.passphrase))
            if self.passphrase:
                yield SecretEntry("password", "passphrase", fault_of_one_line)
        if hosts.known_hosts is not None:
            yield PublicEntry("known_hosts", "\n".join(hosts.known_hosts))

    def plain_git(self, url: str, read: ReadField) -> PlainGitLogin | None:
        """With the supplied key: a generated one is in the state alone."""
        private_key = read("identity") if url.startswith("ssh://") and self.generated_in_use is None else None
        if not private_key:
            return None
        return SshKeyLogin(private_key=private_key, passphrase=read("passphrase") if self.passphrase else None)

    @model_validator(mode="after")
    def _active_key_is_there(self) -> "SshCredential":
        one_of = f"Write one of: {', '.join([*self.generated, SUPPLIED])}"
        if len(set(self.generated)) < len(self.generated):
            raise wrong_text(
                Message("`generated` names one key twice", "Nobody could tell how many keys there should be.", "Write each name once.")
            )
        if self.generated and self.active is None:
            raise wrong_text(
                Message("`active` is required beside `generated`, but missing", "Nobody could tell which key Flux would use.", one_of)
            )
        if self.active not in (None, SUPPLIED, *self.generated):
            raise wrong_text(Message("`active` names a key that is not there", "Flux would have none.", one_of))
        if self.passphrase and self.generated_in_use:
            raise wrong_text(
                Message(
                    "has `passphrase`, but a generated key is in use",
                    "A generated key has no passphrase.",
                    "Remove `passphrase`, or write active: supplied.",
                )
            )
        return self
