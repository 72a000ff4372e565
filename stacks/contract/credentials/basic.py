"""A user name and a password."""

import base64
from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal, final

from pydantic import Field

from flux.keys.one_line import fault_of_one_line
from stacks.contract.certificates_text import Certificates
from stacks.contract.credentials.credential import CA, CredentialModel, Use
from stacks.contract.credentials.plain_git import HttpHeaderLogin, PlainGitLogin, ReadField
from stacks.contract.credentials.secret_entry import AnySecretEntry, OfHosts, PublicEntry, SecretEntry, certificate_entry
from stacks.contract.texts import Text


@final
class BasicCredential(CredentialModel):
    """A user name, and a password or access token: the secret `gitops:<name>-password`."""

    SECRETS: ClassVar[Mapping[str, str]] = {"password": "the password or token"}
    OF_HOSTS = frozenset({"ca"})

    type: Literal["basic"] = Field(description="User name and password.")
    username: Text = Field(description="User name. Gitea and GitHub accept any name with an access token.", examples=["flux"])
    ca: Certificates | None = Field(default=None, description=CA)

    @classmethod
    def uses(cls) -> frozenset[Use]:
        """Git over HTTPS and every HelmRepository; an OCIRepository reads only a registry login."""
        return frozenset({Use.GIT_HTTPS, Use.HELM, Use.HELM_OCI})

    @property
    def own_certificates(self) -> str | None:
        """`ca`."""
        return self.ca

    def entries(self, hosts: OfHosts) -> Iterator[AnySecretEntry]:
        """`username` and `password`, and `ca.crt`."""
        yield PublicEntry("username", self.username)
        yield SecretEntry("password", "password", fault_of_one_line)
        yield from certificate_entry(self.ca, hosts)

    def plain_git(self, url: str, read: ReadField) -> PlainGitLogin | None:
        """As HTTP's basic authentication."""
        password = read("password")
        if not password:
            return None
        login = base64.b64encode(f"{self.username}:{password}".encode()).decode()
        return HttpHeaderLogin(authorization=f"Basic {login}", secrets=(password, login))
