"""Reading bodies that may have any shape: what the schema refuses must not break a rule, which then has nothing to say."""

from collections.abc import Mapping
from typing import Any, TypeGuard

from flux.key_path import KeyPath
from flux.listing import listed
from flux.secret_shapes import could_be_secret

NOTHING: Mapping[str, Any] = {}
ADDRESS_OF_A_PROXY = "address"
"""The entry by which the Secret of a proxy is known."""
_MOST_SHOWN = 80


def at(value: Any, *path: str) -> Any:
    """What stands at `path`; None when it, or what leads there, is missing or of another type."""
    for part in path:
        # The type of nearly all, asked here and not in `_is_mapping`: rules read a hundred thousand places.
        value = value.get(part) if type(value) is dict else value.get(part) if value is not None and isinstance(value, Mapping) else None
    return value


def mapping(value: Any, *path: str) -> Mapping[str, Any]:
    """The object at `path`, else an empty one."""
    found = at(value, *path)
    return found if found is not None and _is_mapping(found) else NOTHING


def text(value: Any, key: str, *more: str) -> str | None:
    """The text at the path; None for an empty one, which Flux's controllers treat as missing."""
    found = value.get(key) if type(value) is dict and not more else at(value, key, *more)
    return found if found and isinstance(found, str) else None


def entries(value: Any, *path: str) -> list[tuple[KeyPath, Mapping[str, Any]]]:
    """The objects of the list at `path`, each with its own path."""
    found = at(value, *path)
    if not isinstance(found, list):
        return []
    return [((*path, index), item) for index, item in enumerate(found) if _is_mapping(item)]


def _is_mapping(value: Any) -> TypeGuard[Mapping[str, Any]]:
    return type(value) is dict or isinstance(value, Mapping)  # the first is what nearly all are, and ten times faster to ask


def holds(keys: frozenset[str], *, but: str = "") -> str:
    """What a Secret holds, by the names of its entries: those are no secret, but the stack's own, fixed ones.

    `but`: what it should hold, and does not.
    """
    return f"holds {listed(sorted(keys))}{f' but {but}' if but else ''}" if keys else "is empty"


def shown(value: str) -> str:
    """`value` in quotes, or a note that it is not shown: a long text, or one that could be a secret, is never repeated."""
    return f'"{value}"' if is_harmless(value) else "this value (not shown: it could be a secret)"


def is_harmless(value: str) -> bool:
    """Whether `value` may stand in a message: short, one line, and nothing in it looks like a key or a token."""
    return len(value) <= _MOST_SHOWN and value.isprintable() and not could_be_secret(value)
