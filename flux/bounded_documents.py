"""YAML and JSON from outside, read within bounds: no text crashes the parser, keeps it busy or fills the memory.

Why it is needed: PyYAML's C loader recurses without a limit, so that a text of 100 kB ends the interpreter; an alias costs a few bytes
and stands for whatever it names, so that a text of 1 kB is gigabytes once something walks it; and a whole number of YAML 1.1 may be
written as `1:30:30:…`, which takes quadratic time.

How: the parser's events, which need no stack, are counted before nodes are made of them, but only where the text could be deep or large
at all; then each document's nodes are counted as if its aliases were written out. A process of its own was measured and is not needed:
what the events let through cannot exhaust the C stack (docs/security.md).
"""

import itertools
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml

from flux.quick_loader import QuickLoader
from flux.repeated_anchors import composed

LONGEST_NUMBER = 400
"""Characters. A float of 64 bits has at most 309 digits before its point."""
LoaderT = TypeVar("LoaderT", bound=yaml.CSafeLoader)
_SAFE_LEVELS = 500
"""What the C loader's recursion takes on any stack; nodes are made of no text that could have more, so that they can be counted."""
# The line's end is part of it: a pattern that begins with a letter is searched for twenty times as fast as one with `^`.
_FAR_IN = re.compile(rf"\n[ \t?:-]{{{_SAFE_LEVELS // 4 - 1}}}")
_COLLECTIONS = (yaml.SequenceStartEvent, yaml.MappingStartEvent)
_ENDS = (yaml.SequenceEndEvent, yaml.MappingEndEvent)
_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What is read at most."""

    size: int
    """Bytes of a file, characters of a text."""
    values: int = 200_000
    """Scalars, lists and mappings of all documents of a text, with aliases written out. Each takes 350 bytes while it is read."""
    levels: int = 100
    """Lists and mappings in one another, with aliases written out."""


class UnreadableError(ValueError):
    """A text that is not read."""

    def __init__(self, wrong: str, fix: str = "Correct its syntax.", line: int = 0) -> None:
        """`wrong` follows the name of the file: `is nested more than 100 levels deep`. `line`: from 1; 0 where there is none."""
        super().__init__(wrong)
        self.wrong, self.fix, self.line = wrong, fix, line


class OutOfBoundsError(UnreadableError):
    """A text that may be right, but of which more would have to be read than the bounds allow."""


def read_text(file: Path, bounds: Bounds) -> str:
    """The text of `file`, of which no more is read than `bounds` allows.

    Raises:
        UnreadableError: it is larger, or not UTF-8.
        OSError: it cannot be read.
    """
    return decoded(content_of(file, bounds), bounds)


def content_of(file: Path, bounds: Bounds) -> bytes:
    """The bytes of `file`; of a larger one than `bounds` allows one byte too many, for its reader to refuse. Raises OSError."""
    with file.open("rb") as handle:
        return handle.read(bounds.size + 1)


def decoded(content: bytes, bounds: Bounds) -> str:
    """`content` as text.

    Raises:
        UnreadableError: it is larger than `bounds` allows, or not UTF-8.
    """
    _refuse_larger(len(content), bounds)
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise UnreadableError("is not UTF-8", "Save it as UTF-8.", content[: error.start].count(b"\n") + 1) from None


def nodes(loader: yaml.CSafeLoader, text: str, bounds: Bounds) -> Iterator[yaml.Node]:
    """The documents of `text`, which `loader` was made of, as nodes. The caller disposes of the loader.

    Raises:
        UnreadableError: it is not YAML, or exceeds `bounds`.
    """
    _refuse_larger(len(text), bounds)
    has_aliases, could_exceed, values = "*" in text, _could_exceed(text, bounds), 0
    only_depth_is_open = not (has_aliases or could_exceed or _could_have_long_numbers(text))
    try:
        if could_exceed:
            _count_events(text, bounds)
        for node in composed(loader, text, lambda: _count_events(text, bounds)):
            if only_depth_is_open:
                _refuse_deeper(node, bounds)
                yield node
                continue
            values += _Count(bounds, has_aliases=has_aliases).of(node, 0)[0]
            if values > bounds.values:
                raise _too_many(bounds, _line(node))
            yield node
    except yaml.YAMLError as error:
        raise not_yaml(error) from None


def not_yaml(error: yaml.YAMLError) -> UnreadableError:
    """What the parser complains about."""
    mark = getattr(error, "problem_mark", None)
    return UnreadableError(f"is not YAML: {getattr(error, 'problem', None) or 'it cannot be parsed'}", line=mark.line + 1 if mark else 0)


def documents(text: str, bounds: Bounds, loader_class: type[yaml.CSafeLoader] = QuickLoader) -> Iterator[tuple[Any, int]]:
    """The value of each document of `text`, and the line where it begins, from 1. An empty one is None.

    Raises:
        UnreadableError: it is not YAML, exceeds `bounds`, or holds what Python has no value for.
    """
    loader = loader_of(text, loader_class)
    try:
        for node in nodes(loader, text, bounds):
            line = _line(node)
            try:
                value = loader.construct_document(node)
            # All that PyYAML raises for a value: a date that is none, a tag on a value that it does not fit, a number with a stray sign.
            except (yaml.YAMLError, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
                mark = getattr(error, "problem_mark", None)
                raise UnreadableError("is not YAML: it has a value that cannot be read", line=mark.line + 1 if mark else line) from None
            yield value, line
    finally:
        loader.dispose()


def only_document(file: Path, bounds: Bounds) -> Any:
    """The value of the one document in `file`; None where it cannot be read, is not YAML, exceeds `bounds`, or holds several.

    For questions that judge nothing: what is wrong with the file is reported where it is checked.
    """
    try:
        values = [value for value, _ in documents(read_text(file, bounds), bounds)]
    except (OSError, UnreadableError):
        return None
    return values[0] if len(values) == 1 else None


def json_value(content: str | bytes, bounds: Bounds, *, most_values: int | None = None) -> Any:
    """What the JSON holds.

    `most_values`: counted by the commas, before it is parsed. An empty list takes three bytes there, and some fifty as a value. Without
    it, `values` of `bounds` is not counted either: what is small cannot become large.

    Raises:
        UnreadableError: it is not JSON, or exceeds `bounds` or `most_values`.
    """
    commas = content.count(",") if isinstance(content, str) else content.count(b",")
    if most_values is not None and commas > most_values:
        raise OutOfBoundsError(f"has more than {most_values:,} values")
    _refuse_larger(len(content), bounds)
    try:
        value = json.loads(content)
    except RecursionError:
        raise _too_deep(bounds) from None
    except ValueError:
        raise UnreadableError("is not JSON") from None
    level = [value]
    for _ in range(bounds.levels):
        level = [item for each in level if isinstance(each, dict | list) for item in (each.values() if isinstance(each, dict) else each)]
        if not level:
            return value
    if any(isinstance(each, dict | list) for each in level):
        raise _too_deep(bounds)
    return value


def only_object(content: str | bytes, bounds: Bounds, *, most_values: int | None = None) -> dict[str, Any]:
    """As `json_value`, and raises UnreadableError for JSON that is no object, too."""
    value = json_value(content, bounds, most_values=most_values)
    if not isinstance(value, dict):
        raise UnreadableError("is not an object")
    return value


def json_object(content: str | bytes, bounds: Bounds) -> dict[str, Any] | None:
    """The object that the JSON is; None where it is none, not JSON, or exceeds `bounds`."""
    try:
        return only_object(content, bounds)
    except UnreadableError:
        return None


def loader_of(text: str, loader_class: type[LoaderT]) -> LoaderT:
    """A loader for `nodes`, which the caller disposes of.

    Raises:
        UnreadableError: the text has a character that YAML does not allow.
    """
    try:
        return loader_class(text)
    except (yaml.YAMLError, ValueError):  # a sign that YAML does not allow, or half of a surrogate pair
        raise UnreadableError("is not YAML: it has a character that YAML does not allow", "Remove it.") from None


def _could_exceed(text: str, bounds: Bounds) -> bool:
    """Whether the events have to be counted. Quick, and never wrong when it says no.

    A flow collection has a bracket. A block collection begins in a column of its own, or in that of the mapping that it is a value of;
    before it in its line stand only blanks and the signs of other block collections.
    """
    brackets = text.count("[") + text.count("{")
    # Half of the levels to brackets, the other half to columns, of which each may begin two.
    if brackets > _SAFE_LEVELS // 2 or _FAR_IN.search(text) or _FAR_IN.match(f"\n{text[:_SAFE_LEVELS]}"):
        return True
    return text.count(",") + 3 * text.count("\n") + brackets + text.count("- ") + text.count("? ") > bounds.values


def _could_have_long_numbers(text: str) -> bool:
    """Whether a number could be too long. Quick, and never wrong when it says no: without a tag, a number stands in one line."""
    return "!" in text or max(map(len, text.split("\n"))) > LONGEST_NUMBER


def _refuse_deeper(node: yaml.Node, bounds: Bounds) -> None:
    level = [] if type(node) is yaml.ScalarNode else [node]
    for _ in range(bounds.levels):
        level = [child for each in level for child in _children(each) if type(child) is not yaml.ScalarNode]
        if not level:
            return
    raise _too_deep(bounds, _line(level[0]))


def _children(node: yaml.Node) -> Iterable[yaml.Node]:
    return itertools.chain.from_iterable(node.value) if isinstance(node, yaml.MappingNode) else node.value


def _count_events(text: str, bounds: Bounds) -> None:
    level = values = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, _ENDS):
            level -= 1
        elif isinstance(event, yaml.NodeEvent):
            values += 1
            level += isinstance(event, _COLLECTIONS)
            if level > bounds.levels:
                raise _too_deep(bounds, _line(event))
            if values > bounds.values:
                raise _too_many(bounds, _line(event))


class _Count:
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
                raise UnreadableError("has a value that contains itself through its own anchor", "Write the values out.", _line(node))
            if level == self._bounds.levels:
                raise _too_deep(self._bounds, _line(node))
            self._open.add(id(node))
            known = self._of_children(node, level + 1)
            self._open.discard(id(node))
            if self._has_aliases:
                self._known[id(node)] = known
        values, levels = known
        if level + levels > self._bounds.levels:
            raise _too_deep(self._bounds, _line(node))
        if values > self._bounds.values:
            raise _too_many(self._bounds, _line(node))
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
            raise OutOfBoundsError(f"has a number of more than {LONGEST_NUMBER} characters", "Quote it if it is text.", _line(node))


def _line(node: yaml.Node | yaml.Event) -> int:
    return node.start_mark.line + 1 if node.start_mark else 0


def _refuse_larger(size: int, bounds: Bounds) -> None:
    if size > bounds.size:
        raise OutOfBoundsError(f"is larger than {bounds.size:,} bytes", "Split it, or remove what does not belong there.")


def _too_deep(bounds: Bounds, line: int = 0) -> OutOfBoundsError:
    return OutOfBoundsError(f"is nested more than {bounds.levels} levels deep", "Write fewer levels.", line)


def _too_many(bounds: Bounds, line: int) -> OutOfBoundsError:
    return OutOfBoundsError(f"has more than {bounds.values:,} values, with aliases written out", "Split it, or use fewer aliases.", line)
