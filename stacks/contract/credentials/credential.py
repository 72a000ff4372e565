"""What every type of credential must define. Each type is final, so mypy refuses one that leaves out a part."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import ClassVar, Literal

from stacks.contract.base import Strict
from stacks.contract.credentials.plain_git import PlainGitLogin, ReadField
from stacks.contract.credentials.secret_entry import AnySecretEntry, OfHosts

CA = "PEM certificates of the private authority that signed the server's certificate. The `ca` of the hosts where it is used is added."


class Use(StrEnum):
    """Where a source can name a credential, so that Flux does something with it. Judged by flux/rules, with which a test compares it."""

    GIT_SSH = "`credential` of a GitRepository over ssh://"
    GIT_HTTPS = "`credential` of a GitRepository over https://"
    HELM = "`credential` of a HelmRepository"
    HELM_OCI = "`credential` of a HelmRepository over oci://"
    OCI = "`credential` of an OCIRepository"
    CERTIFICATE = "`certificate` of Helm and OCI sources"
    PROXY = "`proxy` of Git and OCI sources"
    RECEIVER = "`spec.secretRef` of a Receiver"
    BUCKET = "`spec.secretRef` of a Bucket"
    VERIFY_GIT = "`spec.verify.secretRef` of a GitRepository"
    VERIFY_OCI = "`spec.verify.secretRef` of an OCIRepository"


class CredentialModel(Strict, ABC):
    """What all types have in common. pydantic distinguishes the types by their field `type`."""

    SECRETS: ClassVar[Mapping[str, str]]
    """What may follow `gitops:<name>-` → what that secret is."""
    SECRET_TYPE: ClassVar[str] = "Opaque"  # noqa: S105 (a type)
    """Type of the Secret, which Kubernetes never changes."""
    OF_HOSTS: ClassVar[frozenset[Literal["knownHosts", "ca"]]] = frozenset()
    """Keys of a host whose values go into the Secret as well."""
    GIT_PROVIDER: ClassVar[str | None] = None
    """`spec.provider` of a GitRepository that uses it; None for Flux's default, generic."""

    @classmethod
    @abstractmethod
    def uses(cls) -> frozenset[Use]:
        """Where sources can name it."""

    @abstractmethod
    def entries(self, hosts: OfHosts) -> Iterator[AnySecretEntry]:
        """The entries of its Secret in order, without those of a generated key."""

    @abstractmethod
    def plain_git(self, url: str, read: ReadField) -> PlainGitLogin | None:
        """How plain git fetches `url` with it; None where it cannot, or where a secret is not set."""

    def secret_fields(self) -> list[str]:
        """The fields of `SECRETS` that this credential needs."""
        return list(self.SECRETS)

    @property
    def own_certificates(self) -> str | None:
        """PEM certificates of an authority, from its own `ca`."""
        return None

    @property
    def registry(self) -> str | None:
        """Host and port of the registry that it logs in to."""
        return None

    @property
    def generated_keys(self) -> Sequence[str]:
        """Names of the SSH keys that the stack generates for it."""
        return ()

    @property
    def generated_in_use(self) -> str | None:
        """The one of `generated_keys` that Flux uses; None when Flux uses a supplied key or another secret."""
        return None
