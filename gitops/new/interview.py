"""Asking: each question is answered by its option, else by the person at the terminal, else by its default."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from flux.listing import either
from flux.message import Message
from flux.message_lines import lines_of
from gitops.errors import CommandError
from gitops.new.mistake import mistake

AnswerT = TypeVar("AnswerT")

_YES, _NO = ("y", "yes"), ("n", "no")
Prompt = Callable[[str, str | None], str]
"""Asks a person: the question, and what an empty answer means."""


@dataclass(frozen=True, kw_only=True)
class Question(Generic[AnswerT]):
    """One thing to know, and what follows from the answer."""

    option: str
    """As it is written on the command line: `--path DIRECTORY`."""
    asks: str
    read: Callable[[str], AnswerT]
    """The answer that a text is. Raises CommandError if it is invalid."""
    effect: Callable[[AnswerT], str]
    """What follows from it, in a sentence."""
    default: str | None = None
    choices: Mapping[AnswerT, str] = field(default_factory=dict)
    """What may be answered, where not everything may → what it means."""

    def refusal(self, text: str) -> CommandError | None:
        """Why a text is no answer; None if it is one."""
        try:
            self.read(text)
        except CommandError as error:
            return error
        return None


class Interview:
    """Asks one question after the other. `prompt` is None without a terminal."""

    def __init__(self, prompt: Prompt | None, say: Callable[[str], None]) -> None:
        self._prompt = prompt
        self._say = say

    @property
    def with_a_person(self) -> bool:
        """Whether a person can be asked."""
        return self._prompt is not None

    def answer(self, question: Question[AnswerT], given: str | None, default: str | None = None) -> AnswerT:
        """The answer; `default` comes before the question's own.

        Raises:
            CommandError: the option's value is invalid, or there is no option, person or default.
        """
        proposed = default if default is not None else question.default
        if given is not None:
            found = question.read(given)
        elif self._prompt is None:
            if proposed is None:
                raise missing([question])
            found = question.read(proposed)
        else:
            found = self._asked(question, proposed, self._prompt)
        self._say(f"  {question.effect(found)}")
        return found

    def agrees(self, text: str) -> bool:
        """Whether the person says yes; without a terminal, the options are a yes."""
        while self._prompt is not None:
            said = self._prompt(f"{text} (yes, no)", "yes").strip().lower()
            if said in _YES or said in _NO:
                return said in _YES
            self._say("  Write yes or no.")
        return True

    def _asked(self, question: Question[AnswerT], proposed: str | None, prompt: Prompt) -> AnswerT:
        width = max((len(str(choice)) for choice in question.choices), default=0)
        self._say("")
        for choice, meaning in question.choices.items():
            self._say(f"  {str(choice).ljust(width)}  {meaning}")
        while True:
            try:
                return question.read(prompt(question.asks, proposed))
            except CommandError as error:
                self._say(f"  {error}")


def missing(questions: Sequence[Question[Any]]) -> CommandError:
    """What the command cannot know by itself, all of it at once."""
    count = f"{len(questions)} answers are missing" if len(questions) > 1 else "An answer is missing"
    return CommandError(Message(f"{count}, and there is no terminal to ask at", "Nothing was written.", "Add:"), _listed(questions))


def invalid(refusals: Sequence[CommandError], gaps: Sequence[Question[Any]] = ()) -> CommandError:
    """What is wrong with the options, all of it at once, and which are missing."""
    if len(refusals) == 1 and not gaps:
        return refusals[0]
    count = f"{len(refusals)} answers are invalid" if len(refusals) > 1 else "An answer is invalid"
    lines = [line for refusal in refusals for line in lines_of(refusal.message)]
    more = ["Missing, and there is no terminal to ask at:", _listed(gaps)] if gaps else []
    return CommandError(
        Message(count, "Nothing was written.", "Correct it:" if len(refusals) == 1 else "Correct them:"), "\n".join([*lines, *more])
    )


def _listed(questions: Sequence[Question[Any]]) -> str:
    width = max(len(question.option) for question in questions)
    return "\n".join(f"  {question.option.ljust(width)}  {question.asks}{_choices(question)}" for question in questions)


def _choices(question: Question[Any]) -> str:
    colon = "" if question.asks.endswith("?") else ":"
    return f"{colon} {', '.join(map(str, question.choices))}" if question.choices else ""


def one_of(choices: Mapping[AnswerT, str], option: str) -> Callable[[str], AnswerT]:
    """Reads one of the texts in `choices`, the answer to `option`; to a question without one, an empty `option`."""

    def read(text: str) -> AnswerT:
        for choice in choices:
            if choice == text.strip():
                return choice
        name = option.split()[0] if option else "The answer"
        listed = ", ".join(str(choice) for choice in choices)
        raise mistake(f"{name} is not one of {listed}", "Nothing was written.", f"Write {either(choices)}.")

    return read
