"""The contract of a stack file: what stands under `gitops:` in Pulumi.<stack>.yaml."""

import re
from typing import Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from flux.message import Message
from flux.objects import SOPS_AGE_SECRET
from stacks.contract.age import Age
from stacks.contract.base import Strict
from stacks.contract.certificates_text import Certificates
from stacks.contract.credentials.every_type import Credential, credential_secret_keys
from stacks.contract.decryption import Decryption
from stacks.contract.known_hosts_text import KnownHosts
from stacks.contract.text_kinds import wrong_text
from stacks.contract.texts import (
    ClusterDomain,
    ExternalName,
    FlagValue,
    GroupName,
    HexSha256,
    HostName,
    HostUrl,
    ImageRegistry,
    KubernetesVersion,
    Manifests,
    ObjectName,
    OverrideTarget,
    ServerUrl,
    Text,
    VariableName,
)

SECRET_VARIABLE = "GITOPS_SECRET_"  # noqa: S105 (a name)
Environment = Literal["production", "staging", "development"]
OnDestroy = Literal["keepWorkloads", "removeWorkloads"]


class Cluster(Strict):
    """Which cluster this stack is; compared with the kubeconfig before anything is registered."""

    name: ObjectName = Field(
        description="What the cluster is called; stable for its life, as the provider's identity hangs on it.", examples=["homelab"]
    )
    kubeconfig: Literal["env", "secret"] = Field(
        default="env", description="`env`: the file that KUBECONFIG names; `secret`: the secret key `gitops:kubeconfig`."
    )
    context: Text = Field(description="The kubeconfig's context.", examples=["admin@homelab"])
    server: ServerUrl | None = Field(
        default=None,
        description="URL of the API server that this stack may change; required but in development.",
        examples=["https://192.168.1.10:6443"],
    )
    ca_sha256: HexSha256 | None = Field(
        default=None,
        description="SHA-256, in hex, of the DER form of the API server's CA certificate; required but in development.",
        examples=["6f3c…"],
    )
    kubernetes_version: KubernetesVersion | None = Field(
        default=None,
        description="The Kubernetes that the cluster runs; a Flux release that does not support it is refused. Not given: not compared.",
        examples=["1.35"],
    )


class Patch(Strict):
    """A JSON merge patch for one object of Flux's install manifests."""

    kind: Text = Field(description="Kind of the object.", examples=["Deployment"])
    name: Text = Field(description="Name of the object.", examples=["source-controller"])
    patch: dict[str, Any] = Field(description="What is merged over it; null removes.", examples=[{"metadata": {"annotations": {"a": "b"}}}])


class Toleration(Strict):
    """A taint of nodes on which the controllers may run nevertheless."""

    key: Text | None = Field(default=None, description="Key of the taint; none, with `operator: Exists`: any taint.")
    operator: Literal["Equal", "Exists"] | None = Field(default=None, description="How the key is compared; Kubernetes takes Equal.")
    value: str | None = Field(default=None, description="Value of the taint; none with `operator: Exists`.")
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = Field(
        default=None, description="Effect of the taint; none: any."
    )
    toleration_seconds: int | None = Field(default=None, description="How long a pod stays after a NoExecute taint; none: for ever.")


class Flux(Strict):
    """Which Flux is installed, and how."""

    manifests: Manifests = Field(
        description="OCI artifact `registry/repository:tag@sha256:…`, or a directory that begins with `./` or `/`. "
        "Without a digest, or outside this clone, in development only.",
        examples=["ghcr.io/fluxcd/flux-manifests:v2.9.4@sha256:…"],
    )
    components: list[Text] | None = Field(
        default=None,
        min_length=1,
        description="Which controllers. Not given: source-, kustomize-, helm- and notification-controller.",
        examples=[["source-controller", "kustomize-controller"]],
    )
    flags: dict[Text, dict[Text, FlagValue]] = Field(
        default_factory=dict, description="Controller → flag without dashes → value; a list repeats the flag, null removes it."
    )
    size: Literal["small", "medium", "large"] | None = Field(
        default=None, description="Concurrency and limits of the controllers. Not given: the release's own."
    )
    log_level: Literal["debug", "info", "error"] = Field(default="info", description="What the controllers log.")
    cluster_domain: ClusterDomain = Field(default="cluster.local", description="DNS domain of the cluster's Services.")
    network_policy: bool = Field(default=True, description="Whether Flux's own NetworkPolicies are installed.")
    registry: ImageRegistry | None = Field(
        default=None, description="Where the controllers' images are pulled from. Not given: ghcr.io/fluxcd."
    )
    image_pull_secret: ObjectName | None = Field(
        default=None, description="Secret in flux-system with which the controllers' images are pulled; made by somebody else."
    )
    node_selector: dict[Text, str] | None = Field(
        default=None, description="Labels of the nodes that run the controllers. Not given: kubernetes.io/os: linux."
    )
    tolerations: list[Toleration] = Field(default_factory=list, description="Taints of nodes that may run the controllers nevertheless.")
    patches: list[Patch] = Field(default_factory=list, description="JSON merge patches for the install manifests, after everything else.")


class Host(Strict):
    """A server with repositories."""

    url: HostUrl = Field(description="What is put before each repository.", examples=["https://git.daviestechlabs.io/daviestechlabs"])
    known_hosts: KnownHosts | None = Field(default=None, description="known_hosts lines; required for ssh://, and never scanned.")
    ca: Certificates | None = Field(
        default=None, description="Certificates of the private authority that signed the server's, as PEM; with https:// and oci://."
    )


class HostOverride(Strict):
    """What a stack changes of a host."""

    url: HostUrl | None = Field(default=None, description="In place of the catalog's.")
    known_hosts: KnownHosts | None = Field(default=None, description="In place of the catalog's.")
    ca: Certificates | None = Field(default=None, description="In place of the catalog's.")


class Stack(Strict):
    """Everything under `gitops:` in a stack file, but the secrets: those are keys of their own and never enter a model."""

    environment: Environment = Field(
        description="Decides what is refused: production and staging refuse what development allows.", examples=["production"]
    )
    cluster: Cluster = Field(
        description="Which cluster this stack is; compared with the kubeconfig before anything is touched.",
        examples=[{"name": "homelab", "context": "admin@homelab", "server": "https://192.168.1.10:6443", "caSha256": "6f3c…"}],
    )
    flux: Flux = Field(
        description="Which Flux is installed, and how.", examples=[{"manifests": "ghcr.io/fluxcd/flux-manifests:v2.9.4@sha256:…"}]
    )
    age: Age = Field(default_factory=Age, description="The keys with which Flux decrypts what SOPS encrypted.")
    decryption: Decryption = Field(default_factory=Decryption, description="Ways to decrypt other than an age key.")
    credentials: dict[ObjectName, Credential] = Field(
        default_factory=dict,
        description="Name → credential that sources of the catalog refer to by it. Its secrets are keys of their own. To change its "
        "type to or from `registry`, give it another name: see there.",
    )
    hosts: dict[HostName, HostOverride] = Field(default_factory=dict, description="Merged over the catalog's hosts.")
    variables: dict[VariableName, str] = Field(
        default_factory=dict, description="Become the ConfigMap `stack-vars`, for substitution in Kustomizations."
    )
    use: list[GroupName] = Field(min_length=1, description="Groups of the catalog that this cluster gets.", examples=[["base"]])
    override: dict[OverrideTarget, dict[str, Any]] = Field(
        default_factory=dict, description="`section/name` of the catalog → JSON merge patch; null removes."
    )
    external_kustomizations: list[ExternalName] = Field(
        default_factory=list,
        description="Kustomizations that live in Git, so that those of this stack may depend on them: `name`, or `namespace/name`.",
    )
    check_record: Text | None = Field(
        default=None,
        description="File in which `gitops check` records which key reads which encrypted file, for previews to read; "
        "from the repository's root. Not given: checked/<stack>.yaml.",
        examples=["checked/homelab.yaml"],
    )
    on_destroy: OnDestroy = Field(
        default="keepWorkloads",
        description="Whether `pulumi destroy` removes what Flux applied; must be given but in development.",
        examples=["keepWorkloads"],
    )

    @field_validator("credentials")
    @classmethod
    def _secrets_have_names_of_their_own(cls, credentials: dict[str, Credential], info: ValidationInfo) -> dict[str, Credential]:
        if SOPS_AGE_SECRET in credentials:
            raise wrong_text(
                Message(
                    f"names a credential {SOPS_AGE_SECRET}, like the Secret with the age keys", "Flux could decrypt nothing.", "Rename it."
                )
            )
        seen: dict[str, str] = {}
        age, decryption = info.data.get("age", Age()), info.data.get("decryption", Decryption())
        for key in [*age.secret_keys, *decryption.secret_keys(), *credential_secret_keys(credentials), "kubeconfig"]:
            variable = secret_environment_variable(key)
            if variable in seen:
                raise wrong_text(
                    Message(
                        f"needs the secrets {seen[variable]} and {key}, which are both read from {variable}",
                        "One would stand in for the other.",
                        "Rename a credential or an age key.",
                    )
                )
            seen[variable] = key
        return credentials


def secret_keys(stack: Stack) -> list[str]:
    """Secret keys that `stack` implies, without the `gitops:` in front."""
    keys = [*stack.age.secret_keys, *stack.decryption.secret_keys(), *credential_secret_keys(stack.credentials)]
    return [*keys, "kubeconfig"] if stack.cluster.kubeconfig == "secret" else keys


def secret_environment_variable(key: str) -> str:
    """The environment variable from which a secret key is read when config lacks it."""
    return SECRET_VARIABLE + re.sub(r"[^A-Z0-9]", "_", key.upper())
