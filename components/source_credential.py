"""A credential that sources name."""

from dataclasses import dataclass
from typing import Optional

import pulumi

from components.kubernetes_object import KubernetesObject, child_options, component_options
from components.secret_body import secret_body


@dataclass(frozen=True, kw_only=True)
class SourceCredentialArgs:
    """The Secret of a credential."""

    secret_name: str
    values: dict[str, pulumi.Input[str]]
    """Keys as Flux reads them: `identity` and `known_hosts`, or `username` and `password`."""


class SourceCredential(pulumi.ComponentResource):
    """One Secret, changed in place when the credential is rotated. One credential may serve many sources."""

    def __init__(self, name: str, args: SourceCredentialArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        super().__init__("gitops:index:SourceCredential", name, None, component_options(opts))
        self.resource = KubernetesObject(f"{name}-secret", secret_body(args.secret_name, args.values), child_options(self, opts))
        self.register_outputs({})
