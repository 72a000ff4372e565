"""Charts and artifacts that install Flux a second time."""

import re
from collections.abc import Iterable, Iterator

from flux.message import Message
from gitops.check import requirements
from gitops.check.file_finding import FileFinding, error
from gitops.check.findings.flux_objects import GitObject
from gitops.check.findings.installed_charts import InstalledCharts, last_part
from gitops.check.repository.documents import mapping, text

_MANIFESTS = frozenset({"flux-manifests", "flux-operator-manifests", "flux-operator-manifests-alpine"})
_PUBLISHERS = ("controlplaneio-fluxcd", "fluxcd-community", "fluxcd/flux2", "ghcr.io/fluxcd")
_REPOSITORY = re.compile(r"github\.com[/:]fluxcd/flux2(\.git)?/?$")
_CERTAIN = frozenset({"flux-instance", "flux-operator", "flux2"})
"""Only charts of Flux have these names."""


def second_flux_findings(items: Iterable[GitObject], charts: InstalledCharts) -> Iterator[FileFinding]:
    """HelmReleases and Kustomizations of Git that install Flux, from whichever source, that of the stack too."""
    for item in items:
        name = _flux_of(item, charts)
        if name:
            told = Message(
                f"{item.reference} installs {name}, a second Flux",
                "This stack (Pulumi) installs Flux: each would undo the other's changes.",
                "Remove it from Git, with its source and its values.",
            )
            yield error(requirements.OWNED_BY_STACK, item.repository, item.file, told, item.line, item.reference)


def _flux_of(item: GitObject, charts: InstalledCharts) -> str:
    """What of Flux an object installs; empty for anything else."""
    if item.reference.kind == "Kustomization":
        source = charts.source(mapping(dict(item.body), "spec", "sourceRef"), item.reference.namespace)
        url = text(dict(source), "url")
        name = last_part(url)
        return f"the manifests {name}" if name in _MANIFESTS or _REPOSITORY.search(url) else ""
    if item.reference.kind != "HelmRelease":
        return ""
    name, url = charts.chart(item.body, item.reference.namespace)
    is_flux = name in _CERTAIN or (name == "flux" and any(each in url for each in _PUBLISHERS))
    return f"the chart {name}" if is_flux else ""
