"""The contract of `gitops:flux.controllers`, `proxy` and `patches`: what Flux's controllers get that has no option of `flux install`.

What is verbatim Kubernetes is judged by its schema, with the object that it becomes a part of: stacks/judging/patched_objects.py.
"""

from typing import Any

from pydantic import Field, model_validator

from flux.message import Message
from stacks.contract.base import Strict
from stacks.contract.patch_texts import EgressProxy, NoProxy, WrittenPatch
from stacks.contract.text_kinds import wrong_text
from stacks.contract.texts import Text

PodFields = dict[str, Any]
"""Fields of Kubernetes' API, verbatim."""


class PatchTarget(Strict):
    """The objects that a patch changes, selected as in kustomize: those that satisfy every key. Kinds and names are regular expressions."""

    group: Text | None = Field(default=None, description="API group: `apps`.", examples=["apps"])
    version: Text | None = Field(default=None, description="API version: `v1`.", examples=["v1"])
    kind: Text | None = Field(default=None, description="Kind, as a whole regular expression.", examples=["Deployment"])
    name: Text | None = Field(default=None, description="Name, as a whole regular expression.", examples=["(kustomize|helm)-controller"])
    namespace: Text | None = Field(default=None, description="Namespace, as a whole regular expression.", examples=["flux-system"])
    label_selector: Text | None = Field(default=None, description="Selector of labels.", examples=["app.kubernetes.io/part-of=flux"])
    annotation_selector: Text | None = Field(default=None, description="Selector of annotations.", examples=["team=platform"])


class Patch(Strict):
    """A patch of Flux's install manifests, for one object or for those that `target` selects. One that changes no object is refused."""

    kind: Text | None = Field(default=None, description="Kind of the object to patch.", examples=["Deployment"])
    name: Text | None = Field(default=None, description="Name of the object to patch.", examples=["source-controller"])
    target: PatchTarget | None = Field(
        default=None,
        description="The objects to patch, instead of `kind` and `name`.",
        examples=[{"kind": "Deployment", "name": "(kustomize|helm)-controller"}],
    )
    patch: WrittenPatch = Field(
        description="A strategic merge patch: `null` removes a field, and lists such as containers are merged by name. Or the operations "
        "of a JSON patch (RFC 6902). Either may be YAML in a text, as in Flux's documents.",
        examples=[{"metadata": {"annotations": {"a": "b"}}}],
    )

    @model_validator(mode="after")
    def _says_what_it_patches(self) -> "Patch":
        is_one = self.kind is not None and self.name is not None
        if self.target is not None and (self.kind is not None or self.name is not None):
            wrong, fix = "has both `target` and `kind` or `name`", "Write one of them."
        elif not is_one and self.target is None and self.of_itself is None:
            wrong, fix = "does not say which object it patches", "Write kind and name, or target: {kind: Deployment, name: …}."
        elif self.target is not None and not self.target.model_fields_set:
            wrong, fix = "has an empty `target`", "Write target: {kind: Deployment, name: …}."
        else:
            return self
        raise wrong_text(Message(wrong, "It could not be applied.", fix))

    @property
    def of_itself(self) -> dict[str, str] | None:
        """Kind and name of the object, as a strategic merge patch without `target` names them in itself."""
        if not isinstance(self.patch, dict):
            return None
        metadata = self.patch.get("metadata")
        kind, name = self.patch.get("kind"), metadata.get("name") if isinstance(metadata, dict) else None
        return {"kind": kind, "name": name} if isinstance(kind, str) and isinstance(name, str) else None

    def selector(self) -> dict[str, str]:
        """What it changes, as kustomize selects it."""
        if self.target is not None:
            return self.target.model_dump(by_alias=True, exclude_none=True)
        return {"kind": self.kind, "name": self.name} if self.kind and self.name else self.of_itself or {}

    def change(self) -> dict[str, Any] | list[Any]:
        """The patch, without the name of an object that is selected otherwise: kustomize wants one, and ignores it."""
        if not isinstance(self.patch, dict) or (self.kind and self.name):
            return self.patch
        change = {key: value for key, value in self.patch.items() if key not in ("apiVersion", "kind")}
        if isinstance(change.get("metadata"), dict):
            change["metadata"] = {key: value for key, value in change["metadata"].items() if key not in ("name", "namespace")}
        return change


class Controller(Strict):
    """What the pod of a controller gets besides, each key as in a Pod. Kubernetes merges lists by name, but for tolerations."""

    env: list[PodFields] | None = Field(
        default=None,
        description="Environment variables of the controller.",
        examples=[[{"name": "SSL_CERT_DIR", "value": "/certs"}]],
    )
    annotations: dict[Text, str] | None = Field(
        default=None, description="Annotations of the pod.", examples=[{"prometheus.io/scrape": "true"}]
    )
    affinity: PodFields | None = Field(
        default=None, description="Affinity: beside or apart from which pods, and on which nodes.", examples=[{"podAntiAffinity": {}}]
    )
    host_aliases: list[PodFields] | None = Field(
        default=None,
        description="Lines of /etc/hosts, for names that the cluster's DNS does not know.",
        examples=[[{"ip": "192.168.1.20", "hostnames": ["git.lan"]}]],
    )
    node_selector: dict[Text, str] | None = Field(default=None, description="Labels of the nodes, in addition to `flux.nodeSelector`.")
    tolerations: list[PodFields] | None = Field(default=None, description="Tolerations, in addition to `flux.tolerations`.")
    topology_spread_constraints: list[PodFields] | None = Field(default=None, description="How pods are spread over the cluster.")
    priority_class_name: Text | None = Field(default=None, description="PriorityClass of the pod.", examples=["system-cluster-critical"])


class HttpProxy(Strict):
    """The HTTP proxy of all controllers: HTTPS_PROXY, HTTP_PROXY and NO_PROXY. The API server and the cluster's Services do without it."""

    https: EgressProxy | None = Field(
        default=None, description="Proxy for https:// URLs, registries too.", examples=["http://proxy.example.com:3128"]
    )
    http: EgressProxy | None = Field(default=None, description="Proxy for http:// URLs.", examples=["http://proxy.example.com:3128"])
    no_proxy: list[NoProxy] = Field(
        default_factory=list,
        description="Hosts, domains (`.lan`) and networks that are reached without it, besides the cluster itself.",
        examples=[[".lan", "192.168.0.0/16"]],
    )

    @model_validator(mode="after")
    def _some_proxy(self) -> "HttpProxy":
        if self.https is None and self.http is None:
            raise wrong_text(Message("has neither `https` nor `http`", "No proxy would be used.", "Write https: http://host:port."))
        return self
