"""Certificates."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import ClassVar, Literal, final

from pydantic import Field, model_validator

from flux.keys.pem_private_keys import fault_of_certificate_key
from flux.message import Message
from stacks.contract.certificates_text import Certificates
from stacks.contract.credentials.credential import CA, CredentialModel, Use
from stacks.contract.credentials.plain_git import ClientCertificateLogin, PlainGitLogin, ReadField
from stacks.contract.credentials.secret_entry import AnySecretEntry, OfHosts, PublicEntry, SecretEntry, certificate_entry
from stacks.contract.text_kinds import wrong_text


@final
class TlsCredential(CredentialModel):
    """Certificates: of an authority, of a client, or both. The client's private key is the secret `gitops:<name>-private-key`."""

    SECRETS: ClassVar[Mapping[str, str]] = {"private-key": "the private key of the client certificate"}
    OF_HOSTS = frozenset({"ca"})

    type: Literal["tls"] = Field(description="Certificates.")
    certificate: Certificates | None = Field(
        default=None, description="PEM certificate of the client, followed by the intermediate certificates."
    )
    ca: Certificates | None = Field(default=None, description=CA)

    @classmethod
    def uses(cls) -> frozenset[Use]:
        """Git reads certificates from its credential, the other kinds apart from it."""
        return frozenset({Use.GIT_HTTPS, Use.CERTIFICATE})

    @property
    def own_certificates(self) -> str | None:
        """`ca`."""
        return self.ca

    def secret_fields(self) -> list[str]:
        """The key of the client's certificate, if there is one."""
        return ["private-key"] if self.certificate else []

    def entries(self, hosts: OfHosts) -> Iterator[AnySecretEntry]:
        """`tls.crt` with `tls.key`, and `ca.crt`."""
        if self.certificate is not None:
            yield PublicEntry("tls.crt", self.certificate)
            yield SecretEntry("tls.key", "private-key", partial(fault_of_certificate_key, certificate=self.certificate))
        yield from certificate_entry(self.ca, hosts)

    def plain_git(self, url: str, read: ReadField) -> PlainGitLogin | None:
        """With the client's certificate, if there is one."""
        private_key = read("private-key") if self.certificate else None
        return ClientCertificateLogin(certificate=self.certificate, private_key=private_key) if self.certificate and private_key else None

    @model_validator(mode="after")
    def _some_certificate(self) -> "TlsCredential":
        if self.certificate is None and self.ca is None:
            raise wrong_text(Message("has neither `certificate` nor `ca`", "The Secret would be empty.", "Write at least one of the two."))
        return self
