"""A bearer token."""

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal, final

from pydantic import Field

from flux.keys.one_line import fault_of_one_line
from stacks.contract.certificates_text import Certificates
from stacks.contract.credentials.credential import CA, CredentialModel, Use
from stacks.contract.credentials.plain_git import HttpHeaderLogin, PlainGitLogin, ReadField
from stacks.contract.credentials.secret_entry import AnySecretEntry, OfHosts, SecretEntry, certificate_entry


@final
class BearerCredential(CredentialModel):
    """A bearer token for Git over HTTPS: the secret `gitops:<name>-token`. Most Git servers expect access tokens as type `basic`."""

    SECRETS: ClassVar[Mapping[str, str]] = {"token": "the token"}
    OF_HOSTS = frozenset({"ca"})

    type: Literal["bearer"] = Field(description="Bearer token.")
    ca: Certificates | None = Field(default=None, description=CA)

    @classmethod
    def uses(cls) -> frozenset[Use]:
        """Only Git over HTTPS."""
        return frozenset({Use.GIT_HTTPS})

    @property
    def own_certificates(self) -> str | None:
        """`ca`."""
        return self.ca

    def entries(self, hosts: OfHosts) -> Iterator[AnySecretEntry]:
        """`bearerToken`, and `ca.crt`."""
        yield SecretEntry("bearerToken", "token", fault_of_one_line)
        yield from certificate_entry(self.ca, hosts)

    def plain_git(self, url: str, read: ReadField) -> PlainGitLogin | None:
        """As it is."""
        token = read("token")
        return HttpHeaderLogin(authorization=f"Bearer {token}", secrets=(token,)) if token else None
