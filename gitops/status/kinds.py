"""Flux's kinds: the order they are shown in, which of them never report, and where each keeps its revision."""

from enum import StrEnum
from typing import Any


class Group(StrEnum):
    """What a kind is for. The order is the order of the table: a failure further down usually has its cause further up."""

    SOURCES = "sources"
    KUSTOMIZATIONS = "kustomizations"
    RELEASES = "releases"
    NOTIFICATIONS = "notifications"
    IMAGES = "images"
    OTHER = "other"


_GROUPS: dict[str, Group] = {
    "GitRepository": Group.SOURCES,
    "OCIRepository": Group.SOURCES,
    "HelmRepository": Group.SOURCES,
    "HelmChart": Group.SOURCES,
    "Bucket": Group.SOURCES,
    "ExternalArtifact": Group.SOURCES,
    "ArtifactGenerator": Group.SOURCES,
    "Kustomization": Group.KUSTOMIZATIONS,
    "HelmRelease": Group.RELEASES,
    "Provider": Group.NOTIFICATIONS,
    "Alert": Group.NOTIFICATIONS,
    "Receiver": Group.NOTIFICATIONS,
    "ImageRepository": Group.IMAGES,
    "ImagePolicy": Group.IMAGES,
    "ImageUpdateAutomation": Group.IMAGES,
}
_KIND_ORDER = {kind: position for position, kind in enumerate(_GROUPS)}
_GROUP_ORDER = {group: position for position, group in enumerate(Group)}


def is_flux_api(group: str) -> bool:
    """Whether an API group is one of Flux's own."""
    return group.endswith(".toolkit.fluxcd.io") or group == "source.extensions.fluxcd.io"


def group_of(kind: str) -> Group:
    """The group of a kind; a kind that a later Flux brings is `other`, never left out."""
    return _GROUPS.get(kind, Group.OTHER)


def kind_order(kind: str) -> tuple[int, int]:
    """A sort key: group first, then the kind's place in it."""
    return _GROUP_ORDER[group_of(kind)], _KIND_ORDER.get(kind, len(_KIND_ORDER))


def why_it_never_reports(body: dict[str, Any]) -> str:
    """Why no controller writes a status on this object; empty for an object that has one or will get one.

    An earlier Flux did report on these, so a condition that is there counts.
    """
    if (body.get("status") or {}).get("conditions"):
        return ""
    if body["kind"] in {"Alert", "Provider"}:
        return "this kind has no status"
    if body["kind"] == "HelmRepository" and (body.get("spec") or {}).get("type") == "oci":
        return "an OCI HelmRepository has no status; the HelmReleases that use it report"
    return ""


def revision_of(body: dict[str, Any]) -> str:
    """What the object stands at: the artifact of a source, the applied revision of a Kustomization, the chart's version of a release."""
    status = body.get("status") or {}
    match body["kind"]:
        case "Kustomization":
            found = status.get("lastAppliedRevision")
        case "HelmRelease":
            found = (status.get("history") or [{}])[0].get("chartVersion")
        case "ImagePolicy":
            found = (status.get("latestRef") or {}).get("tag")
        case "ImageUpdateAutomation":
            found = status.get("lastPushCommit")
        case _:
            found = (status.get("artifact") or {}).get("revision")
    return str(found or "")
