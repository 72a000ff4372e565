"""All Flux objects of one kind."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional

import pulumi

from components.kubernetes_object import KubernetesObject, child_options, component_options


@dataclass(frozen=True, kw_only=True)
class FluxSectionArgs:
    """What the objects have in common."""

    kind: str
    """`GitRepository`."""


class FluxSection(pulumi.ComponentResource):
    """The objects of one kind, together in Pulumi's tree, none of them awaited.

    The engine writes its state at each step, so a component for each object would make `up` of hundreds of them take twice as long
    (docs/benchmark.md). They are added one by one, since what one of them refers to may be of another kind and has to be there first.
    """

    def __init__(self, name: str, args: FluxSectionArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        super().__init__("gitops:index:FluxSection", name, None, component_options(opts))
        self._logical_name, self._kind, self._options = name, args.kind, opts
        self.register_outputs({})

    def add(self, body: Mapping[str, Any], depends_on: Iterable[pulumi.Resource] = (), former_urns: Sequence[str] = ()) -> KubernetesObject:
        """Register one object. On destroy, what it depends on outlives it. Found under one of `former_urns` in the state, it stays."""
        if body["kind"] != self._kind:
            raise ValueError(f"a {body['kind']} is not one of the objects of kind {self._kind}")
        options = pulumi.ResourceOptions(depends_on=[*depends_on], aliases=[*former_urns])
        name = f"{self._logical_name}-{body['metadata']['name']}"
        return KubernetesObject.of(name, body, pulumi.ResourceOptions.merge(child_options(self, self._options), options))
