"""Gathers kubernetes_types.json: `python -m tests.gather_kubernetes_types 1.37 < swagger.json > flux/patching/kubernetes_types.json`.

swagger.json is Kubernetes' own description of its API: api/openapi-spec/swagger.json of its repository, or what an API server returns at
/openapi/v2. Of it stays what a patch of Flux's install manifests can reach: types, required fields, and how lists are merged.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

ROOTS: Mapping[str, str] = {
    "ClusterRole": "io.k8s.api.rbac.v1.ClusterRole",
    "ClusterRoleBinding": "io.k8s.api.rbac.v1.ClusterRoleBinding",
    "Deployment": "io.k8s.api.apps.v1.Deployment",
    "Namespace": "io.k8s.api.core.v1.Namespace",
    "NetworkPolicy": "io.k8s.api.networking.v1.NetworkPolicy",
    "ResourceQuota": "io.k8s.api.core.v1.ResourceQuota",
    "Service": "io.k8s.api.core.v1.Service",
    "ServiceAccount": "io.k8s.api.core.v1.ServiceAccount",
}
"""The built-in kinds that Flux's install manifests hold → their types."""
_KEPT = ("type", "format", "properties", "required", "items", "additionalProperties")
_MERGED = {"x-kubernetes-patch-strategy": "strategy", "x-kubernetes-patch-merge-key": "mergeKey"}


def gathered(definitions: Mapping[str, Any]) -> dict[str, Any]:
    """The types that `ROOTS` are made of, by their short names, sorted; without statuses."""
    types: dict[str, Any] = {}
    seen: set[str] = set()
    waiting = list(ROOTS.values())
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if _short(name) in types:
            raise ValueError(f"{name} has the short name of another type")
        definition = definitions[name]
        if name in ROOTS.values():
            definition = {**definition, "properties": {key: each for key, each in definition["properties"].items() if key != "status"}}
        types[_short(name)] = _reduced(definition)
        waiting += _named_in(definition)
    return {name: types[name] for name in sorted(types)}


def _named_in(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"].rpartition("/")[2]
        yield from (name for each in value.values() for name in _named_in(each))


def _reduced(node: Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(node.get("$ref"), str):
        return {"is": _short(node["$ref"].rpartition("/")[2]), **_merging(node)}
    reduced: dict[str, Any] = {key: node[key] for key in _KEPT if key in node} | _merging(node)
    if isinstance(reduced.get("type"), list):  # a derived schema that also accepts null
        reduced["type"] = next(each for each in reduced["type"] if each != "null")
    for key in ("items", "additionalProperties"):
        if isinstance(reduced.get(key), Mapping):
            reduced[key] = _reduced(reduced[key])
    if "properties" in reduced:
        reduced["properties"] = {name: _reduced(each) for name, each in sorted(reduced["properties"].items())}
    return reduced


def _merging(node: Mapping[str, Any]) -> dict[str, str]:
    return {short: node[key] for key, short in _MERGED.items() if key in node}


def _short(name: str) -> str:
    return name.rpartition(".")[2]


def _written(version: str, types: Mapping[str, Any]) -> Iterable[str]:
    yield f'{{"kubernetes": "{version}", "types": {{'
    yield ",\n".join(f'"{name}": {json.dumps(each, separators=(",", ":"), sort_keys=True)}' for name, each in types.items())
    yield "}}"


def main() -> None:
    """Read the API's description from standard input, and write what is gathered to standard output."""
    described = json.load(sys.stdin)
    sys.stdout.write("\n".join(_written(sys.argv[1], gathered(described.get("definitions") or described["$defs"]))) + "\n")


if __name__ == "__main__":
    main()
