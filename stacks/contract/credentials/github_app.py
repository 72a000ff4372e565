"""A GitHub App."""

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal, final

from pydantic import Field, model_validator

from flux.keys.pem_private_keys import fault_of_app_key
from flux.message import Message
from stacks.contract.certificates_text import Certificates
from stacks.contract.credentials.credential import CA, CredentialModel, Use
from stacks.contract.credentials.entry import Entry, OfHosts, SecretEntry, certificate_entry, public_entries
from stacks.contract.credentials.plain_git import PlainGitLogin, ReadField
from stacks.contract.text_kinds import Kind, wrong_text
from stacks.contract.texts import Text
from stacks.contract.url_text import NamesAServer

Number = Annotated[
    str,
    Kind(
        "number in quotes",
        r"^[0-9]+$",
        Message("is not a number", "GitHub would not know the app.", 'Write the digits that the app\'s page shows, in quotes: "12345".'),
    ),
]
HttpsUrl = Annotated[
    str,
    Kind(
        "https URL",
        r"^https://[^@/\s]+(/[^\s]*)?$",
        Message("is not an https:// URL", "Nothing could be asked there.", "Write one like https://github.example.com/api/v3"),
        ((r"^http://", Message("is not encrypted", "The app's credentials would be sent in plain text.", "Write https://…")),),
    ),
    NamesAServer,
]


@final
class GithubAppCredential(CredentialModel):
    """A GitHub App, for Git over https; its private key is read from the secret key `<name>-private-key`."""

    SECRETS: ClassVar[Mapping[str, str]] = {"private-key": "the app's private key, as GitHub gives it"}
    OF_HOSTS = frozenset({"ca"})
    GIT_PROVIDER = "github"

    type: Literal["githubApp"] = Field(description="A GitHub App.")
    app_id: Number = Field(description="The app's id.", examples=["12345"])
    installation_id: Number | None = Field(default=None, description="Id of the installation; this, or `installationOwner`.")
    installation_owner: Text | None = Field(default=None, description="Organisation or user that installed the app.")
    base_url: HttpsUrl | None = Field(default=None, description="API of a GitHub Enterprise Server. Not given: github.com.")
    ca: Certificates | None = Field(default=None, description=CA)

    @classmethod
    def uses(cls) -> frozenset[Use]:
        """Git over HTTPS alone; the program writes `provider: github` at the source."""
        return frozenset({Use.GIT_HTTPS})

    @property
    def own_certificates(self) -> str | None:
        """`ca`."""
        return self.ca

    def entries(self, hosts: OfHosts) -> Iterator[Entry]:
        """`githubApp…`, and `ca.crt`: GitRepository docs, "GitHub"."""
        yield from public_entries(
            githubAppID=self.app_id,
            githubAppInstallationID=self.installation_id,
            githubAppInstallationOwner=self.installation_owner,
            githubAppBaseURL=self.base_url,
        )
        yield SecretEntry("githubAppPrivateKey", "private-key", fault_of_app_key)
        yield from certificate_entry(self.ca, hosts)

    def plain_git(self, url: str, read: ReadField) -> PlainGitLogin | None:
        """It does not: a token would first have to be asked of GitHub."""
        return None

    @model_validator(mode="after")
    def _one_installation(self) -> "GithubAppCredential":
        if (self.installation_id is None) == (self.installation_owner is None):
            found = "has neither `installationId` nor `installationOwner`" if self.installation_id is None else "has two installations"
            raise wrong_text(
                Message(found, "Flux would refuse the Secret.", "Give exactly one of `installationId` and `installationOwner`.")
            )
        return self
