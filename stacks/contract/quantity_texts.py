"""Kubernetes quantities in a stack file, each with the message for other texts. A number need not be quoted, as in a Pod."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from flux.message import Message
from flux.quantities import QUANTITY, amount_of
from flux.schema.showing import mentioned
from stacks.contract.text_kinds import Named, wrong_text

_REFUSED = "The API server would refuse the Deployment."
_BYTES = re.compile(r"(?P<number>[0-9]+(\.[0-9]+)?)\s*(?P<unit>[kKmMgGtT])[iI]?[bB]?", re.ASCII)


def _quantity(value: Any) -> Any:
    if value is None or amount_of(value) is not None:
        return _as_written(value)
    raise wrong_text(
        Message(f"{mentioned(value, ())} is not a quantity", _REFUSED, "Write a number with or without a unit, like 500m or 2.")
    )


def _memory(value: Any) -> Any:
    if isinstance(value, str) and (match := _BYTES.fullmatch(value.strip())):
        meant = f"{match['number']}{'K' if match['unit'] in 'kK' else match['unit'].upper()}i"
        if value.strip().endswith("m"):
            raise wrong_text(Message("is in thousandths of a byte", "The controller could not start.", f"Write {meant}."))
        if amount_of(value) is None:
            raise wrong_text(Message(f"{mentioned(value, ())} is not a quantity", _REFUSED, f"Write {meant}."))
    if value is None or amount_of(value) is not None:
        return _as_written(value)
    raise wrong_text(
        Message(f"{mentioned(value, ())} is not a quantity", _REFUSED, "Write bytes, with or without a unit, like 512Mi or 2Gi.")
    )


def _as_written(value: Any) -> Any:
    return str(value) if isinstance(value, float) else value


_SCHEMA = WithJsonSchema({"anyOf": [{"type": "string", "pattern": QUANTITY}, {"type": "number", "minimum": 0}]})
Quantity = Annotated[str | int, BeforeValidator(_quantity), Named("Kubernetes quantity"), _SCHEMA]
Memory = Annotated[str | int, BeforeValidator(_memory), Named("Kubernetes quantity"), _SCHEMA]
"""A quantity of bytes."""
