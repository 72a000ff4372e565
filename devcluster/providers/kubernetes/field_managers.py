"""Field managers: who owns which fields, and taking over what an earlier write of our own, or of kubectl, owns."""

from typing import Any

from devcluster.providers.kubernetes.objects import Object

OWN_UPDATERS = frozenset({"pulumi-kubernetes", "pulumi-kubernetes.exe", "pulumi-resource-kubernetes"})
_ADOPTED = (
    ("kubectl", "Apply"),
    ("kubectl", "Update"),
    ("before-first-apply", "Update"),
    *((name, "Update") for name in sorted(OWN_UPDATERS)),
)
"""The beginning of a manager's name, and its operation: the real plugin compares prefixes, and so takes `kubectl-edit`, too."""


def names_own_update(live: Object) -> bool:
    """Whether fields of `live` still belong to a plain create or update of this provider."""
    return any(_key(entry) in {(name, "Update") for name in OWN_UPDATERS} for entry in _entries(live))


def adopted(live: Object, manager: str) -> list[dict[str, Any]]:
    """The JSON patch that gives `manager` the fields of those earlier writes; empty when there is nothing to take over."""
    entries = _entries(live)
    taken = [entry for entry in entries if _is_adopted(entry) and _key(entry) != (manager, "Apply")]
    if not taken:
        return []
    own = [entry for entry in entries if _key(entry) == (manager, "Apply") and not entry.get("subresource")]
    fields: dict[str, Any] = {}
    for entry in [*own, *taken]:
        fields = _union(fields, entry.get("fieldsV1") or {})
    merged = {**taken[0], "manager": manager, "operation": "Apply", "fieldsV1": fields}
    rest = [entry for entry in entries if entry not in taken and entry not in own]
    return [
        {"op": "replace", "path": "/metadata/managedFields", "value": [merged, *rest]},
        {"op": "replace", "path": "/metadata/resourceVersion", "value": live["metadata"]["resourceVersion"]},
    ]


def _is_adopted(entry: dict[str, Any]) -> bool:
    manager, operation = _key(entry)
    return not entry.get("subresource") and any(manager.startswith(name) and operation == how for name, how in _ADOPTED)


def _entries(live: Object) -> list[dict[str, Any]]:
    return (live.get("metadata") or {}).get("managedFields") or []


def _key(entry: dict[str, Any]) -> tuple[str, str]:
    return str(entry.get("manager")), str(entry.get("operation"))


def _union(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    return {key: _union(one.get(key, {}), other.get(key, {})) for key in {**one, **other}}
