"""The contract of stacks/catalog.yaml: the organisation's sources and Kustomizations, declared once for all clusters."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints, model_validator

from stacks.model import GroupName, Host, HostUrl, ObjectName, Strict

HostPath = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][-a-z0-9]*/[^\s]+$")]
"""`host/repository`: a name under `hosts`, and what is appended to that host's URL."""

Spec = dict[str, Any]
"""Verbatim Flux."""


class Source(Strict):
    """Where a source lies: on a host of the catalog, or under a URL of its own."""

    from_: HostPath | None = Field(default=None, alias="from", description="`host/repository`.")
    url: HostUrl | None = Field(default=None, description="In place of `from`.")
    credential: ObjectName | None = Field(default=None, description="Name of a credential of the stack; public without.")
    groups: list[GroupName] = Field(default_factory=lambda: ["base"])
    spec: Spec = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_address(self) -> "Source":
        if (self.from_ is None) == (self.url is None):
            raise ValueError("give exactly one of `from: host/repository` and `url`; otherwise it is unknown where Flux would fetch from")
        return self


class GitEntry(Source):
    """A GitRepository. Its name need not be the repository's."""


class HelmEntry(Source):
    """A HelmRepository; an `oci://` URL makes an OCIRepository unless `kind` says otherwise."""

    kind: Annotated[str, StringConstraints(pattern="^(HelmRepository|OCIRepository)$")] | None = None


class KustomizationEntry(Strict):
    """A Kustomization: a path of a source that Flux applies."""

    groups: list[GroupName] = Field(default_factory=lambda: ["base"])
    inherit: list[str] = Field(default_factory=list, description="Fields of `spec` that child Kustomizations get, too.")
    spec: Spec


class ObjectEntry(Strict):
    """Any other Flux object, verbatim."""

    groups: list[GroupName] = Field(default_factory=lambda: ["base"])
    object: dict[str, Any]


class Catalog(Strict):
    """Nothing of it is deployed unless a stack uses its group."""

    hosts: dict[str, Host] = Field(default_factory=dict)
    defaults: dict[str, Spec] = Field(default_factory=dict, description="Kind → what is merged under the spec of each object of it.")
    git: dict[ObjectName, GitEntry] = Field(default_factory=dict)
    helm: dict[ObjectName, HelmEntry] = Field(default_factory=dict, description="A bare URL is short for `{url: …}`.")
    kustomizations: dict[ObjectName, KustomizationEntry] = Field(default_factory=dict)
    objects: list[ObjectEntry] = Field(default_factory=list)

    @model_validator(mode="before")
    @classmethod
    def _bare_urls(cls, value: Any) -> Any:
        if isinstance(value, dict) and isinstance(value.get("helm"), dict):
            helm = {name: {"url": entry} if isinstance(entry, str) else entry for name, entry in value["helm"].items()}
            return {**value, "helm": helm}
        return value
