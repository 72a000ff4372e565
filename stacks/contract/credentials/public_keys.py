"""Public keys by which Flux verifies what it fetches."""

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal, final

from pydantic import Field, model_validator

from flux.keys.public_key_files import fault_of_public_key_file
from flux.message import Message
from stacks.contract.credentials.credential import CredentialModel, Use
from stacks.contract.credentials.plain_git import PlainGitLogin, ReadField
from stacks.contract.credentials.secret_entry import AnySecretEntry, OfHosts, PublicEntry
from stacks.contract.text_kinds import TextKind, wrong_text

KeyFile = Annotated[
    str,
    TextKind(
        "name of a file with a public key",
        r"^[a-zA-Z0-9][-._a-zA-Z0-9]*\.(pub|asc|sshpub)$",
        Message(
            "does not say what kind of key it is",
            "Flux tells keys apart by the ends of their names.",
            "Write a name that ends in .pub (cosign), .asc (PGP) or .sshpub (SSH), like cosign.pub.",
        ),
    ),
]


@final
class PublicKeysCredential(CredentialModel):
    """Public keys with which Flux verifies signatures: `verify.secretRef` names them. Nothing of it is secret."""

    SECRETS: ClassVar[Mapping[str, str]] = {}

    type: Literal["publicKeys"] = Field(description="Public keys for verification.")
    keys: dict[KeyFile, str] = Field(
        min_length=1,
        description="Name → key. `*.pub`: a key of cosign in PEM, for OCI artifacts and charts; `*.asc`: a PGP public key block, and "
        "`*.sshpub`: lines as in authorized_keys, both for Git.",
        examples=[{"cosign.pub": "-----BEGIN PUBLIC KEY-----…"}],
    )

    @classmethod
    def uses(cls) -> frozenset[Use]:
        """Verification of Git, or of what is in a registry, as the names of the keys say."""
        return frozenset({Use.VERIFY_GIT, Use.VERIFY_OCI})

    def entries(self, hosts: OfHosts) -> Iterator[AnySecretEntry]:
        """Each key under its own name."""
        yield from (PublicEntry(name, f"{key.strip()}\n") for name, key in self.keys.items())

    def plain_git(self, url: str, read: ReadField) -> PlainGitLogin | None:
        """It does not log in anywhere."""
        return None

    @model_validator(mode="after")
    def _keys_are_of_their_kinds(self) -> "PublicKeysCredential":
        for name, key in self.keys.items():
            if fault := fault_of_public_key_file(name, key):
                raise wrong_text(fault, "keys", name)
        return self
