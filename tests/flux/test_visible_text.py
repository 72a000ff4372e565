"""Text from outside, as it is printed."""

import json
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as some

from flux.visible_text import visible, visible_json, visible_lines

ESCAPE, BELL, NEXT_LINE, RIGHT_TO_LEFT, ISOLATE, LINE_SEPARATOR = "\x1b", "\x07", "\x85", "\u202e", "\u2066", "\u2028"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("apps/überall 日本.yaml", "apps/überall 日本.yaml"),
        ("a\n0 errors", r"a\n0 errors"),
        ("a\r\x1b[2K0 errors", r"a\r\x1b[2K0 errors"),
        (f"{ESCAPE}]0;title{BELL}", r"\x1b]0;title\x07"),
        (f"a{NEXT_LINE}b{LINE_SEPARATOR}c", r"a\x85b\u2028c"),
        (f"{RIGHT_TO_LEFT}lmay.a{ISOLATE}", r"\u202elmay.a\u2066"),
        ("\udcff not UTF-8", r"\udcff not UTF-8"),
        ("\U000e0041", r"\U000e0041"),
    ],
)
def test_what_would_act_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(some.text(alphabet=some.characters(codec=None)))
def test_nothing_that_is_printed_can_act(text: str) -> None:
    assert visible(text).isprintable()
    assert visible_lines(text).replace("\n", "").isprintable()
    visible(text).encode()


@given(some.dictionaries(some.text(alphabet=some.characters(codec=None)), some.text(alphabet=some.characters(codec=None))))
def test_json_says_the_same_and_nothing_in_it_can_act(document: dict[str, str]) -> None:
    assert json.loads(visible_json(document)) == document
    assert visible_json(document).replace("\n", "").isprintable()


def test_line_breaks_of_what_a_program_said_stay() -> None:
    assert visible_lines("fatal: a\r\nb\x1b[31m\n") == "fatal: a\nb\\x1b[31m\n"


def test_all_of_the_signs_that_turn_writing_round_are_shown() -> None:
    turning = [chr(number) for number in range(sys.maxunicode) if unicodedata.bidirectional(chr(number)) in _TURNING]
    assert len(turning) >= 9
    assert all(visible(letter) != letter for letter in turning)


_TURNING = {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}
