"""A GitHub App."""

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal, final

from pydantic import Field, model_validator

from flux.keys.pem_private_keys import fault_of_app_key
from flux.message import Message
from stacks.contract.certificates_text import Certificates
from stacks.contract.credentials.credential import CA, CredentialModel, Use
from stacks.contract.credentials.plain_git import PlainGitLogin, ReadField
from stacks.contract.credentials.secret_entry import AnySecretEntry, OfHosts, SecretEntry, certificate_entry, public_entries
from stacks.contract.text_kinds import TextKind, wrong_text
from stacks.contract.texts import Text
from stacks.contract.url_texts import NamesAServer

Number = Annotated[
    str,
    TextKind(
        "number in quotes",
        r"^[0-9]+$",
        Message("is not a number", "GitHub would not find the app.", 'Write the digits from the page of the app, in quotes, like "12345".'),
    ),
]
HttpsUrl = Annotated[
    str,
    TextKind(
        "https URL",
        r"^https://[^@/\s]+(/[^\s]*)?$",
        Message("is not an https:// URL", "Flux could not reach the API.", "Write a URL like https://github.example.com/api/v3."),
        ((r"^http://", Message("is not encrypted", "The token of the app would be sent in plain text.", "Write an https:// URL.")),),
    ),
    NamesAServer,
]


@final
class GithubAppCredential(CredentialModel):
    """A GitHub App, for Git over HTTPS. Its private key is the secret `gitops:<name>-private-key`."""

    SECRETS: ClassVar[Mapping[str, str]] = {"private-key": "the private key of the app, as downloaded from GitHub"}
    OF_HOSTS = frozenset({"ca"})
    GIT_PROVIDER = "github"

    type: Literal["githubApp"] = Field(description="GitHub App.")
    app_id: Number = Field(description="ID of the app.", examples=["12345"])
    installation_id: Number | None = Field(default=None, description="ID of the installation. Write this or `installationOwner`.")
    installation_owner: Text | None = Field(default=None, description="Organisation or user that installed the app.")
    base_url: HttpsUrl | None = Field(default=None, description="API URL of a GitHub Enterprise Server. Default: github.com.")
    ca: Certificates | None = Field(default=None, description=CA)

    @classmethod
    def uses(cls) -> frozenset[Use]:
        """Only Git over HTTPS; the program writes `provider: github` at the source."""
        return frozenset({Use.GIT_HTTPS})

    @property
    def own_certificates(self) -> str | None:
        """`ca`."""
        return self.ca

    def entries(self, hosts: OfHosts) -> Iterator[AnySecretEntry]:
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
            has = "neither `installationId` nor" if self.installation_id is None else "both `installationId` and"
            fix = "Write exactly one of `installationId` and `installationOwner`."
            raise wrong_text(Message(f"has {has} `installationOwner`", "Flux would refuse the Secret.", fix))
        return self
