"""Charts and artifacts that install Flux a second time."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flux.message import Message
from flux.object_reference import ObjectReference
from gitops.check import requirements
from gitops.check.file_finding import FileFinding, error
from gitops.check.findings.flux_objects import GitObject
from gitops.check.repository.documents import mapping, text

_MANIFESTS = frozenset({"flux-manifests", "flux-operator-manifests", "flux-operator-manifests-alpine"})
_PUBLISHERS = ("controlplaneio-fluxcd", "fluxcd-community", "fluxcd/flux2", "ghcr.io/fluxcd")
_REPOSITORY = re.compile(r"github\.com[/:]fluxcd/flux2(\.git)?/?$")
_CERTAIN = frozenset({"flux-instance", "flux-operator", "flux2"})
"""Only charts of Flux have these names."""


def second_flux_findings(items: Iterable[GitObject], stack: Iterable[Mapping[str, Any]]) -> Iterator[FileFinding]:
    """HelmReleases and Kustomizations of Git that install Flux, from whichever source, that of the stack too."""
    sources = {_reference(body): mapping(dict(body), "spec") for body in stack}
    items = list(items)
    sources |= {item.reference: mapping(dict(item.body), "spec") for item in items}
    for item in items:
        name = _flux_of(item, sources)
        if name:
            told = Message(
                f"{item.reference} installs {name}, a second Flux",
                "This stack (Pulumi) installs Flux: each would undo the other's changes.",
                "Remove it from Git, with its source and its values.",
            )
            yield error(requirements.OWNED_BY_STACK, item.repository, item.file, told, item.line, item.reference)


def _flux_of(item: GitObject, sources: Mapping[ObjectReference, Mapping[str, Any]]) -> str:
    """What of Flux an object installs; empty for anything else."""
    spec = mapping(dict(item.body), "spec")
    if item.reference.kind == "Kustomization":
        source = _source(item, mapping(spec, "sourceRef"), sources)
        name = _last(text(source, "url"))
        return f"the manifests {name}" if name in _MANIFESTS or _REPOSITORY.search(text(source, "url")) else ""
    if item.reference.kind != "HelmRelease":
        return ""
    chart = mapping(spec, "chart", "spec")
    referred = mapping(spec, "chartRef") or mapping(chart, "sourceRef")
    source = _source(item, referred, sources)
    name = _last(text(chart, "chart")) if chart else ""
    if text(referred, "kind") == "HelmChart" and not chart:
        name = _last(text(source, "chart"))
        source = _source(item, mapping(dict(source), "sourceRef"), sources)
    name = name or _last(text(source, "url"))
    is_flux = name in _CERTAIN or (name == "flux" and any(each in text(source, "url") for each in _PUBLISHERS))
    return f"the chart {name}" if is_flux else ""


def _source(item: GitObject, referred: Mapping[str, Any], sources: Mapping[ObjectReference, Mapping[str, Any]]) -> Mapping[str, Any]:
    namespace = text(referred, "namespace") or item.reference.namespace
    return sources.get(ObjectReference(text(referred, "kind"), namespace, text(referred, "name")), {})


def _reference(body: Mapping[str, Any]) -> ObjectReference:
    metadata = mapping(dict(body), "metadata")
    return ObjectReference(text(dict(body), "kind"), text(metadata, "namespace"), text(metadata, "name"))


def _last(path: str) -> str:
    """The last part of a path or URL, without a tag."""
    return path.rstrip("/").rpartition("/")[2].partition(":")[0].removesuffix(".git")
