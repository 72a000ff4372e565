"""The access key of a bucket."""

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal, final

from pydantic import Field

from flux.keys.one_line import fault_of_one_line
from stacks.contract.credentials.credential import CredentialModel, Use
from stacks.contract.credentials.plain_git import PlainGitLogin, ReadField
from stacks.contract.credentials.secret_entry import AnySecretEntry, OfHosts, SecretEntry


@final
class BucketCredential(CredentialModel):
    """The access key of a Bucket of provider generic or aws: the secrets `gitops:<name>-access-key` and `gitops:<name>-secret-key`."""

    SECRETS: ClassVar[Mapping[str, str]] = {"access-key": "the access key's ID", "secret-key": "the secret half of the access key"}

    type: Literal["bucket"] = Field(description="Access key of a Bucket.")

    @classmethod
    def uses(cls) -> frozenset[Use]:
        """Only Buckets."""
        return frozenset({Use.BUCKET})

    def entries(self, hosts: OfHosts) -> Iterator[AnySecretEntry]:
        """`accesskey` and `secretkey`: Bucket docs, "Secret reference"."""
        yield SecretEntry("accesskey", "access-key", fault_of_one_line)
        yield SecretEntry("secretkey", "secret-key", fault_of_one_line)

    def plain_git(self, url: str, read: ReadField) -> PlainGitLogin | None:
        """It does not: Git repositories are not in a bucket."""
        return None
