"""The login of an OCI registry."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Annotated, ClassVar, Literal, final

from pydantic import Field

from flux.keys.one_line import fault_of_one_line
from flux.keys.registry_login import docker_config
from flux.message import Message
from stacks.contract.credentials.credential import CredentialModel, Use
from stacks.contract.credentials.entry import Entry, OfHosts, SecretEntry
from stacks.contract.credentials.plain_git import PlainGitLogin, ReadField
from stacks.contract.text_kinds import Kind
from stacks.contract.texts import Text

_NO_LOGIN = "Logins are looked up by host and port, so Flux would pull without one."
_HOST_ALONE = "Write the host alone: ghcr.io"
RegistryServer = Annotated[
    str,
    Kind(
        "`host[:port]`",
        r"^(https://index\.docker\.io/v1/|(?!docker\.io$)([a-z0-9][-a-z0-9.]*|\[[0-9a-f:.]+\])(:[0-9]+)?)$",
        Message("is not a registry's host", _NO_LOGIN, "Write host or host:port, without scheme and path: ghcr.io"),
        (
            (
                r"^docker\.io$",
                Message("is not what Docker Hub's logins are looked up by", _NO_LOGIN, "Write https://index.docker.io/v1/"),
            ),
            (r"^[a-z]+://", Message("has a scheme", _NO_LOGIN, _HOST_ALONE)),
            (r"/", Message("has a path", _NO_LOGIN, _HOST_ALONE)),
        ),
    ),
]


@final
class RegistryCredential(CredentialModel):
    """The login of an OCI registry; its password is read from the secret key `<name>-password`."""

    SECRETS: ClassVar[Mapping[str, str]] = {"password": "the password or token"}
    SECRET_TYPE = "kubernetes.io/dockerconfigjson"  # noqa: S105 (a type)

    type: Literal["registry"] = Field(
        description="A registry's login. Its Secret has a type of its own, which Kubernetes never changes: another `type` under the "
        "same name deletes the Secret before it is made anew, and meanwhile sources cannot fetch. Under another name the new one is "
        "there first, and the old one goes last."
    )
    server: RegistryServer = Field(description="The registry's host, without scheme.", examples=["ghcr.io"])
    username: Text = Field(description="The user.", examples=["flux"])

    @classmethod
    def uses(cls) -> frozenset[Use]:
        """Whatever is fetched over oci://."""
        return frozenset({Use.HELM_OCI, Use.OCI})

    @property
    def registry(self) -> str | None:
        """`server`."""
        return self.server

    def entries(self, hosts: OfHosts) -> Iterator[Entry]:
        """`.dockerconfigjson`."""
        yield SecretEntry(".dockerconfigjson", "password", fault_of_one_line, made_of=partial(docker_config, self.server, self.username))

    def plain_git(self, url: str, read: ReadField) -> PlainGitLogin | None:
        """It does not: no repository of Git is in a registry."""
        return None
