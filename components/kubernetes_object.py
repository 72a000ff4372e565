"""One Kubernetes object as one Pulumi resource."""

import copy
from collections.abc import Mapping
from typing import Any, Optional

import pulumi

from flux.kinds import APPLIERS

SKIP_AWAIT = "pulumi.com/skipAwait"


class KubernetesObject(pulumi.CustomResource):
    """A Kubernetes object of any kind, exactly as its body says.

    The same resource that the classes of pulumi_kubernetes make, under the same type token, so that the state does not show which of
    the two wrote it. Bodies are plain data here, and those classes would cost 0.3 s of import and a
    mapping from kinds to classes.

    Values under `data` and `stringData` of a Secret are secret in the state, also when they are read back.

    It has no `__init__`: for a class that has one, Pulumi's SDK (`_get_stack_trace` of pulumi/runtime/resource.py) sends the whole call
    stack, and the engine keeps it in the state. That was a third of the state of a source, and named directories of the machine.
    """

    object_kind: str
    """Not `kind`: the SDK makes an Output of that name out of the body."""
    metadata: pulumi.Output[Any]
    """As the engine has it; unknown where the object was not applied."""

    @classmethod
    def of(cls, name: str, body: Mapping[str, Any], opts: Optional[pulumi.ResourceOptions] = None) -> "KubernetesObject":
        """Register the object `body` under the logical name `name`."""
        if body["kind"] == "Secret":
            opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(additional_secret_outputs=["data", "stringData"]))
        opts = pulumi.ResourceOptions.merge(pulumi.ResourceOptions(custom_timeouts=_timeouts(body["kind"])), opts)
        made = cls(type_token(body["apiVersion"], body["kind"]), name, dict(body), opts)
        made.object_kind = body["kind"]
        return made


def _timeouts(kind: str) -> pulumi.CustomTimeouts:
    """How long the provider waits. They stand in the state, so that `pulumi destroy`, which does not run the program, ends, too."""
    if kind == "Deployment":
        return pulumi.CustomTimeouts(create="5m", update="5m", delete="2m")
    return pulumi.CustomTimeouts(delete="10m" if kind in APPLIERS else "2m")


def type_token(api_version: str, kind: str) -> str:
    """`kubernetes:apps/v1:Deployment`; the core group, which Kubernetes leaves empty, is called `core`."""
    group_version = api_version if "/" in api_version else f"core/{api_version}"
    return f"kubernetes:{group_version}:{kind}"


def annotated(body: Mapping[str, Any], annotations: Mapping[str, pulumi.Input[str]]) -> dict[str, Any]:
    """A copy of `body` with `annotations` added."""
    metadata = body["metadata"]
    return {**body, "metadata": {**metadata, "annotations": {**metadata.get("annotations", {}), **annotations}}}


def component_options(opts: Optional[pulumi.ResourceOptions]) -> Optional[pulumi.ResourceOptions]:
    """A component's own options: all but what it waits for, which is for its children (`child_options`).

    A component is nothing in a cluster. Were it to wait as well, its children would only then begin to be registered,
    instead of standing ready by then: that was an eighth of the dev stack's `up` (docs/benchmark.md).
    """
    if opts is None:
        return None
    own = copy.copy(opts)
    own.depends_on = None
    return own


def child_options(component: pulumi.Resource, opts: Optional[pulumi.ResourceOptions], **own: Any) -> pulumi.ResourceOptions:
    """Options of a component's child: its parent, and what the component itself waits for.

    A component's own `depends_on` does not reach its children, so a child that left it out would be made at once; nothing
    else of a component's options is merged into children, where aliases or protection would land on every one of them.
    """
    return pulumi.ResourceOptions(parent=component, depends_on=opts.depends_on if opts else None, **own)
