"""Kubernetes' quantities: `500m` of a CPU, `1Gi` of memory."""

import re
from decimal import Decimal
from typing import Any

QUANTITY = r"^([0-9]+(\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]{1,2})?$"
"""One that is not negative (k8s.io/apimachinery, api/resource/quantity.go)."""
_PARTS = re.compile(r"(?P<number>[0-9.]+)(?P<unit>.*)")
_BINARY = {f"{letter}i": Decimal(1024) ** power for power, letter in enumerate("KMGTPE", 1)}
_DECIMAL = {"": Decimal(1), "n": Decimal("1e-9"), "u": Decimal("1e-6"), "m": Decimal("1e-3"), "k": Decimal(1000)}
_UNITS = {**_BINARY, **_DECIMAL, **{letter: Decimal(1000) ** power for power, letter in enumerate("MGTPE", 2)}}


def amount_of(quantity: Any) -> Decimal | None:
    """How much a quantity is, in cores or bytes; None for what is no quantity."""
    if isinstance(quantity, bool) or not isinstance(quantity, str | int | float):
        return None
    text = str(quantity)
    if not re.fullmatch(QUANTITY, text, re.ASCII):
        return None
    match = _PARTS.fullmatch(text)
    if match is None or match["unit"] not in _UNITS:
        return Decimal(text)  # 1e3
    return Decimal(match["number"]) * _UNITS[match["unit"]]
