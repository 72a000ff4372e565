"""Objects that the schema allows, most of them; CEL rules are hit and missed by chance."""

import json
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

TEXT = st.characters(codec="utf-8", exclude_categories=["Cs"])
WORDS = ("a", "main", "flux-system", "podinfo", "0.1.0", "./apps", ">=1.0.0", "Ready", "ns.example.com/key")
DURATIONS = ("5m", "1h", "30s", "1.5h", "250ms", "1h30m", "0s")
SCALARS: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(allow_nan=False, allow_infinity=False), st.text(TEXT, max_size=8)
)
JSON: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(TEXT, max_size=6), inner, max_size=3), max_leaves=6
)

NAMES = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,8}[a-z0-9])?(\.[a-z0-9]{1,3})?", fullmatch=True)
KEYS = st.from_regex(r"([a-z0-9]{1,6}(\.[a-z0-9]{1,3})?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,5}[A-Za-z0-9])?", fullmatch=True)
LABELS = st.dictionaries(KEYS, st.from_regex(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,6}[A-Za-z0-9])?)?", fullmatch=True), max_size=2)
ANNOTATIONS = st.dictionaries(KEYS, st.text(TEXT, max_size=10), max_size=2)


RARELY = st.sampled_from([False] * 12 + [True] + [False] * 12)
"""True once in a while; the middle, since hypothesis prefers the ends."""


def python_pattern(pattern: str) -> str:
    """A pattern of Go's as Python's: there `$` is the end of the text, here also the newline before it."""
    return pattern.replace("$", r"\Z")


_made: dict[str, st.SearchStrategy[Any]] = {}


def value(node: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Values of a node of a schema. Each strategy is made once: that takes longer than drawing from it."""
    key = json.dumps(node)
    if key not in _made:
        _made[key] = _value(node)
    return _made[key]


def _value(node: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    if "enum" in node:
        return st.sampled_from(node["enum"])
    match node.get("type"):
        case "string":
            return string(node)
        case "integer":
            return st.integers(int(node.get("minimum", -(2**63))), int(node.get("maximum", 2**63 - 1))) | st.just(
                int(node.get("minimum", 0))
            )
        case "number":
            return st.floats(-1e6, 1e6) | st.integers(-1000, 1000)
        case "boolean":
            return st.booleans()
        case "array":
            return array(node)
        case "object":
            return mapping(node)
        case _:
            return JSON


def string(node: Mapping[str, Any]) -> st.SearchStrategy[str]:
    """Texts of a string node."""
    least, most = node.get("minLength", 0), node.get("maxLength", 1 << 16)
    if "pattern" in node:
        made = st.from_regex(python_pattern(node["pattern"]), alphabet=TEXT)
        if "(ms|s|m" in node["pattern"]:
            made = st.sampled_from([text for text in DURATIONS if "h" not in text or "|h" in node["pattern"]]) | made
        return made.filter(lambda text: least <= len(text) <= most)
    free = st.text(TEXT, min_size=least, max_size=min(most, least + 12))
    words = [word for word in WORDS if least <= len(word) <= most]
    return st.sampled_from(words) | free if words else free


def array(node: Mapping[str, Any]) -> st.SearchStrategy[list[Any]]:
    """Lists; of a list-map, some have duplicate keys."""
    least = node.get("minItems", 0)
    return st.lists(value(node["items"]), min_size=least, max_size=min(node.get("maxItems", least + 2), least + 2))


def mapping(node: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects with the required fields and some of the others."""
    if "properties" not in node:
        inner = node.get("additionalProperties")
        return st.dictionaries(st.text(TEXT, max_size=6), value(inner) if isinstance(inner, Mapping) else JSON, max_size=2)
    return fields(node)


@st.composite
def fields(draw: st.DrawFn, node: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an object node."""
    required = set(node.get("required", ()))
    optional = [name for name in node["properties"] if name not in required]
    few = draw(st.lists(st.sampled_from(optional), unique=True, max_size=4)) if optional else []
    chosen = [name for name in node["properties"] if name in required or name in few]
    return {name: draw(value(node["properties"][name])) for name in chosen}


@st.composite
def metadata(draw: st.DrawFn) -> dict[str, Any]:
    """Metadata that every Kubernetes object may have."""
    made: dict[str, Any] = {"name": draw(NAMES), "namespace": "flux-system"}
    if draw(st.booleans()):
        made["labels"] = draw(LABELS)
    if draw(st.booleans()):
        made["annotations"] = draw(ANNOTATIONS)
    return made


@st.composite
def body(draw: st.DrawFn, api_version: str, kind: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """A whole object."""
    made: dict[str, Any] = {"apiVersion": api_version, "kind": kind, "metadata": draw(metadata())}
    if not draw(RARELY):
        made["spec"] = draw(value(schema["properties"]["spec"]))
        if draw(st.sampled_from([True, True, True, False])):
            honour_rules(draw, made["spec"], schema["properties"]["spec"]["properties"])
    if "status" in schema["properties"] and draw(RARELY):
        made["status"] = draw(value(schema["properties"]["status"]))
    return made


def honour_rules(draw: st.DrawFn, spec: dict[str, Any], known: Mapping[str, Any]) -> None:
    """Make true what the CEL rules of Flux's kinds want; most objects would be refused by chance."""
    if "chartRef" in known and ("chart" in spec) == ("chartRef" in spec):
        spec.pop("chartRef", None)
        spec["chart"] = draw(value(known["chart"]))
    if "kubeConfig" in spec and "configMapRef" in known["kubeConfig"]["properties"]:
        one = draw(st.sampled_from(["configMapRef", "secretRef"]))
        spec["kubeConfig"] = {one: draw(value(known["kubeConfig"]["properties"][one]))}
    for action in ("install", "upgrade"):
        if isinstance(spec.get(action), dict):
            spec[action].get("strategy", {}).pop("retryInterval", None)
    if "oidcProviders" in known or "events" in known:
        receiver(draw, spec, known)
    if "digestReflectionPolicy" in known:
        spec.pop("interval", None)
        if spec.get("digestReflectionPolicy") == "Always":
            spec["interval"] = "5m"
    if "artifacts" in known and "pathPattern" not in spec:
        for index, artifact in enumerate(spec["artifacts"]):
            artifact["name"] = f"artifact-{index}"
    if "bucketName" in known:
        for field in ("sts", "serviceAccountName"):
            spec.pop(field, None)
    if "commitStatusExpr" in spec:
        spec["type"] = "github"
    if "sparseCheckout" in known and "serviceAccountName" in spec:
        spec["provider"] = "azure"
    if "verify" in spec and "sourceRef" in spec:
        spec["sourceRef"]["kind"] = "HelmRepository"


def receiver(draw: st.DrawFn, spec: dict[str, Any], known: Mapping[str, Any]) -> None:
    """The two sorts of Receivers: with a Secret, or with providers of identity."""
    if spec["type"] == "generic-oidc":
        spec.pop("secretRef", None)
        spec["oidcProviders"] = draw(array({**known["oidcProviders"], "minItems": 1}))
    else:
        spec.pop("oidcProviders", None)
        spec["secretRef"] = draw(value(known["secretRef"]))
