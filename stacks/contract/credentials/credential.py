"""What every type of credential has to say of itself. mypy refuses a type that leaves one of these open, as each is final."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import ClassVar, Literal

from stacks.contract.base import Strict
from stacks.contract.credentials.entry import Entry, OfHosts
from stacks.contract.credentials.plain_git import PlainGitLogin, ReadField

CA = "Certificates of a private authority that signed the server's, as PEM; those of the hosts where it is used are added."


class Use(StrEnum):
    """Where a source can name a credential, so that Flux does something with it. Judged by flux/rules, with which a test compares it."""

    GIT_SSH = "`credential` of a GitRepository over ssh://"
    GIT_HTTPS = "`credential` of a GitRepository over https://"
    HELM = "`credential` of a HelmRepository"
    HELM_OCI = "`credential` of a HelmRepository over oci://"
    OCI = "`credential` of an OCIRepository"
    CERTIFICATE = "`certificate` of Helm and OCI sources"
    PROXY = "`proxy` of Git and OCI sources"


class CredentialModel(Strict, ABC):
    """What all types have in common. Each type has a field `type` of its own, by which pydantic tells them apart."""

    SECRETS: ClassVar[Mapping[str, str]]
    """What may follow `gitops:<name>-` → what that secret is."""
    SECRET_TYPE: ClassVar[str] = "Opaque"  # noqa: S105 (a type)
    """Type of the Secret; Kubernetes never changes that of one that exists."""
    OF_HOSTS: ClassVar[frozenset[Literal["knownHosts", "ca"]]] = frozenset()
    """The keys of a host whose values its Secret takes, too."""
    GIT_PROVIDER: ClassVar[str | None] = None
    """`provider` of a GitRepository that uses it; None for Flux's own, generic."""

    @classmethod
    @abstractmethod
    def uses(cls) -> frozenset[Use]:
        """Where sources can name it."""

    @abstractmethod
    def entries(self, hosts: OfHosts) -> Iterator[Entry]:
        """The entries of its Secret, but those of a generated key, in the order in which they are made."""

    @abstractmethod
    def plain_git(self, url: str, read: ReadField) -> PlainGitLogin | None:
        """How plain git fetches `url` with it; None where it does not, or where a secret is not at hand."""

    def secret_fields(self) -> list[str]:
        """What of `SECRETS` this very credential needs."""
        return list(self.SECRETS)

    @property
    def own_certificates(self) -> str | None:
        """Certificates of an authority that it states itself, as PEM."""
        return None

    @property
    def registry(self) -> str | None:
        """The registry for which it is the login: host and port."""
        return None

    @property
    def generated_keys(self) -> Sequence[str]:
        """Names of the SSH keys that the stack makes for it."""
        return ()

    @property
    def generated_in_use(self) -> str | None:
        """The one of `generated_keys` that Flux uses; None when that is a supplied one, or another secret."""
        return None
