"""The login of an OCI registry."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Annotated, ClassVar, Literal, final

from pydantic import Field

from flux.keys.one_line import fault_of_one_line
from flux.keys.registry_login import docker_config
from flux.message import Message
from stacks.contract.credentials.credential import CredentialModel, Use
from stacks.contract.credentials.plain_git import PlainGitLogin, ReadField
from stacks.contract.credentials.secret_entry import AnySecretEntry, OfHosts, SecretEntry
from stacks.contract.text_kinds import TextKind
from stacks.contract.texts import Text

_NO_LOGIN = "Flux looks up logins by host and port, so it would pull without a login."
_HOST_ALONE = "Write only the host, like ghcr.io."
RegistryServer = Annotated[
    str,
    TextKind(
        "`host[:port]`",
        r"^(https://index\.docker\.io/v1/|(?!docker\.io$)([a-z0-9][-a-z0-9.]*|\[[0-9a-f:.]+\])(:[0-9]+)?)$",
        Message("is not the host of a registry", _NO_LOGIN, "Write host or host:port, without scheme and path, like ghcr.io."),
        (
            (
                r"^docker\.io$",
                Message(
                    "is not the name under which Docker Hub's logins are stored", _NO_LOGIN, "Write https://index.docker.io/v1/ instead."
                ),
            ),
            (r"^[a-z]+://", Message("has a scheme", _NO_LOGIN, _HOST_ALONE)),
            (r"/", Message("has a path", _NO_LOGIN, _HOST_ALONE)),
        ),
    ),
]


@final
class RegistryCredential(CredentialModel):
    """The login of an OCI registry. Its password is the secret `gitops:<name>-password`.

    Kubernetes never changes the type of a Secret, and this one is of type kubernetes.io/dockerconfigjson. If you change `type` to or
    from `registry` under the same name, Pulumi deletes the Secret before it creates the new one, and sources cannot fetch in between.
    Under a new name, the new Secret comes first.
    """

    SECRETS: ClassVar[Mapping[str, str]] = {"password": "the password or token"}
    SECRET_TYPE = "kubernetes.io/dockerconfigjson"  # noqa: S105 (a type)

    type: Literal["registry"] = Field(description="Login of an OCI registry.")
    server: RegistryServer = Field(description="Host of the registry, with its port if it has one.", examples=["ghcr.io"])
    username: Text = Field(description="User name.", examples=["flux"])

    @classmethod
    def uses(cls) -> frozenset[Use]:
        """Everything that is fetched over oci://."""
        return frozenset({Use.HELM_OCI, Use.OCI})

    @property
    def registry(self) -> str | None:
        """`server`."""
        return self.server

    def entries(self, hosts: OfHosts) -> Iterator[AnySecretEntry]:
        """`.dockerconfigjson`."""
        yield SecretEntry(".dockerconfigjson", "password", fault_of_one_line, made_of=partial(docker_config, self.server, self.username))

    def plain_git(self, url: str, read: ReadField) -> PlainGitLogin | None:
        """It does not: Git repositories are not in a registry."""
        return None
