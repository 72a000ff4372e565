"""Which Deployment reconciles an object, as far as the cluster's Deployments tell."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flux.kinds import controller_of
from flux.sharding import SHARD_LABEL, shard_of
from flux.watching import Watcher, reconciler_among

Body = dict[str, Any]


def watchers_of(deployments: Iterable[Body]) -> list[Watcher]:
    """What each Deployment of Flux watches."""
    return [Watcher.of(each["metadata"]["name"], each["metadata"].get("labels") or {}, _arguments(each)) for each in deployments]


def reconciler(body: Body, watchers: Sequence[Watcher]) -> str | None:
    """The Deployment that reconciles an object, or would; None for one of a shard where no Deployment of Flux watches by shards."""
    kind, labels = body["kind"], body["metadata"].get("labels") or {}
    if shard_of(labels) is None:
        return controller_of(kind)
    by_shards = any(each.controller == controller_of(kind) and SHARD_LABEL in each.selector for each in watchers)
    return reconciler_among(kind, labels, watchers) if by_shards else None


def _arguments(deployment: Body) -> list[Any]:
    found: Any = deployment
    for key in ("spec", "template", "spec", "containers"):
        found = found.get(key) if isinstance(found, Mapping) else None
    return [argument for each in found or () if isinstance(each, Mapping) for argument in each.get("args") or ()]
