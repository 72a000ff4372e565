"""What defines a kind of text: the pattern that editors check, and the message for a text that does not match it."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from flux.message import Message

WRONG_TEXT = "wrong_text"
"""Type of a fault that a model words itself; the context's `message` is for the person. It never holds the value."""


def wrong_text(message: Message, *below: str | int) -> PydanticCustomError:
    """The error with this message: for a text of the wrong form, or keys that do not go together.

    `below`: where it is, below what the model holds.
    """
    return PydanticCustomError(WRONG_TEXT, "wrong", {"message": message, "below": below})


@dataclass(frozen=True)
class Named:
    """What the reference page calls a type that is not a `TextKind`."""

    name: str


@dataclass(frozen=True)
class TextKind:
    """A kind of text: its pattern, and the message for a text that does not match it."""

    name: str
    """What the reference page calls it."""
    pattern: str
    message: Message
    mistakes: tuple[tuple[str, Message], ...] = ()
    """Pattern of a common mistake → its own message; the first that fits."""
    lines: bool = False
    """Whether it may have several lines."""

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self.pattern)

    def fits(self, text: str) -> bool:
        """Whether `text` is of this kind."""
        return bool(self._compiled.search(text)) and (self.lines or "\n" not in text)

    def check(self, text: str) -> str:
        """Return `text`, or raise what is wrong with it."""
        if self.fits(text):
            return text
        for mistake, message in self.mistakes:
            if re.search(mistake, text):
                raise wrong_text(message)
        raise wrong_text(self.message)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Checked after pydantic found a string."""
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """The pattern, for editors."""
        return {**handler(schema), "pattern": self.pattern}
