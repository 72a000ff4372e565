"""What the API server asks of the built-in objects that Flux's install manifests hold: no CRD describes them.

Fields and types are those that Kubernetes itself publishes (flux/patching/kubernetes_types.json). What it checks besides, as far as a
patch usually goes, is gathered from its API reference (https://kubernetes.io/docs/reference/kubernetes-api/).
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from flux.finding import Finding
from flux.key_path import KeyPath
from flux.minor_version import minor_of
from flux.object_reference import reference_of
from flux.patching.kubernetes_types import gathered_from, is_built_in, schema_of
from flux.schema.deployments import CONTAINERS, deployment_faults
from flux.schema.explain import Explainer
from flux.schema.kind_schema import KindSchema
from flux.schema.mismatch import Node

_POD: KeyPath = CONTAINERS[:-1]
_FILLED: Node = {"minLength": 1}
_BY_NAME: Node = {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]}
_CONTAINER: tuple[tuple[KeyPath, Node], ...] = (
    ((), {"required": ["name", "image"]}),
    (("name",), {**_FILLED, "pattern": r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"}),
    (("image",), _FILLED),
    (("env", 0, "name"), _FILLED),
    (("volumeMounts",), {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["mountPath"]}),
    (("volumeMounts", 0, "name"), _FILLED),
    (("volumeMounts", 0, "mountPath"), _FILLED),
)
_OF_CONTAINERS = tuple(((*_POD, key, 0, *path), node) for key in ("containers", "initContainers") for path, node in _CONTAINER)
_CHECKED: Mapping[str, tuple[tuple[KeyPath, Node], ...]] = {
    "Deployment": (
        ((), {"required": ["spec"]}),
        (("spec", "replicas"), {"minimum": 0}),
        (("spec", "strategy", "type"), {"enum": ["RollingUpdate", "Recreate"]}),
        (("spec", "template"), {"required": ["spec"]}),
        (CONTAINERS, {**_BY_NAME, "minItems": 1}),
        ((*_POD, "initContainers"), _BY_NAME),
        ((*_POD, "volumes"), _BY_NAME),
        ((*_POD, "volumes", 0, "name"), _FILLED),
        *_OF_CONTAINERS,
    ),
    "Service": (((), {"required": ["spec"]}),),
    "NetworkPolicy": (((), {"required": ["spec"]}), (("spec",), {"required": ["podSelector"]})),
    "ClusterRoleBinding": tuple((("roleRef", key), _FILLED) for key in ("apiGroup", "kind", "name")),
}
"""Kind → place in its type, and what the API server checks there beyond the type. 0 stands for the items of a list."""


def built_in_findings(body: Mapping[str, Any], kubernetes: str | None = None) -> list[Finding]:
    """What the API server would refuse a built-in object for, sorted; nothing of a kind that is not in Flux's manifests.

    `kubernetes`: the version of the cluster, where it is known. Fields of one that is newer than the types may be new.
    """
    kind = str(body.get("kind"))
    if not is_built_in(kind):
        return []
    schema = _schema(kind)
    explainer = Explainer(kind=kind, root=schema.root, flux="Kubernetes", is_of_flux=True)
    mismatches = [each for each in schema.mismatches(body) if not (each.keyword == "unknown" and _is_newer(kubernetes))]
    found = {(each.path, explainer.message(each)) for each in mismatches}
    if kind == "Deployment":
        found |= set(deployment_faults(body))
    findings = [Finding(object=reference_of(body), path=path, message=message, rule="schema") for path, message in found]
    return sorted(findings, key=lambda finding: ([(isinstance(part, int), part) for part in finding.path], finding.message))


def _is_newer(kubernetes: str | None) -> bool:
    known, declared = minor_of(gathered_from()), minor_of(kubernetes) if kubernetes else None
    return known is not None and declared is not None and declared > known


@cache
def _schema(kind: str) -> KindSchema:
    """Compiled once, for all patches of a run."""
    root = schema_of(kind)
    for path, checked in _CHECKED.get(kind, ()):
        root = _with(root, path, checked)
    return KindSchema(kind=kind, root=root, status_is_dropped=True)


def _with(node: Node, path: KeyPath, checked: Node) -> Node:
    if not path:
        required = list(dict.fromkeys([*node.get("required", ()), *checked.get("required", ())]))
        return {**node, **checked, **({"required": required} if required else {})}
    first, *rest = path
    if isinstance(first, int):
        return {**node, "items": _with(node["items"], tuple(rest), checked)}
    properties = node["properties"]
    return {**node, "properties": {**properties, first: _with(properties[first], tuple(rest), checked)}}
