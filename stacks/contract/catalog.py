"""The contract of catalog.yaml: the organisation's sources and Kustomizations, declared once for all clusters."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from flux.message import Message
from flux.object_reference import FLUX_NAMESPACE
from stacks.contract.base import Strict
from stacks.contract.stack import Host
from stacks.contract.text_kinds import wrong_text
from stacks.contract.texts import GroupName, HostName, ObjectName, ShardName, Text
from stacks.contract.url_texts import HostPath, HostUrl

Spec = dict[str, Any]
"""Fields of Flux's API, verbatim. The CRDs of the release that a stack installs validate them."""

GROUPS = "Groups of the entry. A cluster gets the entry if its stack uses one of them."
SPEC = "Fields of Flux's API, verbatim. They override `defaults` of the kind."
SHARD = "Shard whose controllers reconcile the object: one of `flux.shards` of the stack. Default: the main controllers."
LABELS = "Labels of the object, in addition to those that mark it as the stack's."
ANNOTATIONS = "Annotations of the object. `pulumi.com/waitFor: condition=Ready` makes `pulumi up` wait until it is ready."


class SourceEntry(Strict):
    """Where a source is: on a host of the catalog, or at its own URL."""

    from_: HostPath | None = Field(
        default=None, alias="from", description="`host/repository`: a name under `hosts`, and the path that is appended to its URL."
    )
    url: HostUrl | None = Field(
        default=None, description="URL of the source, instead of `from`. It gets `knownHosts` and `ca` of a host on the same server."
    )
    credential: ObjectName | None = Field(default=None, description="Name of a credential of the stack. A public source needs none.")
    certificate: ObjectName | None = Field(
        default=None, description="Name of a credential of type `tls`. For Helm and OCI; Git reads certificates from `credential`."
    )
    proxy: ObjectName | None = Field(default=None, description="Name of a credential of type `proxy`. For Git and OCI.")
    groups: list[GroupName] = Field(default_factory=lambda: ["base"], min_length=1, description=GROUPS)
    shard: ShardName | None = Field(default=None, description=SHARD, examples=["shard1"])
    labels: dict[Text, str] = Field(default_factory=dict, description=LABELS)
    annotations: dict[Text, str] = Field(default_factory=dict, description=ANNOTATIONS)
    spec: Spec = Field(default_factory=dict, description=SPEC)

    @model_validator(mode="after")
    def _one_address(self) -> "SourceEntry":
        if (self.from_ is None) == (self.url is None):
            raise wrong_text(
                Message(
                    "must have exactly one of `from` and `url`",
                    "Flux would not know where to fetch from.",
                    "Write from: host/repository, or url.",
                )
            )
        return self


class GitEntry(SourceEntry):
    """A GitRepository. Its name may differ from the name of the repository."""


class HelmEntry(SourceEntry):
    """A HelmRepository, or an OCIRepository."""

    kind: Literal["HelmRepository", "OCIRepository"] | None = Field(
        default=None, description="Kind of the object. Default: OCIRepository for an `oci://` URL, otherwise HelmRepository."
    )


class OciEntry(SourceEntry):
    """An OCIRepository of an artifact with manifests, as `flux push artifact` makes it: a source of Kustomizations."""


class KustomizationEntry(Strict):
    """A Kustomization: a path of a source that Flux applies. Flux owns what is in that path; Pulumi does not."""

    groups: list[GroupName] = Field(default_factory=lambda: ["base"], min_length=1, description=GROUPS)
    inherit: list[Text] = Field(
        default_factory=list, description="Fields of `spec` that are patched into the Kustomizations that this one applies."
    )
    shard: ShardName | None = Field(default=None, description=SHARD, examples=["shard1"])
    labels: dict[Text, str] = Field(default_factory=dict, description=LABELS)
    annotations: dict[Text, str] = Field(default_factory=dict, description=ANNOTATIONS)
    spec: Spec = Field(description=SPEC, examples=[{"sourceRef": {"kind": "GitRepository", "name": "homelab-k8s2"}, "path": "./apps"}])


def _own_namespace(given: Any) -> Any:
    if isinstance(given, str) and given != FLUX_NAMESPACE:
        raise wrong_text(
            Message(
                f"is not {FLUX_NAMESPACE}, the only namespace in which a stack creates objects",
                "In another namespace, the program could check neither its owner nor its Secrets.",
                "Remove it, or put the object into a repository that a Kustomization applies, which may apply to any namespace.",
            )
        )
    return given


OwnNamespace = Annotated[Literal["flux-system"], BeforeValidator(_own_namespace)]


class ObjectMetadata(Strict):
    """Name, labels and annotations of an object."""

    name: ObjectName = Field(description="Name of the object.", examples=["models"])
    namespace: OwnNamespace = Field(default="flux-system", description="Namespace of all objects of a stack.")
    labels: dict[Text, str] = Field(default_factory=dict, description=LABELS)
    annotations: dict[Text, str] = Field(default_factory=dict, description=ANNOTATIONS)


class ObjectBody(Strict):
    """A Flux object as `kubectl apply` takes it."""

    api_version: Text = Field(description="API group and version.", examples=["source.toolkit.fluxcd.io/v1"])
    kind: Text = Field(description="Any kind of Flux.", examples=["Bucket"])
    metadata: ObjectMetadata = Field(description="Name, labels and annotations.", examples=[{"name": "models"}])
    spec: Spec = Field(default_factory=dict, description=SPEC)

    @model_validator(mode="before")
    @classmethod
    def _of_flux_or_refused_for_that_alone(cls, given: Any) -> Any:
        """Without the fields that other kinds have: that the kind is none of Flux is the one fault of such an object."""
        if not isinstance(given, dict):
            return given
        version = given.get("apiVersion")
        if not isinstance(version, str) or version.partition("/")[0].endswith("fluxcd.io"):
            return given
        return {key: value for key, value in given.items() if key in {"apiVersion", "kind", "metadata", "spec"}}


class ObjectEntry(Strict):
    """A Flux object of any other kind, verbatim."""

    groups: list[GroupName] = Field(default_factory=lambda: ["base"], min_length=1, description=GROUPS)
    object: ObjectBody = Field(
        description="The object, as `kubectl apply` takes it.",
        examples=[{"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "Bucket", "metadata": {"name": "models"}, "spec": {}}],
    )


CatalogEntry = GitEntry | HelmEntry | OciEntry | KustomizationEntry | ObjectEntry
"""An entry of any section."""


class Catalog(Strict):
    """The sources and Kustomizations of all clusters. A cluster gets those whose groups its stack uses."""

    hosts: dict[HostName, Host] = Field(default_factory=dict, description="Name of a host → server with repositories.")
    defaults: dict[Text, Spec] = Field(default_factory=dict, description="Kind → fields of `spec` for every object of this kind.")
    git: dict[ObjectName, GitEntry] = Field(default_factory=dict, description="Name of a GitRepository → where it is.")
    helm: dict[ObjectName, HelmEntry] = Field(
        default_factory=dict, description="Name of a HelmRepository or OCIRepository → where it is. A bare URL is short for `{url: …}`."
    )
    oci: dict[ObjectName, OciEntry] = Field(
        default_factory=dict, description="Name of an OCIRepository with manifests → where it is. Helm charts are under `helm`."
    )
    kustomizations: dict[ObjectName, KustomizationEntry] = Field(
        default_factory=dict, description="Name of a Kustomization → what it applies."
    )
    objects: list[ObjectEntry] = Field(default_factory=list, description="Other Flux objects.")

    @model_validator(mode="before")
    @classmethod
    def _bare_urls(cls, value: Any) -> Any:
        if isinstance(value, dict) and isinstance(value.get("helm"), dict):
            helm = {name: {"url": entry} if isinstance(entry, str) else entry for name, entry in value["helm"].items()}
            return {**value, "helm": helm}
        return value
