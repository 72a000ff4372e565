"""How a command writes its result."""

from enum import StrEnum


class Output(StrEnum):
    """How a result is written to stdout."""

    TABLE = "table"
    JSON = "json"
