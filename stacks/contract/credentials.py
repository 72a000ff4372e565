"""The contract of `gitops:credentials`: what is public of each type, and which secret keys it implies. No secret enters a model."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from stacks.contract.base import Strict
from stacks.contract.credential_texts import (
    ActiveKeyName,
    Certificates,
    GeneratedKeyName,
    HttpsUrl,
    Number,
    ProxyAddress,
    RegistryServer,
)
from stacks.contract.texts import Text

SUPPLIED = "supplied"
CA = "Certificates of a private authority that signed the server's, as PEM; those of the hosts where it is used are added."


class CredentialModel(Strict):
    """What all types have in common."""

    SECRETS: ClassVar[Mapping[str, str]]
    """What may follow `gitops:<name>-` → what that secret is."""

    def secret_fields(self) -> list[str]:
        """What of `SECRETS` this very credential needs."""
        return list(self.SECRETS)


class SshCredential(CredentialModel):
    """An SSH key: that of the secret key `<name>-identity`, or one that the stack generates. known_hosts are those of the hosts."""

    SECRETS: ClassVar[Mapping[str, str]] = {"identity": "the private key", "passphrase": "the private key's passphrase"}

    type: Literal["ssh"] = Field(description="An SSH key.")
    generated: list[GeneratedKeyName] = Field(
        default_factory=list,
        description="Names of ed25519 keys that the stack makes; all exist, their public halves are the output `deployKeys`.",
    )
    active: ActiveKeyName | None = Field(
        default=None, description="The key that Flux uses: one of `generated`, or `supplied`. Not given: supplied, if none is generated."
    )
    passphrase: bool = Field(default=False, description="Whether the supplied key has a passphrase: the secret key `<name>-passphrase`.")

    @property
    def generated_in_use(self) -> str | None:
        """The generated key that Flux uses; None when it uses the supplied one."""
        return None if self.active == SUPPLIED else self.active

    def secret_fields(self) -> list[str]:
        """None of a key that is generated."""
        return [] if self.generated_in_use else ["identity", *(["passphrase"] if self.passphrase else [])]

    @model_validator(mode="after")
    def _active_key_is_there(self) -> "SshCredential":
        names = ", ".join([*self.generated, SUPPLIED])
        if len(set(self.generated)) < len(self.generated):
            raise ValueError("`generated` names one key twice, so it is unknown how many there should be; write each name once")
        if self.generated and self.active is None:
            raise ValueError(f"`active` is missing, so it is unknown which key Flux would use; write one of: {names}")
        if self.active not in (None, SUPPLIED, *self.generated):
            raise ValueError(f"`active` names a key that is not there, so Flux would have none; write one of: {names}")
        if self.passphrase and self.generated_in_use:
            raise ValueError("a generated key is in use, which has no passphrase; remove `passphrase`, or write active: supplied")
        return self


class BasicCredential(CredentialModel):
    """A user name and a password or access token; read from the secret key `<name>-password`."""

    SECRETS: ClassVar[Mapping[str, str]] = {"password": "the password or token"}

    type: Literal["basic"] = Field(description="User name and password.")
    username: Text = Field(description="The user; Gitea and GitHub take any with a token.", examples=["flux"])
    ca: Certificates | None = Field(default=None, description=CA)


class BearerCredential(CredentialModel):
    """A token that is sent as it is, for Git over https; read from the secret key `<name>-token`. Most servers want type basic."""

    SECRETS: ClassVar[Mapping[str, str]] = {"token": "the token"}

    type: Literal["bearer"] = Field(description="A bearer token.")
    ca: Certificates | None = Field(default=None, description=CA)


class GithubAppCredential(CredentialModel):
    """A GitHub App, for Git over https; its private key is read from the secret key `<name>-private-key`."""

    SECRETS: ClassVar[Mapping[str, str]] = {"private-key": "the app's private key, as GitHub gives it"}

    type: Literal["githubApp"] = Field(description="A GitHub App.")
    app_id: Number = Field(description="The app's id.", examples=["12345"])
    installation_id: Number | None = Field(default=None, description="Id of the installation; this, or `installationOwner`.")
    installation_owner: Text | None = Field(default=None, description="Organisation or user that installed the app.")
    base_url: HttpsUrl | None = Field(default=None, description="API of a GitHub Enterprise Server. Not given: github.com.")
    ca: Certificates | None = Field(default=None, description=CA)

    @model_validator(mode="after")
    def _one_installation(self) -> "GithubAppCredential":
        if (self.installation_id is None) == (self.installation_owner is None):
            raise ValueError("give exactly one of `installationId` and `installationOwner`; Flux would refuse the Secret otherwise")
        return self


class RegistryCredential(CredentialModel):
    """The login of an OCI registry; its password is read from the secret key `<name>-password`."""

    SECRETS: ClassVar[Mapping[str, str]] = {"password": "the password or token"}

    type: Literal["registry"] = Field(
        description="A registry's login. Its Secret has a type of its own, which Kubernetes never changes: another `type` under the "
        "same name deletes the Secret before it is made anew, and meanwhile sources cannot fetch. Under another name the new one is "
        "there first, and the old one goes last."
    )
    server: RegistryServer = Field(description="The registry's host, without scheme.", examples=["ghcr.io"])
    username: Text = Field(description="The user.", examples=["flux"])


class TlsCredential(CredentialModel):
    """Certificates: those of the authority, a client's own, or both; a client's key is read from the secret key `<name>-private-key`."""

    SECRETS: ClassVar[Mapping[str, str]] = {"private-key": "the certificate's private key"}

    type: Literal["tls"] = Field(description="Certificates.")
    certificate: Certificates | None = Field(
        default=None, description="The client's certificate, as PEM, with those between it and the root."
    )
    ca: Certificates | None = Field(default=None, description=CA)

    def secret_fields(self) -> list[str]:
        """The key of the client's certificate, if there is one."""
        return ["private-key"] if self.certificate else []

    @model_validator(mode="after")
    def _some_certificate(self) -> "TlsCredential":
        if self.certificate is None and self.ca is None:
            raise ValueError("has neither `certificate` nor `ca`, so there is nothing to put into a Secret; write at least one")
        return self


class ProxyCredential(CredentialModel):
    """A proxy to fetch through; with a user, its password is read from the secret key `<name>-password`."""

    SECRETS: ClassVar[Mapping[str, str]] = {"password": "the password"}

    type: Literal["proxy"] = Field(description="A proxy.")
    address: ProxyAddress = Field(description="Its URL: http://, https:// or socks5://.", examples=["http://proxy.example.com:3128"])
    username: Text | None = Field(default=None, description="The user, for a proxy that asks for one.")

    def secret_fields(self) -> list[str]:
        """The user's password, if there is a user."""
        return ["password"] if self.username else []


Credential = Annotated[
    SshCredential | BasicCredential | BearerCredential | GithubAppCredential | RegistryCredential | TlsCredential | ProxyCredential,
    Field(discriminator="type"),
]
CredentialWithCertificates = BasicCredential | BearerCredential | GithubAppCredential | TlsCredential
"""Those whose Secret may hold the certificates of an authority, too."""
CREDENTIAL_MODELS: tuple[type[CredentialModel], ...] = (
    SshCredential,
    BasicCredential,
    BearerCredential,
    GithubAppCredential,
    RegistryCredential,
    TlsCredential,
    ProxyCredential,
)


def credential_secret_keys(credentials: Mapping[str, CredentialModel]) -> list[str]:
    """Secret keys that credentials imply, without the `gitops:` in front."""
    return [f"{name}-{field}" for name, credential in credentials.items() for field in credential.secret_fields()]
