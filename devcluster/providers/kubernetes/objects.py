"""Objects as plain mappings: names, ids, annotations, normal forms, and what stays of a live object in the state."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from devcluster.providers.kubernetes.served_kinds import GroupVersionKind
from devcluster.providers.property_values import Secret, has_secret, plain

SERVER_SET_METADATA = (
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "uid",
)
FIELD_MANAGER_KEY = "__fieldManager"
INITIAL_VERSION_KEY = "__initialApiVersion"
OWN_KEYS = (FIELD_MANAGER_KEY, INITIAL_VERSION_KEY)
AUTONAMED = "pulumi.com/autonamed"
PATCH_FORCE = "pulumi.com/patchForce"
PATCH_FIELD_MANAGER = "pulumi.com/patchFieldManager"
DELETION_PROPAGATION = "pulumi.com/deletionPropagationPolicy"
SKIP_AWAIT = "pulumi.com/skipAwait"
WAIT_FOR = "pulumi.com/waitFor"
TIMEOUT_SECONDS = "pulumi.com/timeoutSeconds"
# What Pulumi's schema calls by Python- and Go-safe names.
UNDERSCORED = {
    name.replace("-", "_"): name
    for name in (
        "x-kubernetes-embedded-resource",
        "x-kubernetes-int-or-string",
        "x-kubernetes-list-map-keys",
        "x-kubernetes-list-type",
        "x-kubernetes-map-type",
        "x-kubernetes-preserve-unknown-fields",
        "x-kubernetes-validations",
    )
}

Object = dict[str, Any]


def kind_of(obj: Mapping[str, Any]) -> GroupVersionKind:
    """The kind that `obj` states."""
    return GroupVersionKind(str(obj.get("apiVersion", "")), str(obj.get("kind", "")))


def _mapping(obj: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = obj.get(key)  # in a preview it may be unknown
    return found if isinstance(found, Mapping) else {}


def name_of(obj: Mapping[str, Any]) -> str:
    """`metadata.name`, or nothing."""
    return str(_mapping(obj, "metadata").get("name") or "")


def namespace_of(obj: Mapping[str, Any]) -> str:
    """`metadata.namespace`, or nothing."""
    return str(_mapping(obj, "metadata").get("namespace") or "")


def annotation(obj: Mapping[str, Any], name: str) -> str:
    """The value of an annotation, or nothing."""
    return str(_mapping(_mapping(obj, "metadata"), "annotations").get(name) or "")


def id_of(obj: Mapping[str, Any]) -> str:
    """The resource id: `namespace/name`, or `name` of an object outside namespaces."""
    namespace = namespace_of(obj)
    return f"{namespace}/{name_of(obj)}" if namespace else name_of(obj)


def parse_id(resource_id: str) -> tuple[str, str]:
    """Namespace (may be empty) and name."""
    namespace, _, name = resource_id.rpartition("/")
    return namespace, name


def is_secret(obj: Mapping[str, Any]) -> bool:
    """Whether `obj` is a core Secret."""
    return kind_of(obj) == GroupVersionKind("v1", "Secret")


def is_definition(obj: Mapping[str, Any]) -> bool:
    """Whether `obj` is a CustomResourceDefinition."""
    return obj.get("kind") == "CustomResourceDefinition" and kind_of(obj).group == "apiextensions.k8s.io"


def defined_group(definition: Mapping[str, Any]) -> str:
    """The API group that a CustomResourceDefinition defines a kind in."""
    return str((definition.get("spec") or {}).get("group") or "")


def desired(inputs: Mapping[str, Any]) -> Object:
    """The object to send for `inputs`: no secret wrapping, nothing that only the server sets, dashes where Kubernetes has them."""
    obj: Object = _dashed(plain(dict(inputs)))
    if isinstance(obj.get("metadata"), dict):
        obj["metadata"] = {key: value for key, value in obj["metadata"].items() if key not in SERVER_SET_METADATA}
    return obj


def _dashed(value: Any) -> Any:
    if isinstance(value, dict):
        return {UNDERSCORED.get(key, key): _dashed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_dashed(item) for item in value]
    return value


def normal_secret(obj: Mapping[str, Any]) -> Object:
    """A Secret with `stringData` folded into `data`, as the API server stores it."""
    normal = dict(obj)
    texts = normal.get("stringData")
    if isinstance(texts, dict):
        del normal["stringData"]
        encoded = {key: base64.b64encode(value.encode()).decode() if isinstance(value, str) else value for key, value in texts.items()}
        normal["data"] = {**(normal.get("data") or {}), **encoded}
    return normal


def decoded_data(obj: Mapping[str, Any]) -> list[str]:
    """The plain texts behind a Secret's `data`."""
    texts = []
    for value in _mapping(obj, "data").values():
        try:
            texts.append(base64.b64decode(value, validate=True).decode())
        except (binascii.Error, ValueError, TypeError):
            continue
    return texts


def pruned(live: Any, shape: Any) -> Any:
    """`live` with only the fields that `shape` has: what others added, defaulted or reported is none of the stack's business."""
    if isinstance(live, dict) and isinstance(shape, dict):
        return {key: pruned(live[key], shape[key]) for key in shape if key in live}
    if isinstance(live, list) and isinstance(shape, list) and len(live) == len(shape):
        return [pruned(item, wanted) for item, wanted in zip(live, shape, strict=True)]
    return live


def checkpoint(live: Mapping[str, Any], inputs: Mapping[str, Any], *, field_manager: str, initial_version: str) -> Object:
    """The resource's outputs: the live object, what was secret in the inputs secret again, and who manages its fields."""
    outputs = {key: value for key, value in live.items() if key not in OWN_KEYS}
    outputs["metadata"] = {key: value for key, value in (live.get("metadata") or {}).items() if key != "managedFields"}
    outputs = with_secrets_of(outputs, inputs)
    if is_secret(live) and "stringData" in inputs:
        outputs["stringData"] = Secret(plain(inputs["stringData"]))
    return {**outputs, FIELD_MANAGER_KEY: field_manager, INITIAL_VERSION_KEY: initial_version}


def with_secrets_of(outputs: Mapping[str, Any], inputs: Mapping[str, Any]) -> Object:
    """`outputs` wrapped wherever `inputs` are secret; the contents of a Secret always, an array as a whole."""
    wrapped = {key: _wrapped_like(value, inputs.get(key)) for key, value in outputs.items()}
    if plain(outputs.get("kind")) == "Secret":
        for key in ("data", "stringData"):
            if key in wrapped and not isinstance(wrapped[key], Secret):
                wrapped[key] = Secret(plain(wrapped[key]))
        _hide_last_applied(wrapped)
    return wrapped


def _wrapped_like(value: Any, pattern: Any) -> Any:
    if isinstance(value, dict) and isinstance(pattern, dict):
        return {key: _wrapped_like(item, pattern.get(key)) for key, item in value.items()}
    if not isinstance(value, Secret) and (isinstance(pattern, Secret) or has_secret(pattern)):
        return Secret(plain(value))
    return value


def _hide_last_applied(secret: Object) -> None:
    annotations = _mapping(_mapping(secret, "metadata"), "annotations")
    if "kubectl.kubernetes.io/last-applied-configuration" in annotations:
        copied = {**annotations, "kubectl.kubernetes.io/last-applied-configuration": Secret("")}
        secret["metadata"] = {**secret["metadata"], "annotations": copied}


def wait_conditions(obj: Mapping[str, Any]) -> list[str]:
    """The expressions of `pulumi.com/waitFor`: one, or a JSON array of several. Raises ValueError."""
    text = annotation(obj, WAIT_FOR)
    if not text:
        return []
    if not text.startswith("["):
        return [text]
    listed: list[Any] = json.loads(text)
    if not listed or not all(isinstance(item, str) for item in listed):
        raise ValueError(f"{WAIT_FOR} is not a JSON array of strings, at least one")
    return listed
