"""The contract of a stack file: everything under `gitops:` in Pulumi.<stack>.yaml, except the secrets."""

import re
from typing import Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from flux.bodies import SOPS_AGE_SECRET
from flux.message import Message
from flux.requirement import Environment
from stacks.contract.age import Age
from stacks.contract.base import Strict
from stacks.contract.certificates_text import Certificates
from stacks.contract.credentials.every_type import Credential, credential_secret_keys
from stacks.contract.decryption import Decryption
from stacks.contract.flux_release import Flux
from stacks.contract.known_hosts_text import KnownHosts
from stacks.contract.names import SECRET_VARIABLE
from stacks.contract.text_kinds import wrong_text
from stacks.contract.texts import (
    ExternalName,
    GroupName,
    HexSha256,
    HostName,
    KubernetesVersion,
    ObjectName,
    OverrideTarget,
    Text,
    Uid,
    VariableName,
)
from stacks.contract.url_texts import HostUrl, ServerName, ServerUrl

OnDestroy = Literal["keepWorkloads", "removeWorkloads"]


class Cluster(Strict):
    """The one cluster that this stack may change. A kubeconfig that leads to another cluster is refused before anything is registered."""

    name: ObjectName = Field(
        description="Name of the cluster. Do not change it: it identifies the Kubernetes provider, and another name replaces every "
        "resource.",
        examples=["homelab"],
    )
    kubeconfig: Literal["env", "secret"] = Field(
        default="env", description="Where the kubeconfig is. `env`: in a file that KUBECONFIG lists; `secret`: in `gitops:kubeconfig`."
    )
    context: Text = Field(description="Context of the kubeconfig.", examples=["admin@homelab"])
    server: ServerUrl | None = Field(
        default=None,
        description="URL of the API server. Required, except in development.",
        examples=["https://192.168.1.10:6443"],
    )
    ca_sha256: HexSha256 | None = Field(
        default=None,
        description="SHA-256 of the API server's CA certificate in DER form, as hex digits. Required, except in development.",
        examples=["6f3c…"],
    )
    uid: Uid | None = Field(
        default=None,
        description="UID of the Namespace kube-system, which no two clusters share. Default: from the second `up` on, that of the cluster "
        "in which the stack was last applied.",
        examples=["0b4f6e0e-7d1c-4f2a-9a55-3c1d5a9e8b77"],
    )
    kubernetes_version: KubernetesVersion | None = Field(
        default=None,
        description="Kubernetes version of the cluster. A Flux release that does not support it is refused. Default: not checked.",
        examples=["1.35"],
    )


class Host(Strict):
    """A server with repositories, which sources name in `from: host/repository`. It creates no object."""

    url: HostUrl = Field(
        description="URL to which the path of each repository is appended.", examples=["https://git.daviestechlabs.io/daviestechlabs"]
    )
    known_hosts: KnownHosts | None = Field(
        default=None, description="known_hosts lines of the server. Required for ssh:// URLs: the program never scans a server for its key."
    )
    ca: Certificates | None = Field(
        default=None,
        description="PEM certificates of the private authority that signed the server's certificate. For https:// and oci:// URLs.",
    )


class HostOverride(Strict):
    """Fields that replace those of a host of the catalog, only for this cluster."""

    url: HostUrl | None = Field(default=None, description="Replaces the host's `url`.")
    known_hosts: KnownHosts | None = Field(default=None, description="Replaces the host's `knownHosts`.")
    ca: Certificates | None = Field(default=None, description="Replaces the host's `ca`.")


class AcknowledgedFinding(Strict):
    """A finding of `gitops check` that is accepted: it is shown with its reason, and does not make the command fail."""

    finding: Text = Field(description="Name of the finding.", examples=["plain-secret"])
    repository: Text = Field(description="Name of the source in whose repository it is.", examples=["homelab-k8s"])
    file: Text | None = Field(
        default=None,
        description="File in the repository. Default: the finding is about the repository as a whole.",
        examples=["apps/ks.yaml"],
    )
    because: Text = Field(description="Why it is accepted.", examples=["A password of the test environment, which is public."])


class Stack(Strict):
    """One cluster, without its secrets: each has its own configuration key and never enters a model."""

    environment: Environment = Field(description="Production and staging refuse some of what development allows.", examples=["production"])
    cluster: Cluster = Field(
        description="The one cluster that this stack may change.",
        examples=[{"name": "homelab", "context": "admin@homelab", "server": "https://192.168.1.10:6443", "caSha256": "6f3c…"}],
    )
    flux: Flux = Field(
        description="The Flux release to install, and its options.",
        examples=[{"manifests": "ghcr.io/fluxcd/flux-manifests:v2.9.4@sha256:…"}],
    )
    age: Age = Field(default_factory=Age, description="Age keys that decrypt what SOPS encrypted.")
    decryption: Decryption = Field(default_factory=Decryption, description="Other ways to decrypt what SOPS encrypted.")
    credentials: dict[ObjectName, Credential] = Field(
        default_factory=dict,
        description="Name → credential. Sources of the catalog refer to it by this name, which is also the name of its Secret. Its secrets "
        "are configuration keys of their own.",
    )
    hosts: dict[HostName, HostOverride] = Field(
        default_factory=dict, description="Name of a host of the catalog → fields that replace its own."
    )
    variables: dict[VariableName, str] = Field(
        default_factory=dict,
        description="Variables of the cluster. They become the ConfigMap `stack-vars`, for `postBuild.substituteFrom` of Kustomizations.",
    )
    use: list[GroupName] = Field(min_length=1, description="Groups of the catalog that this cluster gets.", examples=[["base"]])
    override: dict[OverrideTarget, dict[str, Any]] = Field(
        default_factory=dict, description="`section/name` of the catalog → JSON merge patch for that entry. `null` removes a field."
    )
    external_kustomizations: list[ExternalName] = Field(
        default_factory=list,
        description="Kustomizations in Git on which those of this stack may depend: `name`, or `namespace/name`.",
    )
    insecure_hosts: dict[ServerName, Text] = Field(
        default_factory=dict,
        description="Host, or `host:port`, from which sources may be fetched without TLS in production and staging → the reason.",
        examples=[{"gitea-http.gitea.svc.cluster.local": "In the cluster; TLS ends at the ingress."}],
    )
    take_over: list[Text] = Field(
        default_factory=list,
        description="From whom the stack takes over objects that exist: `flux`, `kubectl`, `helm`, `kustomize-controller`, "
        "`flux-operator`, `argocd`, `terraform`, `unknown`, or another stack as `stack/<project>.<stack>`. `pulumi up` refuses objects of "
        "anybody else.",
        examples=[["flux"]],
    )
    remove_taken_over: bool = Field(
        default=False,
        description="Whether `pulumi destroy` removes what was taken over from somebody else. Default: it stays in the cluster.",
    )
    check_record: Text | None = Field(
        default=None,
        description="File in checked/ in which `gitops check` records which key decrypts which file, for previews. "
        "Default: checked/<stack>.yaml.",
        examples=["checked/homelab.yaml"],
    )
    acknowledge: list[AcknowledgedFinding] = Field(
        default_factory=list,
        description="Findings of `gitops check` that are accepted. It shows each with its reason, and reports an entry that matches none.",
        examples=[[{"finding": "plain-secret", "repository": "homelab-k8s", "file": "apps/login.yaml", "because": "Test data."}]],
    )
    on_destroy: OnDestroy = Field(
        default="keepWorkloads",
        description="Whether `pulumi destroy` keeps or removes what Flux applied. Required, except in development.",
        examples=["keepWorkloads"],
    )

    @field_validator("credentials")
    @classmethod
    def _secrets_have_names_of_their_own(cls, credentials: dict[str, Credential], info: ValidationInfo) -> dict[str, Credential]:
        if SOPS_AGE_SECRET in credentials:
            raise wrong_text(
                Message(
                    f"has a credential named {SOPS_AGE_SECRET}, which is the name of the Secret with the age keys",
                    "Flux could not decrypt anything.",
                    "Rename the credential.",
                )
            )
        seen: dict[str, str] = {}
        age, decryption = info.data.get("age", Age()), info.data.get("decryption", Decryption())
        for key in [*age.secret_keys, *decryption.secret_keys(), *credential_secret_keys(credentials), "kubeconfig"]:
            variable = secret_environment_variable(key)
            if variable in seen:
                raise wrong_text(
                    Message(
                        f"needs the secrets {seen[variable]} and {key}, which share the environment variable {variable}",
                        "One of them would be used for the other.",
                        "Rename a credential or an age key.",
                    )
                )
            seen[variable] = key
        return credentials


def secret_keys(stack: Stack) -> list[str]:
    """Keys of the secrets that `stack` implies, without `gitops:`."""
    keys = [*stack.age.secret_keys, *stack.decryption.secret_keys(), *credential_secret_keys(stack.credentials)]
    return [*keys, "kubeconfig"] if stack.cluster.kubeconfig == "secret" else keys


def secret_environment_variable(key: str) -> str:
    """The environment variable that holds a secret when the configuration does not."""
    return SECRET_VARIABLE + re.sub(r"[^A-Z0-9]", "_", key.upper())
