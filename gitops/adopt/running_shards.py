"""Shards of a running Flux, as its documentation and flux-operator make them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flux.kinds import COMPONENT_LABEL
from flux.sharding import NO_SHARD, SELECTOR_FLAG, SHARDED_CONTROLLERS, copy_name, of_shard
from live.flux_objects.running_flux import LiveObject
from stacks.contract.texts import SHARD_NAME

_FLAG = f"--{SELECTOR_FLAG}="


def shards_among(installed: Iterable[LiveObject]) -> list[str]:
    """The shards of which every controller that a shard copies has a copy, under the name that the program gives it, too.

    Without those that a stack file cannot name: see `unnamed_shards`.
    """
    return [each for each in _shards(installed) if SHARD_NAME.fits(each)]


def unnamed_shards(installed: Iterable[LiveObject]) -> list[str]:
    """The other such shards, whose names a stack file refuses: `a.b`, or one of 43 characters."""
    return [each for each in _shards(installed) if not SHARD_NAME.fits(each)]


def _shards(installed: Iterable[LiveObject]) -> list[str]:
    selectors = {each.metadata.name: _selector(each) for each in installed if each.kind == "Deployment"}
    main = [name for name in SHARDED_CONTROLLERS if name in selectors]
    if not main or any(selectors[name] != NO_SHARD for name in main):
        return []
    named = (name.removeprefix(f"{main[0]}-") for name in selectors if name.startswith(f"{main[0]}-"))
    return sorted(shard for shard in named if all(selectors.get(copy_name(name, shard)) == of_shard(shard) for name in main))


def is_copy(each: LiveObject, shards: Iterable[str]) -> bool:
    """Whether it is an object of one of these shards: a copy of a Deployment, or of a Service."""
    component = each.metadata.labels.get(COMPONENT_LABEL, "")
    return each.kind in ("Deployment", "Service") and any(each.metadata.name == copy_name(component, shard) for shard in shards)


def _selector(deployment: LiveObject) -> str:
    found = (argument.removeprefix(_FLAG) for argument in _arguments(deployment.body) if argument.startswith(_FLAG))
    return next(found, "")


def _arguments(body: Any) -> Iterator[str]:
    for key in ("spec", "template", "spec", "containers"):
        body = body.get(key) if isinstance(body, Mapping) else None
    for container in body if isinstance(body, list) else ():
        arguments = container.get("args") if isinstance(container, Mapping) else None
        yield from (each for each in arguments if isinstance(each, str)) if isinstance(arguments, list) else ()
