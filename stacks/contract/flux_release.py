"""The contract of `gitops:flux`: which release of Flux is installed, and with which options.

What the release has, and whether an option fits it, is judged by flux/release; flux/rules compares it with the cluster's Kubernetes.
"""

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field, field_validator

from flux.message import Message
from stacks.contract.base import Strict
from stacks.contract.controller_pods import Controller, HttpProxy, Patch
from stacks.contract.flux_verification import Verification
from stacks.contract.install_texts import ClusterDomain, ImageRegistry, Manifests, WrittenFlagValue
from stacks.contract.quantity_texts import Memory, Quantity
from stacks.contract.text_kinds import wrong_text
from stacks.contract.texts import ObjectName, ShardName, Text


class Toleration(Strict):
    """A Kubernetes toleration: the controllers may run on nodes that have this taint. The fields and defaults are those of a Pod."""

    key: Text | None = Field(default=None, description="Key of the taint. Without it, `operator: Exists` tolerates every taint.")
    operator: Literal["Equal", "Exists"] | None = Field(
        default=None, description="`Equal`: the taint has `value`; `Exists`: any value. Default: Equal."
    )
    value: str | None = Field(default=None, description="Value of the taint. Leave it out with `operator: Exists`.")
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = Field(
        default=None, description="Effect of the taint. Default: every effect."
    )
    toleration_seconds: int | None = Field(
        default=None, description="Seconds that a pod stays after its node gets the taint, with `effect: NoExecute`. Default: no limit."
    )


class Amounts(Strict):
    """How much of each resource, as a Kubernetes quantity. `null` removes what the release or `size` sets."""

    cpu: Quantity | None = Field(default=None, description="CPU: `500m` is half a core.", examples=["500m"])
    memory: Memory | None = Field(default=None, description="Memory: `1Gi` is 1024 MiB.", examples=["1Gi"])
    ephemeral_storage: Memory | None = Field(
        default=None, alias="ephemeral-storage", description="Disk of the node, for what the controller unpacks.", examples=["10Gi"]
    )


class Resources(Strict):
    """The resources of a controller's container, as in a Pod. What is not written stays as the release or `size` sets it."""

    requests: Amounts = Field(default_factory=Amounts, description="What the node must have free.", examples=[{"memory": "256Mi"}])
    limits: Amounts = Field(default_factory=Amounts, description="What the controller may use at most.", examples=[{"memory": "2Gi"}])


class Flux(Strict):
    """The Flux release to install, and its options. The defaults are those of `flux install`."""

    ELSEWHERE: ClassVar[Mapping[str, Message]] = {
        "namespace": Message(
            "cannot be chosen: Flux is always installed in flux-system",
            "Secrets, references and the ownership guard all assume that namespace.",
            "Remove it.",
        ),
    }

    manifests: Manifests = Field(
        description="Flux's install manifests: an OCI artifact, `registry/repository:tag@sha256:…`, or a directory that begins with `./` "
        "or `/`. Only development allows an artifact without a digest, or a directory outside this repository.",
        examples=["ghcr.io/fluxcd/flux-manifests:v2.9.4@sha256:…"],
    )
    verify: Verification | None = Field(
        default=None, description="Signature that the artifact in `manifests` must have. Default: none is looked for."
    )
    allow_downgrade: bool = Field(
        default=False, description="Whether `pulumi up` may install an older release than the one in the cluster."
    )
    components: list[Text] | None = Field(
        default=None,
        min_length=1,
        description="Controllers to install. Default: source-controller, kustomize-controller, helm-controller and "
        "notification-controller.",
        examples=[["source-controller", "kustomize-controller"]],
    )
    flags: dict[Text, dict[Text, WrittenFlagValue]] = Field(
        default_factory=dict, description="Controller → flag without dashes → value. A list repeats the flag; `null` removes it."
    )
    shards: list[ShardName] = Field(
        default_factory=list,
        description="Names of shards. Each gets its own source-controller, kustomize-controller and helm-controller, for the entries whose "
        "`shard` names it and for other objects with the label `sharding.fluxcd.io/key`; flags, resources and patches of a controller hold "
        "for its copies, too.",
        examples=[["shard1", "shard2"]],
    )
    size: Literal["small", "medium", "large"] | None = Field(
        default=None, description="Preset for the concurrency and the resource limits of the controllers. Default: what the release sets."
    )
    resources: dict[Text, Resources] = Field(
        default_factory=dict,
        description="Controller → its resources, on top of `size`.",
        examples=[{"kustomize-controller": {"limits": {"memory": "2Gi"}}}],
    )
    log_level: Literal["debug", "info", "error"] = Field(default="info", description="Log level of the controllers.")
    cluster_domain: ClusterDomain = Field(default="cluster.local", description="DNS domain of the cluster's Services.")
    network_policy: bool = Field(default=True, description="Whether to install Flux's NetworkPolicies.")
    registry: ImageRegistry | None = Field(
        default=None, description="Registry and path of the controllers' images. Default: ghcr.io/fluxcd."
    )
    image_pull_secret: ObjectName | None = Field(
        default=None, description="Secret in flux-system for pulling the controllers' images. This program does not create it."
    )
    node_selector: dict[Text, str] | None = Field(
        default=None, description="Labels of the nodes that may run the controllers. Default: `kubernetes.io/os: linux`."
    )
    tolerations: list[Toleration] = Field(default_factory=list, description="Tolerations of the controllers.")
    controllers: dict[Text, Controller] = Field(
        default_factory=dict,
        description="Controller, or `all` → what its pod gets besides.",
        examples=[{"source-controller": {"hostAliases": [{"ip": "192.168.1.20", "hostnames": ["git.lan"]}]}}],
    )
    proxy: HttpProxy | None = Field(
        default=None,
        description="HTTP proxy of all controllers. Default: none. A source can have one of its own instead, a credential of type `proxy`.",
        examples=[{"https": "http://proxy.example.com:3128"}],
    )
    patches: list[Patch] = Field(default_factory=list, description="Patches of the install manifests, applied after all other options.")

    @field_validator("shards")
    @classmethod
    def _each_shard_once(cls, shards: list[str]) -> list[str]:
        if len(set(shards)) < len(shards):
            wrong = "has a shard twice"
            raise wrong_text(Message(wrong, "Two controllers would have the same name.", "Write each shard once."))
        return shards
