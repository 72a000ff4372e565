"""What `postRenderers` make of the objects of a chart: kustomize's patches and images, by kustomize."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from gitops.check.follow.kustomize_process import BuildProcess
from gitops.check.repository.documents import items, mapping
from gitops.compare.charts.chart_renderer import objects_in
from gitops.compare.charts.not_rendered import ChartNotRenderedError
from gitops.compare.sentence import say

_OF_A_PATCH = ("patch", "target", "options")
"""Without `path`: nothing is read from a file."""
_OF_AN_IMAGE = ("name", "newName", "newTag", "digest")


def post_rendered(objects: Sequence[dict[str, Any]], renderers: Sequence[Any]) -> Sequence[dict[str, Any]]:
    """One after the other.

    Raises:
        ChartNotRenderedError: kustomize fails, or they ask for something else.
    """
    for each in renderers:
        wanted = mapping(each, "kustomize")
        if not wanted or wanted.keys() - {"patches", "images"}:
            raise ChartNotRenderedError(say("its postRenderers have more than patches and images"))
        objects = _built(objects, wanted) if objects else objects
    return objects


def _built(objects: Sequence[dict[str, Any]], wanted: Mapping[str, Any]) -> Sequence[dict[str, Any]]:
    kustomization = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": ["objects.yaml"],
        "patches": [_only(each, _OF_A_PATCH) for each in items(wanted, "patches")],
        "images": [_only(each, _OF_AN_IMAGE) for each in items(wanted, "images")],
    }
    written = "".join(f"---\n{json.dumps(each, default=str, skipkeys=True)}\n" for each in objects)
    files = {"it/kustomization.yaml": json.dumps(kustomization, default=str).encode(), "it/objects.yaml": written.encode()}
    output = BuildProcess(files, "it").output()
    if output.why_ended:
        raise ChartNotRenderedError(say(f"kustomize, for its postRenderers, {output.why_ended}"))
    if output.error:
        last = output.error.strip().splitlines()[-1:] or [""]
        raise ChartNotRenderedError(say("kustomize refuses its postRenderers: {}", last[0].removeprefix("Error: ")))
    return objects_in(output.objects)


def _only(entry: Any, keys: Sequence[str]) -> dict[str, Any]:
    return {key: value for key, value in mapping(entry).items() if key in keys}
