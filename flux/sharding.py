"""Sharding: copies of Flux's controllers, each for the objects that a label gives to it (Flux's documentation, "Horizontal scaling")."""

from collections.abc import Mapping
from typing import Any

from flux.kinds import controller_of

SHARD_LABEL = "sharding.fluxcd.io/key"
"""On an object: the shard whose controllers reconcile it."""
ROLE_ANNOTATION = "sharding.fluxcd.io/role"
"""On a copy of a controller, as in Flux's documentation: `shard`."""
SHARDED_CONTROLLERS = ("source-controller", "kustomize-controller", "helm-controller")
"""The controllers of which a shard has a copy. The others reconcile everything, whatever its label."""
SELECTOR_FLAG = "watch-label-selector"
NO_SHARD = f"!{SHARD_LABEL}"
"""What the main controllers select once there are shards."""


def of_shard(shard: str) -> str:
    """What the controllers of a shard select."""
    return f"{SHARD_LABEL}={shard}"


def copy_name(name: str, shard: str) -> str:
    """What a shard calls its copy of a Deployment or a Service."""
    return f"{name}-{shard}"


def shard_of(labels: Mapping[str, Any] | None) -> str | None:
    """The shard that the labels of an object give it to; None for one of the main controllers."""
    found = (labels or {}).get(SHARD_LABEL)
    return found if isinstance(found, str) and found else None


def is_sharded(kind: str) -> bool:
    """Whether the controllers of a shard reconcile objects of this kind."""
    return controller_of(kind) in SHARDED_CONTROLLERS


def reconciler_of(kind: str, labels: Mapping[str, Any] | None) -> str:
    """The Deployment that reconciles an object where there are shards; empty where that is not known, or none does."""
    controller, shard = controller_of(kind), shard_of(labels)
    return copy_name(controller, shard) if shard and controller in SHARDED_CONTROLLERS else controller
