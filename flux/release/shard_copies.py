"""The objects that each shard has of its own: a copy of its controllers, and the Service of its source-controller.

A copy is made of what all options and patches have made of the original, so that both run the same way. What a patch breaks is reported
for the original (stacks/judging/patched_objects.py), so a copy takes any shape. ServiceAccounts, RBAC and NetworkPolicies are shared: a
NetworkPolicy of Flux selects every pod of the namespace.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flux.any_shape import mapping
from flux.release.flags import FlagValue, set_flags
from flux.sharding import (
    ROLE_ANNOTATION,
    SELECTOR_FLAG,
    SHARD_LABEL,
    SHARDED_CONTROLLERS,
    copy_name,
    of_shard,
)

_ADVERTISED = "storage-adv-addr"
_SOURCES = "source-controller"
_HAD_ONCE = frozenset({"clusterIP", "clusterIPs", "loadBalancerIP", "externalIPs", "healthCheckNodePort"})
"""Addresses and ports that a patch may have given to the original Service, and no other can have, as a `nodePort`."""


def shard_copies(objects: Sequence[dict[str, Any]], shards: Sequence[str], cluster_domain: str) -> Iterator[dict[str, Any]]:
    """Shard by shard, what it has beside `objects`."""
    copied = [body for body in objects if _is_copied(body)]
    for shard in shards:
        yield from (_copy(body, shard, cluster_domain) for body in copied)


def _is_copied(body: dict[str, Any]) -> bool:
    kind, name = body["kind"], body["metadata"]["name"]
    return (kind == "Deployment" and name in SHARDED_CONTROLLERS) or (kind == "Service" and name == _SOURCES)


def _copy(body: dict[str, Any], shard: str, cluster_domain: str) -> dict[str, Any]:
    metadata = body["metadata"]
    name = copy_name(metadata["name"], shard)
    copied = {
        **metadata,
        "name": name,
        "labels": {**mapping(metadata, "labels"), SHARD_LABEL: shard},
        "annotations": {**mapping(metadata, "annotations"), ROLE_ANNOTATION: "shard"},
    }
    of_kind = _deployment_spec if body["kind"] == "Deployment" else _service_spec
    return {**body, "metadata": copied, "spec": of_kind(mapping(body, "spec"), name, shard, cluster_domain)}


def _service_spec(spec: Mapping[str, Any], name: str, _shard: str, _cluster_domain: str) -> dict[str, Any]:
    kept: dict[str, Any] = {key: value for key, value in spec.items() if key not in _HAD_ONCE}
    if isinstance(ports := spec.get("ports"), list):
        kept["ports"] = [_without(each, "nodePort") if isinstance(each, dict) else each for each in ports]
    return {**kept, "selector": {**mapping(spec, "selector"), "app": name}}


def _without(port: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in port.items() if name != key}


def _deployment_spec(spec: Mapping[str, Any], name: str, shard: str, cluster_domain: str) -> dict[str, Any]:
    template, selector = mapping(spec, "template"), mapping(spec, "selector")
    pod = mapping(template, "spec")
    if isinstance(containers := pod.get("containers"), list):
        pod = {**pod, "containers": [_container(each, name, shard, cluster_domain) for each in containers]}
    return {
        **spec,
        "selector": {**selector, "matchLabels": {**mapping(selector, "matchLabels"), "app": name}},
        "template": {**template, "metadata": _of_pods(mapping(template, "metadata"), name), "spec": pod},
    }


def _of_pods(metadata: Mapping[str, Any], name: str) -> dict[str, Any]:
    """As in Flux's documentation, down to the annotation: a shard that somebody made so does not restart when a stack takes it over."""
    return {
        **metadata,
        "labels": {**mapping(metadata, "labels"), "app": name},
        "annotations": {**mapping(metadata, "annotations"), ROLE_ANNOTATION: "shard"},
    }


def _container(container: Any, name: str, shard: str, cluster_domain: str) -> Any:
    found = container.get("args") if isinstance(container, dict) else None
    arguments = [str(each) for each in found] if isinstance(found, list) else []
    if not any(each.startswith(f"--{SELECTOR_FLAG}=") for each in arguments):
        return container  # a sidecar
    flags: dict[str, FlagValue | None] = {SELECTOR_FLAG: None}
    if any(each.startswith(f"--{_ADVERTISED}=") for each in arguments):
        flags[_ADVERTISED] = f"{name}.$(RUNTIME_NAMESPACE).svc.{cluster_domain}."
    return {**container, "args": [*set_flags(arguments, flags), f"--{SELECTOR_FLAG}={of_shard(shard)}"]}
