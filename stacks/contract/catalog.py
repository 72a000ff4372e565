"""The contract of catalog.yaml: the organisation's sources and Kustomizations, declared once for all clusters."""

from typing import Any, Literal

from pydantic import Field, model_validator

from flux.message import Message
from stacks.contract.base import Strict
from stacks.contract.stack import Host
from stacks.contract.text_kinds import wrong_text
from stacks.contract.texts import GroupName, HostName, HostPath, HostUrl, ObjectName, Text

Spec = dict[str, Any]
"""Verbatim Flux."""

GROUPS = "A stack that uses one of these groups gets it."
SPEC = "Verbatim Flux, over the defaults of its kind."
LABELS = "Labels of the object, besides those that mark it as a stack's."
ANNOTATIONS = "Annotations of the object; `pulumi.com/waitFor: condition=Ready` makes `pulumi up` wait for it."


class Source(Strict):
    """Where a source lies: on a host of the catalog, or under a URL of its own."""

    from_: HostPath | None = Field(
        default=None, alias="from", description="`host/repository`: a name under `hosts`, and what is appended to its URL."
    )
    url: HostUrl | None = Field(default=None, description="In place of `from`.")
    credential: ObjectName | None = Field(default=None, description="Name of a credential of the stack; public without.")
    certificate: ObjectName | None = Field(
        default=None, description="Name of a credential of type `tls`; for Helm and OCI, as Git reads certificates from `credential`."
    )
    proxy: ObjectName | None = Field(default=None, description="Name of a credential of type `proxy`; for Git and OCI.")
    groups: list[GroupName] = Field(default_factory=lambda: ["base"], min_length=1, description=GROUPS)
    labels: dict[Text, str] = Field(default_factory=dict, description=LABELS)
    annotations: dict[Text, str] = Field(default_factory=dict, description=ANNOTATIONS)
    spec: Spec = Field(default_factory=dict, description=SPEC)

    @model_validator(mode="after")
    def _one_address(self) -> "Source":
        if (self.from_ is None) == (self.url is None):
            raise wrong_text(
                Message(
                    "must have exactly one of `from` and `url`",
                    "Flux would not know where to fetch from.",
                    "Write from: host/repository, or url.",
                )
            )
        return self


class GitEntry(Source):
    """A GitRepository. Its name need not be the repository's."""


class HelmEntry(Source):
    """A HelmRepository; an `oci://` URL makes an OCIRepository unless `kind` says otherwise."""

    kind: Literal["HelmRepository", "OCIRepository"] | None = Field(
        default=None, description="Not given: OCIRepository for an `oci://` URL, else HelmRepository."
    )


class KustomizationEntry(Strict):
    """A Kustomization: a path of a source that Flux applies."""

    groups: list[GroupName] = Field(default_factory=lambda: ["base"], min_length=1, description=GROUPS)
    inherit: list[Text] = Field(default_factory=list, description="Fields of `spec` that child Kustomizations get, too.")
    labels: dict[Text, str] = Field(default_factory=dict, description=LABELS)
    annotations: dict[Text, str] = Field(default_factory=dict, description=ANNOTATIONS)
    spec: Spec = Field(description=SPEC, examples=[{"sourceRef": {"kind": "GitRepository", "name": "homelab-k8s2"}, "path": "./apps"}])


class ObjectMetadata(Strict):
    """What an object is called, and how it is marked."""

    name: ObjectName = Field(description="Name of the object.", examples=["models"])
    namespace: Literal["flux-system"] = Field(default="flux-system", description="Where all objects of a stack live.")
    labels: dict[Text, str] = Field(default_factory=dict, description=LABELS)
    annotations: dict[Text, str] = Field(default_factory=dict, description=ANNOTATIONS)


class ObjectBody(Strict):
    """A Flux object as `kubectl apply` would take it."""

    api_version: Text = Field(description="Group and version.", examples=["source.toolkit.fluxcd.io/v1"])
    kind: Text = Field(description="Any kind of Flux.", examples=["Bucket"])
    metadata: ObjectMetadata = Field(description="What it is called.", examples=[{"name": "models"}])
    spec: Spec = Field(default_factory=dict, description=SPEC)


class ObjectEntry(Strict):
    """Any other Flux object, verbatim."""

    groups: list[GroupName] = Field(default_factory=lambda: ["base"], min_length=1, description=GROUPS)
    object: ObjectBody = Field(
        description="The object.",
        examples=[{"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "Bucket", "metadata": {"name": "models"}, "spec": {}}],
    )


class Catalog(Strict):
    """Nothing of it is deployed unless a stack uses its group."""

    hosts: dict[HostName, Host] = Field(default_factory=dict, description="Name → server with repositories.")
    defaults: dict[Text, Spec] = Field(default_factory=dict, description="Kind → what is merged under the spec of each object of it.")
    git: dict[ObjectName, GitEntry] = Field(default_factory=dict, description="Name of the GitRepository → where it lies.")
    helm: dict[ObjectName, HelmEntry] = Field(
        default_factory=dict, description="Name of the HelmRepository or OCIRepository → where it lies. A bare URL is short for `{url: …}`."
    )
    kustomizations: dict[ObjectName, KustomizationEntry] = Field(
        default_factory=dict, description="Name of the Kustomization → what Flux applies."
    )
    objects: list[ObjectEntry] = Field(default_factory=list, description="Any other Flux objects.")

    @model_validator(mode="before")
    @classmethod
    def _bare_urls(cls, value: Any) -> Any:
        if isinstance(value, dict) and isinstance(value.get("helm"), dict):
            helm = {name: {"url": entry} if isinstance(entry, str) else entry for name, entry in value["helm"].items()}
            return {**value, "helm": helm}
        return value
