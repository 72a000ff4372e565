"""How an answer of a server is validated: by a model of what is used of it, which ignores everything else and takes `null` as absent."""

from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from flux.secret_shapes import without_tokens
from flux.short_text import one_line, trim_middle
from flux.visible_text import visible

LONGEST_PLACE = 120


_SAID = {
    "missing": "is missing",
    "string_type": "is not text",
    "string_too_short": "is too short",
    "string_too_long": "is too long",
    "int_type": "is not a whole number",
    "greater_than": "is too small a number",
    "less_than": "is too large a number",
    "bool_type": "is not true or false",
    "list_type": "is not a list",
    "dict_type": "is not an object",
    "model_type": "is not an object",
    "invalid_key": "has a key that is not text",
}
"""pydantic's type of the error → what a message says of it."""


class MalformedAnswerError(Exception):
    """A server answered, and not in the form that its API has. Holds no value of the answer."""

    def __init__(self, wrong: str) -> None:
        """`wrong`: `/apis/ is not JSON`."""
        super().__init__(wrong)
        self.wrong = wrong


class AnswerModel(BaseModel):
    """What is used of an answer: of the type that it should have, and of no other that could be made into it."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, hide_input_in_errors=True)


class _PageMetadata(AnswerModel):
    next_page: str | None = Field(None, alias="continue")


class ListPage(AnswerModel):
    """What every page of a list has. A model of one adds its items."""

    metadata: _PageMetadata


FittingT = TypeVar("FittingT", bound=AnswerModel)


def fitting(model: type[FittingT], document: Any, what: str) -> FittingT:
    """`document` as `model`; `what` is how a message calls it.

    Raises:
        MalformedAnswerError: it does not fit.
    """
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise MalformedAnswerError(f"{what}: {why_unfitting(error)}") from None


def why_unfitting(error: ValidationError) -> str:
    """The first thing that is wrong: `status.conditions.0.type: is not text`. Without the value, and in no words of pydantic's."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    # A key of a mapping comes from the server, too.
    place = trim_middle(visible(without_tokens(one_line(".".join(map(str, first["loc"]))))), LONGEST_PLACE)
    said = _SAID.get(first["type"], "does not have the form that it should have")
    return f"{place}: {said}" if place else said
