"""Charts of a test's own, installed by the real helm as a person does it: release, labels, annotations and field manager are Helm's."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from devcluster.embedded_cluster import Devcluster
from tests.e2e.lifecycle.as_kubectl import as_kubectl

EVERYTHING = '{{ range $path, $_ := .Files.Glob "files/*.yaml" }}\n---\n{{ $.Files.Get $path }}\n{{ end }}'
"""Files, and not templates: an object with braces in it is none."""


def helm_install(cluster: Devcluster, folder: Path, release: str, bodies: Iterable[Mapping[str, Any]]) -> None:
    """Make a chart of these objects and install it into Flux's namespace, which Helm makes if it is not there."""
    chart = folder / release
    for part in ("templates", "files"):
        (chart / part).mkdir(parents=True)
    (chart / "Chart.yaml").write_text(f"apiVersion: v2\nname: {release}\nversion: 1.0.0\n")
    (chart / "templates" / "all.yaml").write_text(EVERYTHING)
    for number, body in enumerate(bodies):
        (chart / "files" / f"{number}.yaml").write_text(json.dumps(body))
    as_kubectl(cluster, f"helm install {release} {chart} --namespace flux-system --create-namespace")
