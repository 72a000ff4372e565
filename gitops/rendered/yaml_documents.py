"""Objects as YAML: the same text for the same objects, on every machine and in every run.

Events go straight to libyaml's emitter. `yaml.dump` makes a node of every value first, and asks twice of each how YAML would read it,
which takes five times as long; here each text is asked about once, since most stand in many objects.
"""

import io
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

import yaml

from flux.visible_text import visible

_STREAM, _STREAM_END = yaml.StreamStartEvent(), yaml.StreamEndEvent()
_DOCUMENT, _DOCUMENT_END = yaml.DocumentStartEvent(explicit=False), yaml.DocumentEndEvent(explicit=False)
_MAPPING, _MAPPING_END = yaml.MappingStartEvent(None, "tag:yaml.org,2002:map", True, flow_style=False), yaml.MappingEndEvent()
_STRING = "tag:yaml.org,2002:str"
_LIST, _LIST_END = yaml.SequenceStartEvent(None, "tag:yaml.org,2002:seq", True, flow_style=False), yaml.SequenceEndEvent()


def as_yaml(body: Mapping[str, Any]) -> str:
    """One document, its keys sorted; without anchors, so that the same list in two places is written twice."""
    written = io.StringIO()
    emit = yaml.cyaml.CEmitter(written, width=1000, allow_unicode=True).emit  # type: ignore[attr-defined] # of types-PyYAML
    emit(_STREAM)
    emit(_DOCUMENT)
    _emit(dict(body), emit)
    emit(_DOCUMENT_END)
    emit(_STREAM_END)
    return written.getvalue()


def as_documents(bodies: Iterable[Mapping[str, Any]], comment: str = "") -> str:
    """Several documents, one after the other; `comment` stands at the beginning."""
    head = f"# {visible(comment)}\n" if comment else ""
    return head + "".join(f"---\n{as_yaml(body)}" for body in bodies)


def _emit(value: Any, emit: Callable[[yaml.Event], None]) -> None:
    if type(value) is str:
        emit(_text(value))
    elif isinstance(value, dict):
        emit(_MAPPING)
        for key in _sorted(value):
            emit(_text(key) if type(key) is str else _scalar(key))
            item = value[key]
            if type(item) is str:  # what nearly all are
                emit(_text(item))
            else:
                _emit(item, emit)
        emit(_MAPPING_END)
    elif isinstance(value, list | tuple):
        emit(_LIST)
        for item in value:
            _emit(item, emit)
        emit(_LIST_END)
    else:
        emit(_scalar(value))


def _sorted(keys: Iterable[Any]) -> list[Any]:
    try:
        return sorted(keys)
    except TypeError:
        return list(keys)


@lru_cache(maxsize=4096)
def _text(text: str) -> yaml.ScalarEvent:
    """Text of several lines as it is. What YAML would read as a number, say, gets quotes."""
    plain = _representer.is_read_as(_STRING, text, quoted=False)
    return yaml.ScalarEvent(None, _STRING, (plain, True), text, style="|" if "\n" in text else None)


class _Representer(yaml.CSafeDumper):
    """What says how a value is written; nothing is written with it."""

    def ignore_aliases(self, data: Any) -> bool:
        """It remembers no value."""
        return True

    def is_read_as(self, tag: str, text: str, *, quoted: bool) -> bool:
        """Whether the text needs no tag to be read as what it is."""
        return bool(self.resolve(yaml.ScalarNode, text, (not quoted, quoted)) == tag)  # type: ignore[no-untyped-call]


_representer = _Representer(io.StringIO())


def _scalar(value: Any) -> yaml.ScalarEvent:
    """As PyYAML writes it. Raises RepresenterError for what is no plain value."""
    node = _representer.represent_data(value)
    if not isinstance(node, yaml.ScalarNode):
        raise yaml.representer.RepresenterError("cannot represent an object", value)
    plain, quoted = (_representer.is_read_as(node.tag, node.value, quoted=quoted) for quoted in (False, True))
    return yaml.ScalarEvent(None, node.tag, (plain, quoted), node.value, style=node.style)
