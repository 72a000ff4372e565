"""YAML and JSON from outside, read within bounds: no text crashes the parser, keeps it busy or fills the memory.

Why it is needed: PyYAML's C loader recurses without a limit, so that a text of 100 kB ends the interpreter; an alias costs a few bytes
and stands for whatever it names, so that a text of 1 kB is gigabytes once something walks it; and a whole number of YAML 1.1 may be
written as `1:30:30:…`, which takes quadratic time.

How: the parser's events, which need no stack, are counted before nodes are made of them, but only where the text could be deep or large
at all; then each document's nodes are counted as if its aliases were written out. A process of its own was measured and is not needed:
what the events let through cannot exhaust the C stack (docs/security.md).
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import yaml

from flux.bounds import Bounds, OutOfBoundsError, UnreadableError, refuse_larger, too_deep, too_many
from flux.counted_nodes import NodeCount, could_exceed, could_have_long_numbers, count_events, line_of, refuse_deeper
from flux.quick_loader import QuickLoader
from flux.repeated_anchors import composed

__all__ = ["Bounds", "OutOfBoundsError", "UnreadableError"]

LoaderT = TypeVar("LoaderT", bound=yaml.CSafeLoader)


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
    refuse_larger(len(content), bounds)
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise UnreadableError("is not UTF-8", "Save it as UTF-8.", content[: error.start].count(b"\n") + 1) from None


def nodes(loader: yaml.CSafeLoader, text: str, bounds: Bounds) -> Iterator[yaml.Node]:
    """The documents of `text`, which `loader` was made of, as nodes. The caller disposes of the loader.

    Raises:
        UnreadableError: it is not YAML, or exceeds `bounds`.
    """
    refuse_larger(len(text), bounds)
    has_aliases, is_open, values = "*" in text, could_exceed(text, bounds), 0
    only_depth_is_open = not (has_aliases or is_open or could_have_long_numbers(text))
    try:
        if is_open:
            count_events(text, bounds)
        for node in composed(loader, text, lambda: count_events(text, bounds)):
            if only_depth_is_open:
                refuse_deeper(node, bounds)
                yield node
                continue
            values += NodeCount(bounds, has_aliases=has_aliases).of(node, 0)[0]
            if values > bounds.values:
                raise too_many(bounds, line_of(node))
            yield node
    except yaml.YAMLError as error:
        raise not_yaml(error, text) from None


def not_yaml(error: yaml.YAMLError, text: str = "") -> UnreadableError:
    """What the parser complains about in `text`."""
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark else 0
    written = text.split("\n")[mark.line : mark.line + 1] if mark else []
    if mark and any(each[: mark.column + 1].strip(" ") == "\t" for each in written):
        return UnreadableError("is not YAML: a tab indents this line", "Write spaces instead of the tab.", line)
    return UnreadableError(f"is not YAML: {getattr(error, 'problem', None) or 'it cannot be parsed'}", line=line)


def documents(text: str, bounds: Bounds, loader_class: type[yaml.CSafeLoader] = QuickLoader) -> Iterator[tuple[Any, int]]:
    """The value of each document of `text`, and the line where it begins, from 1. An empty one is None.

    Raises:
        UnreadableError: it is not YAML, exceeds `bounds`, or holds what Python has no value for.
    """
    loader = loader_of(text, loader_class)
    try:
        for node in nodes(loader, text, bounds):
            line = line_of(node)
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
    refuse_larger(len(content), bounds)
    try:
        value = json.loads(content)
    except RecursionError:
        raise too_deep(bounds) from None
    except ValueError:
        raise UnreadableError("is not JSON") from None
    level = [value]
    for _ in range(bounds.levels):
        level = [item for each in level if isinstance(each, dict | list) for item in (each.values() if isinstance(each, dict) else each)]
        if not level:
            return value
    if any(isinstance(each, dict | list) for each in level):
        raise too_deep(bounds)
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
