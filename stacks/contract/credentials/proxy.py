"""A proxy to fetch through."""

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal, final

from pydantic import Field

from flux.keys.one_line import fault_of_one_line
from flux.message import Message
from stacks.contract.credentials.credential import CredentialModel, Use
from stacks.contract.credentials.plain_git import PlainGitLogin, ReadField
from stacks.contract.credentials.secret_entry import AnySecretEntry, OfHosts, PublicEntry, SecretEntry
from stacks.contract.text_kinds import TextKind
from stacks.contract.texts import Text
from stacks.contract.url_texts import NamesAServer

ProxyAddress = Annotated[
    str,
    TextKind(
        "URL of a proxy",
        r"^(https?|socks5)://[^@/\s]+/?$",
        Message(
            "is not the URL of a proxy",
            "Flux could not fetch anything.",
            "Write http://host:port, https://host:port or socks5://host:port.",
        ),
        (
            (
                r"^[a-z0-9]+://[^/@]*@",
                Message(
                    "contains a login",
                    "Everyone who can read this file would have it.",
                    "Remove it, and write `username`; the password is a separate secret.",
                ),
            ),
        ),
    ),
    NamesAServer,
]


@final
class ProxyCredential(CredentialModel):
    """A proxy to fetch through. With `username`, its password is the secret `gitops:<name>-password`."""

    SECRETS: ClassVar[Mapping[str, str]] = {"password": "the password"}

    type: Literal["proxy"] = Field(description="Proxy.")
    address: ProxyAddress = Field(
        description="URL of the proxy: http://, https:// or socks5://.", examples=["http://proxy.example.com:3128"]
    )
    username: Text | None = Field(default=None, description="User name, if the proxy asks for a login.")

    @classmethod
    def uses(cls) -> frozenset[Use]:
        """Only as a proxy: named under `credential`, its login would be sent to the server."""
        return frozenset({Use.PROXY})

    def secret_fields(self) -> list[str]:
        """The user's password, if there is a user."""
        return ["password"] if self.username else []

    def entries(self, hosts: OfHosts) -> Iterator[AnySecretEntry]:
        """`address`, with `username` and `password`: fluxcd/pkg, runtime/secrets.ProxyURLFromSecret."""
        yield PublicEntry("address", self.address)
        if self.username is not None:
            yield PublicEntry("username", self.username)
            yield SecretEntry("password", "password", fault_of_one_line)

    def plain_git(self, url: str, read: ReadField) -> PlainGitLogin | None:
        """It does not log in anywhere but at the proxy."""
        return None
