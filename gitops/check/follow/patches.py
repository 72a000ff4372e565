"""Patches of objects, as far as they decide what a Flux Kustomization does: merge patches, and JSON patches."""

from functools import lru_cache
from typing import Any

from flux.bounded_documents import UnreadableError
from flux.merge_patch import merge_patch
from flux.patching.json_patch import JsonPatchError, json_patch
from flux.patching.selectors import is_selected
from gitops.check.repository.documents import YamlDocument, items, mapping, parse, text


def patched(body: dict[str, Any], patch: str, target: dict[str, Any]) -> dict[str, Any]:
    """`body` after `patch` (YAML or JSON, of either form), if it is meant for it.

    A strategic merge patch is a merge patch for every kind that Kubernetes does not build in, as Flux's are.
    """
    for document in _documents(patch):
        if isinstance(document.value, list):
            if target and is_selected(target, body):
                body = _with_operations(body, document.value)
        elif isinstance(document.value, dict) and (is_selected(target, body) if target else _same_object(document.value, body)):
            change = {key: value for key, value in document.value.items() if key not in ("apiVersion", "kind")}
            if target and isinstance(change.get("metadata"), dict):
                change["metadata"] = {key: value for key, value in change["metadata"].items() if key not in ("name", "namespace")}
            body = merge_patch(body, change)
    return body


@lru_cache(maxsize=64)
def _documents(patch: str) -> tuple[YamlDocument, ...]:
    """What a patch says; nothing if it is not YAML. Each object asks again."""
    try:
        return tuple(parse(patch))
    except UnreadableError:
        return ()


def _same_object(patch: dict[str, Any], body: dict[str, Any]) -> bool:
    namespace = text(patch, "metadata", "namespace")
    return (
        text(patch, "kind") == text(body, "kind")
        and text(patch, "metadata", "name") == text(body, "metadata", "name")
        and namespace in ("", text(body, "metadata", "namespace"))
    )


def _with_operations(body: dict[str, Any], operations: list[Any]) -> dict[str, Any]:
    """`body` after them; as it was where one cannot be carried out, because kustomize then applies none of them either."""
    try:
        changed = json_patch(body, operations)
    except JsonPatchError:
        return body
    return changed if isinstance(changed, dict) else body


def patches_of(kustomization: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """The patches of a kustomization.yaml or of a Flux Kustomization's spec: inline text, or path, and target."""
    found = [(text(each, "patch"), text(each, "path"), mapping(each, "target")) for each in items(kustomization, "patches")]
    found += [(text(each, "patch"), text(each, "path"), mapping(each, "target")) for each in items(kustomization, "patchesJson6902")]
    for each in items(kustomization, "patchesStrategicMerge"):
        inline = isinstance(each, str) and "\n" in each
        found.append((each, "", {}) if inline else ("", each if isinstance(each, str) else "", {}))
    return found
