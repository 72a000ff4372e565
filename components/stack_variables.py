"""The stack's own variables, for substitution."""

from dataclasses import dataclass
from typing import Any, Optional

import pulumi

from components.kubernetes_object import KubernetesObject, child_options, component_options
from flux.bodies import STACK_VARIABLES_CONFIG_MAP, config_map
from flux.owners_mark import OwnersMark


@dataclass(frozen=True, kw_only=True)
class StackVariablesArgs:
    """Variables that Kustomizations substitute."""

    variables: dict[str, str]
    mark: Optional[OwnersMark] = None
    """The owner of the object."""

    def body(self) -> dict[str, Any]:
        """The ConfigMap."""
        body = config_map(STACK_VARIABLES_CONFIG_MAP, self.variables)
        return self.mark.on(body) if self.mark else body


class StackVariables(pulumi.ComponentResource):
    """The ConfigMap `stack-vars`. Plain values only: secrets are encrypted in Git."""

    def __init__(self, name: str, args: StackVariablesArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        super().__init__("gitops:index:StackVariables", name, None, component_options(opts))
        self.resource = KubernetesObject.of(f"{name}-configmap", args.body(), child_options(self, opts))
        self.register_outputs({})
