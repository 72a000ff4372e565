"""Which chart a HelmRelease installs, by whichever source it names."""

from collections.abc import Iterable, Mapping
from typing import Any

from flux.object_reference import ObjectReference
from gitops.check.findings.flux_objects import GitObject
from gitops.check.repository.documents import mapping, text

Fields = Mapping[str, Any]


class InstalledCharts:
    """The sources of a stack and of Git, in which HelmReleases look for their charts."""

    def __init__(self, items: Iterable[GitObject], stack: Iterable[Fields]) -> None:
        self._specs = {_reference(body): mapping(dict(body), "spec") for body in stack}
        self._specs |= {item.reference: mapping(dict(item.body), "spec") for item in items}

    def chart(self, body: Fields, namespace: str) -> tuple[str, str]:
        """The name of the chart of a HelmRelease, and the URL of its source; empty where they are not known."""
        spec = mapping(dict(body), "spec")
        chart = mapping(spec, "chart", "spec")
        referred = mapping(spec, "chartRef") or mapping(chart, "sourceRef")
        source = self.source(referred, namespace)
        name = last_part(text(chart, "chart")) if chart else ""
        if text(referred, "kind") == "HelmChart" and not chart:
            name = last_part(text(dict(source), "chart"))
            source = self.source(mapping(dict(source), "sourceRef"), namespace)
        url = text(dict(source), "url")
        return name or last_part(url), url

    def source(self, referred: Fields, namespace: str) -> Fields:
        """The spec of the source that a reference means; empty if nothing has it."""
        reference = dict(referred)
        named = ObjectReference(text(reference, "kind"), text(reference, "namespace") or namespace, text(reference, "name"))
        return self._specs.get(named, {})


def last_part(path: str) -> str:
    """The last part of a path or URL, without a tag."""
    return path.rstrip("/").rpartition("/")[2].partition(":")[0].removesuffix(".git")


def _reference(body: Fields) -> ObjectReference:
    metadata = mapping(dict(body), "metadata")
    return ObjectReference(text(dict(body), "kind"), text(metadata, "namespace"), text(metadata, "name"))
