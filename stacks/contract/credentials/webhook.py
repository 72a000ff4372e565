"""The token of a webhook, or of a service that is notified."""

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal, final

from pydantic import Field, model_validator

from flux.keys.one_line import fault_of_one_line
from flux.message import Message
from stacks.contract.credentials.credential import CredentialModel, Use
from stacks.contract.credentials.plain_git import PlainGitLogin, ReadField
from stacks.contract.credentials.secret_entry import AnySecretEntry, OfHosts, SecretEntry, public_entries
from stacks.contract.text_kinds import wrong_text
from stacks.contract.texts import Text


@final
class WebhookCredential(CredentialModel):
    """A token for a Receiver, whose webhook path and signatures depend on it, or for a Provider: the secret `gitops:<name>-token`."""

    SECRETS: ClassVar[Mapping[str, str]] = {"token": "the token, such as `openssl rand -hex 32` prints"}

    type: Literal["webhook"] = Field(description="Token of a webhook: of a Receiver, or of a Provider.")
    email: Text | None = Field(default=None, description="For a Receiver of type gcr: the ServiceAccount that Google calls it with.")
    audience: Text | None = Field(default=None, description="For a Receiver of type gcr: the audience of Google's token.")

    @classmethod
    def uses(cls) -> frozenset[Use]:
        """Notifications, in both directions."""
        return frozenset({Use.RECEIVER})

    def entries(self, hosts: OfHosts) -> Iterator[AnySecretEntry]:
        """`token`, with `email` and `audience`: Receiver docs, "Secret reference" and "GCR"."""
        yield SecretEntry("token", "token", fault_of_one_line)
        yield from public_entries(email=self.email, audience=self.audience)

    def plain_git(self, url: str, read: ReadField) -> PlainGitLogin | None:
        """It does not log in at a Git server."""
        return None

    @model_validator(mode="after")
    def _both_or_none(self) -> "WebhookCredential":
        if (self.email is None) != (self.audience is None):
            wrong = "has only one of `email` and `audience`"
            raise wrong_text(Message(wrong, "A Receiver of type gcr needs both.", "Write both, or none for another type."))
        return self
