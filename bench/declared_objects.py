"""The Kubernetes objects that a stack declared, read from its state, and the order in which they can be made."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Body = dict[str, Any]

SECRET_SIGNATURE = ("4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270")
"""How a state marks a value as secret."""
BUILT_IN = ("v1", "apps/", "rbac.authorization.k8s.io/", "networking.k8s.io/", "apiextensions.k8s.io/")


@dataclass(frozen=True, kw_only=True)
class Stages:
    """Objects in the order in which an empty cluster accepts them."""

    definitions: list[Body]
    """Namespaces and CustomResourceDefinitions."""
    install: list[Body]
    """Everything else of kinds that Kubernetes itself knows."""
    custom: list[Body]
    """Objects whose kind a CustomResourceDefinition defines."""

    @property
    def everything(self) -> list[Body]:
        """All of them, in order."""
        return [*self.definitions, *self.install, *self.custom]


def declared_objects(state: Mapping[str, Any]) -> list[Body]:
    """The inputs of every Kubernetes object in the output of `pulumi stack export --show-secrets`, in the order of the state."""
    resources: Iterable[Mapping[str, Any]] = state["deployment"].get("resources", [])
    return [revealed(resource["inputs"]) for resource in resources if resource["type"].startswith("kubernetes:")]


def revealed(value: Any) -> Any:
    """`value` with every secret in it as plain data."""
    if isinstance(value, dict):
        if value.get(SECRET_SIGNATURE[0]) == SECRET_SIGNATURE[1]:
            return revealed(json.loads(value["plaintext"]))
        return {key: revealed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [revealed(item) for item in value]
    return value


def staged(objects: Iterable[Body]) -> Stages:
    """`objects` by stage; within a stage their order is kept, but a Namespace comes before all."""
    stages = Stages(definitions=[], install=[], custom=[])
    for body in objects:
        if body["kind"] in ("Namespace", "CustomResourceDefinition"):
            stages.definitions.append(body)
        elif body["apiVersion"].startswith(BUILT_IN):
            stages.install.append(body)
        else:
            stages.custom.append(body)
    stages.definitions.sort(key=lambda body: body["kind"] != "Namespace")
    return stages
