"""The output `deployKeys` of a stack, validated: another version of the program may have written it. Its form is the contract's."""

from typing import Annotated, Any

from pydantic import AfterValidator, StringConstraints, TypeAdapter

from gitops.forges.hosted_repository import repository_of
from stacks.contract.outputs import DeployKeys

_PublicKey = Annotated[str, StringConstraints(pattern=r"^\S+ \S+")]
"""A line of authorized_keys."""


def _with_repositories(found: DeployKeys[str]) -> DeployKeys[str]:
    for url in found["repositories"]:
        repository_of(url)
    return found


_OUTPUT = TypeAdapter(dict[str, Annotated[DeployKeys[_PublicKey], AfterValidator(_with_repositories)]])


def deploy_keys_in(output: Any) -> dict[str, DeployKeys[str]]:
    """Credential with generated SSH keys → those. Raises pydantic's ValidationError for anything else."""
    return _OUTPUT.validate_python(output, strict=True)
