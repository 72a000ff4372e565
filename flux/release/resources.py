"""CPU and memory of the controllers: what a stack sets, on top of its size, on top of what the release sets."""

from collections.abc import Iterator, Mapping
from typing import Any

from flux.any_shape import mapping
from flux.finding import Finding, in_stack_file
from flux.merge_patch import merge_patch
from flux.quantities import amount_of
from flux.release.size_presets import SIZE_PRESETS, SIZED_CONTROLLERS

GivenResources = Mapping[str, Mapping[str, Any]]
"""`requests` and `limits` → resource → quantity."""


def resources_of(controller: str, own: Any, size: str | None, given: GivenResources) -> Any:
    """The resources of a controller whose release says `own`; null in `given` removes."""
    if size and controller in SIZED_CONTROLLERS:
        preset = SIZE_PRESETS[size]
        own = merge_patch(own, {"limits": {"cpu": preset.cpu, "memory": preset.memory}})
    return merge_patch(own, given) if given else own


def requests_above_limits(resources: Any) -> Iterator[tuple[str, Any, Any]]:
    """Each resource of which more is requested than allowed, with request and limit."""
    requests, limits = mapping(resources, "requests"), mapping(resources, "limits")
    for name, request in requests.items():
        wanted, most = amount_of(request), amount_of(limits.get(name))
        if wanted is not None and most is not None and wanted > most:
            yield name, request, limits[name]


def wrong_resources(objects: list[dict[str, Any]], size: str | None, given: Mapping[str, GivenResources]) -> Iterator[Finding]:
    """What the API server would refuse of the resources that a stack gives, together with what it leaves as the release has it."""
    for body in objects:
        name = body["metadata"]["name"]
        if body["kind"] != "Deployment" or name not in given:
            continue
        own = body["spec"]["template"]["spec"]["containers"][0].get("resources")
        for resource, request, limit in requests_above_limits(resources_of(name, own, size, given[name])):
            yield _too_large(name, resource, request, limit, given[name])


def _too_large(controller: str, resource: str, request: Any, limit: Any, given: GivenResources) -> Finding:
    would = "The API server would refuse the Deployment."
    if resource in given.get("requests", {}):
        return in_stack_file(
            ("flux", "resources", controller, "requests", resource),
            f"is {request}, more than the limit of {limit}",
            would,
            f"Write at most {limit}, or raise limits.{resource}.",
        )
    return in_stack_file(
        ("flux", "resources", controller, "limits", resource),
        f"is {limit}, less than the request of {request}, which the release sets",
        would,
        f"Write at least {request}, or lower requests.{resource}, too.",
    )
