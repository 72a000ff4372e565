"""The contract of a stack file: what stands under `gitops:` in Pulumi.<stack>.yaml."""

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

DNS_LABEL = r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"

ObjectName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$")]
"""Name of a Kubernetes object."""
KeyName = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9]([-_.a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$")]
"""Name of an age key; with `.agekey` behind it, it becomes an entry of a Secret."""
GroupName = Annotated[str, StringConstraints(pattern=DNS_LABEL)]
VariableName = Annotated[str, StringConstraints(pattern=r"^[_a-zA-Z][_a-zA-Z0-9]*$")]
HexSha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
ServerUrl = Annotated[str, StringConstraints(pattern=r"^https://[^/\s]+/?$")]
HostUrl = Annotated[str, StringConstraints(pattern=r"^(https?|ssh|oci)://[^\s]+$")]
AgeRecipient = Annotated[str, StringConstraints(pattern=r"^age1[0-9a-z]+$")]
OverrideTarget = Annotated[str, StringConstraints(pattern=r"^(git|helm|kustomizations)/.+$")]

Environment = Literal["production", "staging", "development"]
OnDestroy = Literal["keepWorkloads", "removeWorkloads"]


class Strict(BaseModel):
    """Unknown keys are refused, nothing is converted, keys are camelCase as in Flux, and errors do not repeat values."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, hide_input_in_errors=True, alias_generator=to_camel, validate_by_name=False
    )


class Cluster(Strict):
    """Which cluster this stack is; compared with the kubeconfig before anything is registered."""

    name: ObjectName = Field(description="What the cluster is called; stable for its life, as the provider's identity hangs on it.")
    kubeconfig: Literal["env", "secret"] = Field(
        default="env", description="`env`: the file that KUBECONFIG names; `secret`: the secret key `gitops:kubeconfig`."
    )
    context: str = Field(min_length=1, description="The kubeconfig's context.")
    server: ServerUrl = Field(description="URL of the API server that this stack may change.")
    ca_sha256: HexSha256 = Field(description="SHA-256, in hex, of the DER form of the API server's CA certificate.")


class Patch(Strict):
    """A JSON merge patch for one object of Flux's install manifests."""

    kind: str
    name: str
    patch: dict[str, Any]


class Flux(Strict):
    """Which Flux is installed, and how."""

    manifests: str = Field(min_length=1, description="OCI artifact `registry/repository:tag@sha256:…`, or a directory.")
    components: list[str] | None = Field(default=None, description="Default: source-, kustomize-, helm- and notification-controller.")
    flags: dict[str, dict[str, str | bool | int | list[str] | None]] = Field(
        default_factory=dict, description="Controller → flag without dashes → value; a list repeats the flag, null removes it."
    )
    size: Literal["small", "medium", "large"] | None = Field(default=None, description="Concurrency and limits of the controllers.")
    log_level: Literal["debug", "info", "error"] = "info"
    cluster_domain: str = Field(default="cluster.local", pattern=r"^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$")
    network_policy: bool = True
    registry: str | None = Field(default=None, description="Where the controllers' images are pulled from. Default: ghcr.io/fluxcd.")
    image_pull_secret: ObjectName | None = None
    node_selector: dict[str, str] | None = None
    tolerations: list[dict[str, Any]] = Field(default_factory=list)
    patches: list[Patch] = Field(default_factory=list)


class Age(Strict):
    """The keys with which Flux decrypts, and the people who may decrypt, too."""

    keys: dict[KeyName, Literal["supplied", "generated"]] = Field(
        default_factory=dict,
        description="Name → `supplied` (secret key `gitops:age-<name>`) or `generated`. Several keys live side by side while rotating.",
    )
    recipients: list[AgeRecipient] = Field(default_factory=list, description="Public keys of people.")


class SshCredential(Strict):
    """An SSH key; read from the secret key `<name>-identity`. known_hosts are those of the hosts that use it."""

    type: Literal["ssh"]


class BasicCredential(Strict):
    """A user name and a password or access token; read from the secret key `<name>-password`."""

    type: Literal["basic"]
    username: str = Field(min_length=1)


Credential = Annotated[SshCredential | BasicCredential, Field(discriminator="type")]


class Host(Strict):
    """A server with repositories."""

    url: HostUrl
    known_hosts: str | None = Field(default=None, description="known_hosts lines; required for ssh://, and never scanned.")


class HostOverride(Strict):
    """What a stack changes of a host."""

    url: HostUrl | None = None
    known_hosts: str | None = None


class Stack(Strict):
    """Everything under `gitops:` in a stack file, but the secrets: those are keys of their own and never enter a model."""

    environment: Environment = Field(description="Decides what is refused.")
    cluster: Cluster
    flux: Flux
    age: Age = Field(default_factory=Age)
    credentials: dict[ObjectName, Credential] = Field(default_factory=dict)
    hosts: dict[str, HostOverride] = Field(default_factory=dict, description="Merged over the catalog's hosts.")
    variables: dict[VariableName, str] = Field(default_factory=dict, description="Become the ConfigMap `stack-vars`.")
    use: list[GroupName] = Field(min_length=1, description="Groups of the catalog that this cluster gets.")
    override: dict[OverrideTarget, dict[str, Any]] = Field(
        default_factory=dict, description="`section/name` of the catalog → JSON merge patch; null removes."
    )
    on_destroy: OnDestroy = Field(default="keepWorkloads", description="Whether `pulumi destroy` removes what Flux applied.")


def secret_keys(stack: Stack) -> list[str]:
    """Secret keys that `stack` implies, without the `gitops:` in front."""
    keys = [f"age-{name}" for name, origin in stack.age.keys.items() if origin == "supplied"]
    for name, credential in stack.credentials.items():
        keys.append(f"{name}-identity" if isinstance(credential, SshCredential) else f"{name}-password")
    if stack.cluster.kubeconfig == "secret":
        keys.append("kubeconfig")
    return keys


def secret_environment_variable(key: str) -> str:
    """The environment variable from which a secret key is read when config lacks it."""
    return "GITOPS_SECRET_" + re.sub(r"[^A-Z0-9]", "_", key.upper())
