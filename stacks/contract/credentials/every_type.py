"""The list of all types of credentials. The union, the JSON Schema, the reference page and the secret keys follow from it."""

from collections.abc import Mapping
from typing import Annotated, get_args

from pydantic import Field

from stacks.contract.credentials.basic import BasicCredential
from stacks.contract.credentials.bearer import BearerCredential
from stacks.contract.credentials.bucket import BucketCredential
from stacks.contract.credentials.credential import CredentialModel
from stacks.contract.credentials.github_app import GithubAppCredential
from stacks.contract.credentials.proxy import ProxyCredential
from stacks.contract.credentials.public_keys import PublicKeysCredential
from stacks.contract.credentials.registry import RegistryCredential
from stacks.contract.credentials.ssh import SshCredential
from stacks.contract.credentials.tls import TlsCredential
from stacks.contract.credentials.webhook import WebhookCredential

AnyCredential = (
    SshCredential
    | BasicCredential
    | BearerCredential
    | GithubAppCredential
    | RegistryCredential
    | TlsCredential
    | ProxyCredential
    | WebhookCredential
    | BucketCredential
    | PublicKeysCredential
)
"""In the order in which people read of them. A type that is not here is in no stack file; a test finds it."""
Credential = Annotated[AnyCredential, Field(discriminator="type")]
CREDENTIAL_TYPES: tuple[type[CredentialModel], ...] = get_args(AnyCredential)


def credential_secret_keys(credentials: Mapping[str, CredentialModel]) -> list[str]:
    """Secret keys that credentials imply, without the `gitops:` in front."""
    return [f"{name}-{field}" for name, credential in credentials.items() for field in credential.secret_fields()]
