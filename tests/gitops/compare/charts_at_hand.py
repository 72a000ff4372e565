"""A stand-in for helm and for chart repositories: it makes a few objects of a release, and tells what it was asked."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from gitops.compare.charts.chart_files import ChartFiles
from gitops.compare.charts.chart_renderer import Release
from gitops.compare.charts.not_rendered import ChartNotRenderedError
from gitops.compare.charts.pulled_charts import ChartPlace
from gitops.compare.sentence import say
from tests.gitops.compare.synced_builders import Body

CHARTS = {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "HelmRepository", "metadata": {"name": "charts", "namespace": "flux-system"}}
DEFINITION = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: films.test}\n"


def chart_repository(url: str = "https://charts.test/stable") -> Body:
    """What the releases of the tests name."""
    return {**CHARTS, "spec": {"interval": "1h", "url": url}}


@dataclass
class ChartsAtHand:
    """Every chart in every version; version 9 has no Service, version 13 is not there."""

    asked: list[ChartPlace] = field(default_factory=list)
    releases: list[Release] = field(default_factory=list)
    rendered_charts: list[ChartFiles] = field(default_factory=list)

    def pulled(self, place: ChartPlace) -> ChartFiles:
        self.asked.append(place)
        if place.version.startswith("13."):
            raise ChartNotRenderedError(say("it cannot be pulled from {}", "charts.test"))
        version = place.version or place.reference
        return ChartFiles(
            files={"Chart.yaml": f"name: {place.chart or 'it'}\nversion: {version}\n".encode(), "crds/films.yaml": DEFINITION.encode()}
        )

    def rendered(self, chart: ChartFiles, release: Release) -> Sequence[dict[str, Any]]:
        self.releases.append(release)
        self.rendered_charts.append(chart)
        if release.values.get("fails"):
            raise ChartNotRenderedError(say("helm says {}", f"refused: {release.values.get('password')}"))
        values, labels = release.values, {"helm.sh/chart": f"it-{chart.version}", "app.kubernetes.io/version": chart.version}
        pod: Body = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "it", "image": f"it:{chart.version}"}]}}
        metadata = {"name": release.name, "labels": labels}
        secret = base64.b64encode(str(values.get("password", "")).encode()).decode()
        made: list[Body] = [
            {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": metadata,
                "spec": {"replicas": values.get("replicas", 1), "template": pod},
            },
            {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": {"password": secret}},
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": metadata,
                "data": {"it": f"{values.get('note')} {values.get('password')}"},
            },
            {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "metadata": {**metadata, "annotations": {"helm.sh/resource-policy": values.get("policy", "delete")}},
            },
        ]
        made += [{"apiVersion": "v1", "kind": each, "metadata": {"name": each}} for each in values.get("odd", [])]
        made += [] if chart.version.startswith("9.") else [{"apiVersion": "v1", "kind": "Service", "metadata": metadata}]
        definition = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "films.test"}}
        return [*made, *([{**definition, "spec": {"scope": chart.version}}] if release.with_definitions else [])]
