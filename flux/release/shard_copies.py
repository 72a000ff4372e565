"""The objects that each shard has of its own: a copy of its controllers, and the Service of its source-controller.

A copy is made of what all options and patches have made of the original, so that both run the same way. ServiceAccounts, RBAC and
NetworkPolicies are shared: a NetworkPolicy of Flux selects every pod of the namespace.
"""

from collections.abc import Iterator, Sequence
from typing import Any

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
        "labels": {**(metadata.get("labels") or {}), SHARD_LABEL: shard},
        "annotations": {**(metadata.get("annotations") or {}), ROLE_ANNOTATION: "shard"},
    }
    of_kind = _deployment_spec if body["kind"] == "Deployment" else _service_spec
    return {**body, "metadata": copied, "spec": of_kind(body["spec"], name, shard, cluster_domain)}


def _service_spec(spec: dict[str, Any], name: str, _shard: str, _cluster_domain: str) -> dict[str, Any]:
    # An address that a patch gave to the original can be had once.
    kept = {key: value for key, value in spec.items() if key not in ("clusterIP", "clusterIPs", "loadBalancerIP")}
    return {**kept, "selector": {**spec["selector"], "app": name}}


def _deployment_spec(spec: dict[str, Any], name: str, shard: str, cluster_domain: str) -> dict[str, Any]:
    template, selector = spec["template"], spec["selector"]
    containers = [_container(each, name, shard, cluster_domain) for each in template["spec"]["containers"]]
    return {
        **spec,
        "selector": {**selector, "matchLabels": {**selector["matchLabels"], "app": name}},
        "template": {
            **template,
            "metadata": _of_pods(template["metadata"], name),
            "spec": {**template["spec"], "containers": containers},
        },
    }


def _of_pods(metadata: dict[str, Any], name: str) -> dict[str, Any]:
    """As in Flux's documentation, down to the annotation: a shard that somebody made so does not restart when a stack takes it over."""
    return {
        **metadata,
        "labels": {**metadata["labels"], "app": name},
        "annotations": {**(metadata.get("annotations") or {}), ROLE_ANNOTATION: "shard"},
    }


def _container(container: dict[str, Any], name: str, shard: str, cluster_domain: str) -> dict[str, Any]:
    arguments = container.get("args") or []
    if not any(str(each).startswith(f"--{SELECTOR_FLAG}=") for each in arguments):
        return container  # a sidecar
    flags: dict[str, FlagValue | None] = {SELECTOR_FLAG: None}
    if any(str(each).startswith(f"--{_ADVERTISED}=") for each in arguments):
        flags[_ADVERTISED] = f"{name}.$(RUNTIME_NAMESPACE).svc.{cluster_domain}."
    return {**container, "args": [*set_flags(arguments, flags), f"--{SELECTOR_FLAG}={of_shard(shard)}"]}
