"""How many values a YAML text has, and how deep they are: counted before anything is made of them, and after."""

import itertools
import re
from collections.abc import Iterable

import yaml

from flux.bounds import Bounds, OutOfBoundsError, UnreadableError, too_deep, too_many

LONGEST_NUMBER = 400
"""Characters. A float of 64 bits has at most 309 digits before its point."""
_SAFE_LEVELS = 500
"""What the C loader's recursion takes on any stack; nodes are made of no text that could have more, so that they can be counted."""
# The line's end is part of it: a pattern that begins with a letter is searched for twenty times as fast as one with `^`.
_FAR_IN = re.compile(rf"\n[ \t?:-]{{{_SAFE_LEVELS // 4 - 1}}}")
_OTHER_LINE_BREAKS = ("\r", "\x85", "\u2028", "\u2029")
"""Of libyaml, which reads YAML 1.1."""
_COLLECTIONS = (yaml.SequenceStartEvent, yaml.MappingStartEvent)
_ENDS = (yaml.SequenceEndEvent, yaml.MappingEndEvent)
_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")


def could_exceed(text: str, bounds: Bounds) -> bool:
    """Whether the events have to be counted. Quick, and never wrong when it says no.

    A flow collection has a bracket. A block collection begins in a column of its own, or in that of the mapping that it is a value of;
    before it in its line stand only blanks and the signs of other block collections.
    """
    if any(each in text for each in _OTHER_LINE_BREAKS):
        return True
    brackets = text.count("[") + text.count("{")
    # Half of the levels to brackets, the other half to columns, of which each may begin two.
    if brackets > _SAFE_LEVELS // 2 or _FAR_IN.search(text) or _FAR_IN.match(f"\n{text[:_SAFE_LEVELS]}"):
        return True
    # An entry is at most a mapping, its key and its value; a bracket begins one besides its collection; `? ` is a mapping and its value.
    entries = 1 + brackets + text.count(",") + text.count("\n")
    signs = text.count("- ") + text.count("-\t") + 2 * (text.count("? ") + text.count("?\t"))
    return 3 * entries + brackets + signs > bounds.values


def could_have_long_numbers(text: str) -> bool:
    """Whether a number could be too long. Quick, and never wrong when it says no: without a tag, a number stands in one line."""
    return "!" in text or max(map(len, text.split("\n"))) > LONGEST_NUMBER


def refuse_deeper(node: yaml.Node, bounds: Bounds) -> None:
    """Raise OutOfBoundsError for a document that has more levels than `bounds` allows."""
    level = [] if type(node) is yaml.ScalarNode else [node]
    for _ in range(bounds.levels):
        level = [child for each in level for child in _children(each) if type(child) is not yaml.ScalarNode]
        if not level:
            return
    raise too_deep(bounds, line_of(level[0]))


def _children(node: yaml.Node) -> Iterable[yaml.Node]:
    return itertools.chain.from_iterable(node.value) if isinstance(node, yaml.MappingNode) else node.value


def count_events(text: str, bounds: Bounds) -> None:
    """Raise OutOfBoundsError for a text that exceeds `bounds` as it is written, and YAMLError for what is not YAML."""
    level = values = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, _ENDS):
            level -= 1
        elif isinstance(event, yaml.NodeEvent):
            values += 1
            level += isinstance(event, _COLLECTIONS)
            if level > bounds.levels:
                raise too_deep(bounds, line_of(event))
            if values > bounds.values:
                raise too_many(bounds, line_of(event))


class NodeCount:
    """The values of a document, counted as if its aliases were written out, but each of them looked at once."""

    def __init__(self, bounds: Bounds, *, has_aliases: bool) -> None:
        self._bounds, self._has_aliases = bounds, has_aliases
        self._known: dict[int, tuple[int, int]] = {}
        self._open: set[int] = set()

    def of(self, node: yaml.Node, level: int) -> tuple[int, int]:
        """How many values `node` is, and how many levels it has."""
        if isinstance(node, yaml.ScalarNode):
            self._check_number(node)
            return 1, 0
        known = self._known.get(id(node)) if self._has_aliases else None
        if known is None:
            if id(node) in self._open:
                raise UnreadableError("has a value that contains itself through its own anchor", "Write the values out.", line_of(node))
            if level == self._bounds.levels:
                raise too_deep(self._bounds, line_of(node))
            self._open.add(id(node))
            known = self._of_children(node, level + 1)
            self._open.discard(id(node))
            if self._has_aliases:
                self._known[id(node)] = known
        values, levels = known
        if level + levels > self._bounds.levels:
            raise too_deep(self._bounds, line_of(node))
        if values > self._bounds.values:
            raise too_many(self._bounds, line_of(node))
        return known

    def _of_children(self, node: yaml.Node, level: int) -> tuple[int, int]:
        values, levels = 1, 0
        for child in _children(node):
            if type(child) is yaml.ScalarNode:  # nearly all are
                values += 1
                if len(child.value) > LONGEST_NUMBER:
                    self._check_number(child)
                continue
            more, deeper = self.of(child, level)
            values, levels = values + more, max(levels, deeper)
        return values, levels + 1

    def _check_number(self, node: yaml.ScalarNode) -> None:
        if node.tag in _NUMBERS and len(node.value) > LONGEST_NUMBER:
            raise OutOfBoundsError(f"has a number of more than {LONGEST_NUMBER} characters", "Quote it if it is text.", line_of(node))


def line_of(node: yaml.Node | yaml.Event) -> int:
    """Where it begins, from 1; 0 where that is unknown."""
    return node.start_mark.line + 1 if node.start_mark else 0
