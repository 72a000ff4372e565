"""PyYAML's safe loader with less Python for each value: the same values, and the same errors.

libyaml parses; what takes the time is what PyYAML does with each scalar after that. It looks at lists of patterns for a text whose first
letter has none, and constructs each value as if it could contain itself.
"""

from typing import Any

import yaml

_PREFIX = "tag:yaml.org,2002:"
_STR, _MAP, _SEQ = f"{_PREFIX}str", f"{_PREFIX}map", f"{_PREFIX}seq"
_SCALARS = frozenset(f"{_PREFIX}{name}" for name in ("null", "bool", "int", "float", "timestamp"))
"""Tags whose constructors return a value that can be a key."""


class QuickLoader(yaml.CSafeLoader):
    """What it reads must have no value that contains itself: flux.bounded_documents refuses those."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> str:
        """The tag of a value that has none. libyaml asks for every node."""
        if kind is not yaml.ScalarNode:
            return _MAP if kind is yaml.MappingNode else _SEQ
        if implicit[0]:
            for tag, pattern in self.yaml_implicit_resolvers.get(value[:1], ()):
                if pattern.match(value):
                    return str(tag)
        return _STR

    def construct_document(self, node: yaml.Node) -> Any:
        """The value of a document."""
        try:
            return self._plain(node)
        except (_UnusualError, ValueError, TypeError, KeyError, AttributeError, OverflowError):
            return super().construct_document(node)  # which tells the error that it finds first

    def _plain(self, node: yaml.Node) -> Any:
        tag = node.tag
        if type(node) is yaml.ScalarNode:
            return node.value if tag == _STR else self._scalar(node)
        if type(node) is yaml.MappingNode and tag == _MAP:
            found = {}
            for key, child in node.value:
                if type(key) is not yaml.ScalarNode:
                    raise _UnusualError
                name = key.value if key.tag == _STR else self._scalar(key)
                found[name] = child.value if child.tag == _STR and type(child) is yaml.ScalarNode else self._plain(child)
            return found
        if type(node) is yaml.SequenceNode and tag == _SEQ:
            return [self._plain(child) for child in node.value]
        raise _UnusualError

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        if node.tag not in _SCALARS:
            raise _UnusualError
        return self.yaml_constructors[node.tag](self, node)


class _UnusualError(Exception):
    """A merge key, a tag of another kind: PyYAML knows what comes of it."""
