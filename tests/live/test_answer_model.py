"""What a message says of an answer that has another form: in words of this program, never in those of pydantic, and without the value."""

from typing import Annotated, Any

import pytest
from pydantic import Field, StringConstraints

from live.client.answer_model import AnswerModel, MalformedAnswerError, fitting

VALUE = "hunter2-marker"


class Every(AnswerModel):
    """A key of each kind that the models of answers have."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=20, pattern="^[a-z]+$")] = "a"
    number: Annotated[int, Field(gt=0, lt=9)] = 1
    switch: bool = True
    many: list[str] = Field(default_factory=list)
    named: dict[str, str] = Field(default_factory=dict)
    below: "Every | None" = None


class Required(AnswerModel):
    """One that must be there."""

    text: str


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"text": 5}, "text: is not text"),
        ({"text": ""}, "text: is too short"),
        ({"text": VALUE * 2}, "text: is too long"),
        ({"text": VALUE}, "text: does not have the form that it should have"),
        ({"number": VALUE}, "number: is not a whole number"),
        ({"number": 0}, "number: is too small a number"),
        ({"number": 9}, "number: is too large a number"),
        ({"switch": VALUE}, "switch: is not true or false"),
        ({"many": VALUE}, "many: is not a list"),
        ({"many": ["a", 5]}, "many.1: is not text"),
        ({"named": VALUE}, "named: is not an object"),
        ({"below": VALUE}, "below: is not an object"),
        ({"below": {"below": {"many": {}}}}, "below.below.many: is not a list"),
        (VALUE, "is not an object"),
    ],
)
def test_what_does_not_fit_is_said_with_its_place(answer: Any, said: str) -> None:
    with pytest.raises(MalformedAnswerError) as caught:
        fitting(Every, answer, "/apis/")

    assert caught.value.wrong == f"/apis/: {said}"


def test_what_is_missing_is_said_so() -> None:
    with pytest.raises(MalformedAnswerError, match=r"^/apis/: text: is missing$"):
        fitting(Required, {}, "/apis/")
