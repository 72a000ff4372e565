"""The values of a release, as helm-controller puts them together (https://fluxcd.io/flux/components/helm/helmreleases/#values)."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from flux.bounded_documents import UnreadableError
from gitops.check.repository.documents import items, mapping, parse, text
from gitops.check.repository.sops_file import CIPHER
from gitops.compare.charts.not_rendered import ChartNotRenderedError
from gitops.compare.sentence import say

ConfigMapOf = Callable[[str], Mapping[str, Any] | None]
"""Name of a ConfigMap beside the release → its `data`; None: no file holds it."""
_PATH = re.compile(r"[\w/-]+(\.[\w/-]+)*", re.ASCII)
_PLAIN = re.compile(r"[^,{}\\\[\]\"']*")
_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,17}", re.ASCII)
_WORDS: Mapping[str, Any] = {"true": True, "false": False, "null": None}


def values_of(spec: Mapping[str, Any], config_map: ConfigMapOf) -> dict[str, Any]:
    """What `valuesFrom` names, in its order, and over it `values`.

    Raises:
        ChartNotRenderedError: a part of them is not at hand, or encrypted.
    """
    found: dict[str, Any] = {}
    for entry in items(spec, "valuesFrom"):
        found = merged(found, _of(entry, config_map))
    values = merged(found, mapping(spec, "values"))
    if CIPHER in json.dumps(values, default=str, skipkeys=True, ensure_ascii=False):
        raise ChartNotRenderedError(say("its values are encrypted"))
    return values


def _of(entry: Any, config_map: ConfigMapOf) -> dict[str, Any]:
    kind, name, key = text(entry, "kind"), text(entry, "name"), text(entry, "valuesKey") or "values.yaml"
    if kind != "ConfigMap":
        raise ChartNotRenderedError(say("{} {}, which has a part of its values, is not read here", kind or "Secret", name))
    data = config_map(name)
    if data is None or not isinstance(data.get(key), str):
        if mapping(entry).get("optional") is True:
            return {}
        raise ChartNotRenderedError(say("{} of ConfigMap {}, which has a part of its values, is in no file here", key, name))
    if path := text(entry, "targetPath"):
        return _at(path, data[key], is_literal=mapping(entry).get("literal") is True)
    try:
        documents = parse(data[key])
    except UnreadableError as error:
        raise ChartNotRenderedError(say(f"{{}} of ConfigMap {{}} {error.wrong.partition(':')[0]}", key, name)) from None
    return mapping(documents[0].value) if documents else {}


def _at(path: str, value: str, *, is_literal: bool) -> dict[str, Any]:
    """As `helm --set`, without its lists."""
    value = value.strip("\n") if not is_literal else value
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
    inner = value[1:-1] if quoted and not is_literal else value
    if not _PATH.fullmatch(path) or not (is_literal or _PLAIN.fullmatch(inner)):
        raise ChartNotRenderedError(say("what targetPath {} means is not known here", path))
    found: Any = inner if quoted or is_literal else _typed(inner)
    for part in reversed(path.split(".")):
        found = {part: found}
    return mapping(found)


def _typed(value: str) -> Any:
    if value in _WORDS:
        return _WORDS[value]
    return int(value) if _WHOLE.fullmatch(value) else value


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Mappings are merged, anything else is replaced; a null stays, since it removes what the chart sets."""
    return {
        **base,
        **{
            key: merged(base[key], value) if isinstance(value, Mapping) and isinstance(base.get(key), Mapping) else value
            for key, value in over.items()
        },
    }


def written(values: Mapping[str, Any]) -> bytes:
    """For helm: JSON, which is YAML without its surprises."""
    return json.dumps(values, default=str, skipkeys=True).encode()
