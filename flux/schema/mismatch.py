"""What is wrong with a body, before it is put into words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flux.key_path import KeyPath

Node = Mapping[str, Any]
"""A node of a CRD's structural schema."""


@dataclass(frozen=True, kw_only=True)
class Mismatch:
    """One place where a value does not fit its schema."""

    path: KeyPath
    keyword: str
    """What it does not fit: a keyword of the schema (`pattern`, `required`, …), `unknown`, `rule` (CEL), or one of object_meta."""
    value: Any = field(default=None, repr=False)
    node: Node = field(default_factory=dict)
    """What the schema says about the value; of a missing or unknown field: about the object that it would be in."""
    detail: Any = None
    """What the keyword alone does not say: the names that would be right, the rule's message, a limit."""
