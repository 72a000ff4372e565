"""Problems are told once each, all together, and end the program in the one way that prints our text alone."""

from dataclasses import replace

import pytest

from flux.errors import FluxInputError
from flux.message import Message
from stacks.words.did_you_mean import did_you_mean
from stacks.words.place import Place
from stacks.words.problems import Problem, StackProblems, problems_told_plainly, shown
from tests.engine import attempt

FIRST = Problem(Place(file="a.yaml", line=1, key=("x",)), Message("is wrong"))
SECOND = Problem(Place(file="b.yaml", line=2, key=("y",)), Message("is worse"))


def test_a_problem_that_was_found_twice_is_told_once() -> None:
    assert str(StackProblems([FIRST, SECOND, FIRST])) == "a.yaml:1 x: is wrong.\nb.yaml:2 y: is worse."


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (StackProblems([FIRST]), "1 problem; nothing was changed.\na.yaml:1 x: is wrong"),
        (StackProblems([FIRST, SECOND]), "2 problems; nothing was changed.\na.yaml:1 x: is wrong\n\nb.yaml:2 y: is worse"),
        (
            FluxInputError(Message("is none", "", "Write large."), ("flux", "size")),
            "1 problem; nothing was changed.\nflux.size: is none. Write large.",
        ),
    ],
)
def test_a_persons_mistake_ends_with_its_text_alone(error: Exception, text: str) -> None:
    def program() -> None:
        with problems_told_plainly():
            raise error

    record = attempt(program)

    assert (record.exit_code, record.errors_as_shown, record.printed) == (32, text, "")


def test_a_problem_is_told_in_three_lines_and_those_of_one_file_together() -> None:
    whole = Message('"5 minutes" is not a duration', "The API server would refuse the GitRepository.", "Write 5m.")
    here = Place(file="catalog.yaml", line=24, key=("git", "a", "spec", "interval"), layer="catalog")

    text = shown([Problem(here, whole), FIRST, Problem(replace(here, line=30), Message("is " + "very " * 20 + "wrong"))])

    assert text.splitlines() == [
        'catalog.yaml:24 git.a.spec.interval: "5 minutes" is not a duration.',
        "  The API server would refuse the GitRepository.",
        "  Write 5m.",
        "catalog.yaml:30 git.a.spec.interval: is " + "very " * 11 + "very",
        "    " + "very " * 8 + "wrong",
        "",
        "a.yaml:1 x: is wrong",
    ]
    assert max(map(len, text.splitlines())) <= 100


def test_a_mistake_of_ours_keeps_its_traceback() -> None:
    def program() -> None:
        with problems_told_plainly():
            raise KeyError("ours")

    assert isinstance(attempt(program).exception, KeyError)


@pytest.mark.parametrize(
    ("name", "known", "text"),
    [
        ("sorce", ["source", "other"], "Did you mean `source`?"),
        ("source-c", ["source-b", "source-a", "other"], "Did you mean `source-b` or `source-a`?"),
        ("zzz", ["b", "a"], "The choices are: a, b."),
        ("zzz", [], ""),
    ],
)
def test_a_name_that_is_not_there_is_told_with_its_neighbours(name: str, known: list[str], text: str) -> None:
    assert did_you_mean(name, known) == text
