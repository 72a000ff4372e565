"""The kinds of Flux: where the API server has each of them, and which controller reconciles it. The one list of them."""

from dataclasses import dataclass

COMPONENT_LABEL = "app.kubernetes.io/component"
"""On what is installed of a controller: its name. A copy of it has the same."""
VERSION_LABEL = "app.kubernetes.io/version"
"""On what is installed: Flux's version."""
APPLIERS = ("Kustomization", "HelmRelease")
"""Kinds whose objects apply others. When one is deleted, its controller decides by its policy what becomes of these."""
MADE_BY_CONTROLLERS = ("HelmChart", "ExternalArtifact")
"""The kinds that people seldom write: a controller makes them for an object of another kind."""
_TOOLKIT = ".toolkit.fluxcd.io"
_EXTENSIONS = "source.extensions.fluxcd.io"
SOURCE_API_GROUP = f"source{_TOOLKIT}"
"""The API group without which nothing of Flux works."""


@dataclass(frozen=True, kw_only=True)
class FluxKind:
    """A kind."""

    kind: str
    plural: str
    api_group: str
    controller: str
    """The Deployment that reconciles it; empty for what other programs write."""


def _kinds(api_group: str, controller: str, **plurals: str) -> list[FluxKind]:
    return [FluxKind(kind=kind, plural=plural, api_group=api_group, controller=controller) for kind, plural in plurals.items()]


KINDS: dict[str, FluxKind] = {
    each.kind: each
    for each in (
        *_kinds(
            SOURCE_API_GROUP,
            "source-controller",
            GitRepository="gitrepositories",
            OCIRepository="ocirepositories",
            HelmRepository="helmrepositories",
            HelmChart="helmcharts",
            Bucket="buckets",
        ),
        *_kinds(SOURCE_API_GROUP, "", ExternalArtifact="externalartifacts"),
        *_kinds(_EXTENSIONS, "source-watcher", ArtifactGenerator="artifactgenerators"),
        *_kinds(f"kustomize{_TOOLKIT}", "kustomize-controller", Kustomization="kustomizations"),
        *_kinds(f"helm{_TOOLKIT}", "helm-controller", HelmRelease="helmreleases"),
        *_kinds(f"notification{_TOOLKIT}", "notification-controller", Provider="providers", Alert="alerts", Receiver="receivers"),
        *_kinds(f"image{_TOOLKIT}", "image-reflector-controller", ImageRepository="imagerepositories", ImagePolicy="imagepolicies"),
        *_kinds(f"image{_TOOLKIT}", "image-automation-controller", ImageUpdateAutomation="imageupdateautomations"),
    )
}
"""Sources first, and what uses them after: a failure further down usually has its cause further up."""


def api_group(api_version: str) -> str:
    """The group of an `apiVersion`; empty for Kubernetes' core."""
    return api_version.rpartition("/")[0]


def is_flux_api(api_group: str) -> bool:
    """Whether an API group is one of Flux's own."""
    return api_group.endswith(_TOOLKIT) or api_group == _EXTENSIONS


def controller_of(kind: str) -> str:
    """The Deployment that reconciles a kind; empty where that is not known, or none does."""
    known = KINDS.get(kind)
    return known.controller if known else ""
