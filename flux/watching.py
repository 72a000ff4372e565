"""Which of Flux's Deployments reconciles an object, as a cluster has them: by what each of them watches."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flux.kinds import COMPONENT_LABEL, controller_of
from flux.patching.selectors import has_labels
from flux.sharding import SELECTOR_FLAG, copy_name, is_sharded, shard_of


@dataclass(frozen=True)
class Watcher:
    """A Deployment of a controller, or a copy of one."""

    name: str
    controller: str
    """The controller that it is, or is a copy of."""
    selector: str
    """The labels of the objects that it watches; empty for all of them."""

    @classmethod
    def of(cls, name: str, labels: Mapping[str, Any], arguments: Iterable[Any]) -> "Watcher":
        """`labels`: of the Deployment; `arguments`: of its containers."""
        flag = f"--{SELECTOR_FLAG}="
        selector = next((each.removeprefix(flag) for each in arguments if isinstance(each, str) and each.startswith(flag)), "")
        return cls(name, str(labels.get(COMPONENT_LABEL) or name), selector)


def reconciler_among(kind: str, labels: Mapping[str, Any], watchers: Iterable[Watcher]) -> str:
    """The Deployment that reconciles an object, else the one that would; empty for what none reconciles."""
    controller, shard = controller_of(kind), shard_of(labels)
    of_kind = [each for each in watchers if each.controller == controller]
    fitting = [each.name for each in of_kind if has_labels(each.selector, labels)]
    if fitting:
        return controller if controller in fitting else fitting[0]
    return copy_name(controller, shard) if of_kind and shard and is_sharded(kind) else controller
