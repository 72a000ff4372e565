"""What every model of the files has in common."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from flux.message import Message


class Strict(BaseModel):
    """Unknown keys are refused, nothing is converted, keys are camelCase as in Flux, and errors do not repeat values."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, hide_input_in_errors=True, alias_generator=to_camel, validate_by_name=False
    )
    ELSEWHERE: ClassVar[Mapping[str, Message]] = MappingProxyType({})
    """Keys that people expect here and that are elsewhere → the message, in place of the one for any unknown key."""
