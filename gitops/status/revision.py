"""The revision of an object, and which objects never report one."""

from typing import Any

Body = dict[str, Any]


def why_it_never_reports(body: Body) -> str:
    """Why no controller writes a status on this object; empty for an object that has one or will get one.

    An earlier Flux did report on these, so an existing condition counts.
    """
    if (body.get("status") or {}).get("conditions"):
        return ""
    if body["kind"] in {"Alert", "Provider"}:
        return "this kind has no status"
    if body["kind"] == "HelmRepository" and (body.get("spec") or {}).get("type") == "oci":
        return "an OCI HelmRepository has no status; the HelmReleases that use it report"
    return ""


def revision_of(body: Body) -> str:
    """The revision of the object: the artifact of a source, the applied revision of a Kustomization, the chart's version of a release."""
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
