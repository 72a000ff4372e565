"""What is read of YAML and JSON that somebody else wrote, and that the rest ends in a sentence, not in a crash, a hang or a full memory."""

import json
import resource
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as some

from flux.bounded_documents import Bounds, UnreadableError, documents, json_value, read_text
from flux.counted_nodes import could_exceed
from flux.quick_loader import QuickLoader
from tests.engine import REPOSITORY

BOUNDS = Bounds(size=2_000_000)
MIB = 1024**2


def values(text: str, bounds: Bounds = BOUNDS) -> list[Any]:
    return [value for value, _ in documents(text, bounds)]


def test_documents_come_with_the_line_where_they_begin() -> None:
    assert list(documents("a: 1\n---\n\nb: [2]\n---\n", BOUNDS)) == [({"a": 1}, 1), ({"b": [2]}, 4), (None, 6)]


UNUSUAL = (
    *(
        "yes",
        "~",
        "",
        "1_000",
        "0o7",
        "010",
        "1:30",
        "+1",
        ".inf",
        "2020-01-01",
        "2020-13-01",
        "=",
        "<<",
        "!!str 5",
        "!!int x",
        "!!set {a}",
    ),
    *("{<<: {a: 1}, b: 2}", "{<<: [{a: 1}, {a: 2}]}", "{a: &x [1], b: *x}", "{[a]: b}", "{1: a, true: b, ~: c}", "!mine {a: 1}"),
    *("!!binary aGk=", "[!!timestamp x, !!float y]", "!!omap [a: 1]", "!!str [a]", "!!map x", "{a: 1, a: 2}", "'1'", "{? a : b}"),
)


@pytest.mark.parametrize("text", UNUSUAL)
def test_a_value_is_what_pyyaml_makes_of_it(text: str) -> None:
    assert _outcome(text, QuickLoader) == _outcome(text, yaml.CSafeLoader)


def _outcome(text: str, loader: type[yaml.CSafeLoader]) -> str:
    try:
        return repr(yaml.load(text, loader))  # noqa: S506 (both are safe); 1 and True are equal
    except (yaml.YAMLError, ValueError, KeyError, AttributeError) as error:
        return f"{type(error).__name__}: {error}"


def doubled(levels: int) -> str:
    return "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, levels))


ATTACKS = {
    "brackets that end the C loader": ("[" * 100_000, "nested more than 100 levels deep"),
    "braces in the same way": ("{a: " * 100_000, "nested more than 100 levels deep"),
    "dashes in the same way": ("- " * 100_000 + "x", "nested more than 100 levels deep"),
    "question marks in the same way": ("? " * 100_000 + "x", "nested more than 100 levels deep"),
    "indentation in the same way": ("".join(" " * level + "a:\n" for level in range(900)), "nested more than 100 levels deep"),
    "lists in the columns of their mappings": (
        "".join(" " * level + "- a:\n" for level in range(0, 240, 2)),
        "nested more than 100 levels deep",
    ),
    "aliases that double at each line": (doubled(40), "more than 200,000 values"),
    "merges that double at each line": (
        "a0: &a0 {x0: 1}\n" + "".join(f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}], x{n}: 1}}\n" for n in range(1, 40)),
        "more than 200,000 values",
    ),
    "aliases that add levels": (
        "a0: &a0 " + "[" * 50 + "]" * 50 + "\n" + "".join(f"a{n}: &a{n} [[*a{n - 1}]]\n" for n in range(1, 90)),
        "nested more than 100 levels deep",
    ),
    "a list that contains itself": ("a: &a [*a]", "contains itself"),
    "a mapping that contains itself": ("&a {a: {b: *a}}", "contains itself"),
    "a mapping that merges itself": ("&a {<<: *a}", "contains itself"),
    "more scalars than anybody writes": ("[" + "a," * 400_000 + "]", "more than 200,000 values"),
    "more lines than anybody writes": ("- a\n" * 400_000, "more than 200,000 values"),
    "a whole number of 5,000 digits": ("a: " + "9" * 5_000, "a number of more than 400 characters"),
    "a number to the base of sixty": ("a: 1" + ":59" * 500_000, "a number of more than 400 characters"),
    "a file that is too large": ("a" * 2_000_001, "larger than 2,000,000 bytes"),
    "a character that YAML does not allow": ("a: \x07", "not YAML"),
    "half of a surrogate pair": ("a: \ud800", "not YAML"),
    "a date that is none": ("a: 2026-99-99", "not YAML"),
    "a tag that its value does not fit": ("a: !!int [1]", "not YAML"),
    "a tag of Python's": ("a: !!python/object/apply:os.system [true]", "not YAML"),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_would_break_a_reader_ends_in_a_sentence(attack: str) -> None:
    text, wrong = ATTACKS[attack]

    with pytest.raises(UnreadableError, match=wrong):
        values(text)


@pytest.mark.thorough
@pytest.mark.parametrize("attack", ATTACKS)
def test_refusing_takes_neither_much_time_nor_much_memory(attack: str, tmp_path: Path) -> None:
    file = tmp_path / "attack"
    file.write_text(ATTACKS[attack][0], encoding="utf-8", errors="surrogatepass")
    script = (
        "import sys\n"
        "from flux.bounded_documents import Bounds, UnreadableError, documents\n"
        "text = open(sys.argv[1], encoding='utf-8', errors='surrogatepass').read()\n"
        "try: print(list(documents(text, Bounds(size=2_000_000))))\n"
        # The kernel's own peak of this program: that of getrusage begins with the size of the process that started it.
        "except UnreadableError: print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])\n"
    )
    started = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-c", script, str(file)], cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=True)
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)

    assert int(done.stdout) * 1024 < 300 * MIB
    assert ended.ru_utime - started.ru_utime < 5


def test_a_text_within_all_bounds_is_read_however_it_is_written() -> None:
    deep: Any = "x"
    for _ in range(99):
        deep = [deep]
    assert values(json.dumps(deep)) == [deep]
    assert values(yaml.safe_dump(deep)) == [deep]
    assert values("a: &a {b: 1}\nc: [*a, *a]\nd: {<<: *a, e: 2}") == [{"a": {"b": 1}, "c": [{"b": 1}] * 2, "d": {"b": 1, "e": 2}}]


def test_an_anchor_may_be_defined_again_and_an_alias_means_the_last_one() -> None:
    assert values("a: &x 1\nb: *x\nc: &x {d: 2}\ne: *x\n---\n- &y on\n- &y no\n- *y\n") == [
        {"a": 1, "b": 1, "c": {"d": 2}, "e": {"d": 2}},
        [True, False, False],
    ]
    deep = "a: &x 1\nb: &x 2\nc: " + "[" * 200 + "]" * 200
    with pytest.raises(UnreadableError, match="nested more than"):
        values(deep)
    with pytest.raises(UnreadableError, match="contains itself"):
        values("a: &x 1\nb: &x [*x]\n")


anything = some.recursive(
    some.none() | some.booleans() | some.integers(-(10**9), 10**9) | some.text(max_size=5),
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(some.text(max_size=3), inner, max_size=4),
    max_leaves=30,
)


SMALL = ("? a: b", "? ? a: b", "a: 1\rb: 2\rc: 3", "a:\x85b: ", "a: 1\u2028b: 2", "{a, b, c: d}", "a: b")
"""Of many nodes for their length."""


@pytest.mark.parametrize("text", SMALL)
def test_what_is_not_counted_cannot_exceed_the_bound(text: str) -> None:
    count = sum(isinstance(event, yaml.NodeEvent) for event in yaml.parse(text, Loader=yaml.CSafeLoader))
    assert could_exceed(text, Bounds(size=10_000, values=count - 1, levels=50))


@pytest.mark.thorough
@example(value={"": None, "0": None, "1": None, "2": None}, bounds=Bounds(size=10_000, values=8, levels=1))
@example(value=[{"a": "b"}] * 3, bounds=Bounds(size=10_000, values=9, levels=2))
@given(value=anything, bounds=some.builds(Bounds, size=some.just(10_000), values=some.integers(1, 40), levels=some.integers(1, 6)))
def test_exactly_what_exceeds_a_bound_is_refused(value: Any, bounds: Bounds) -> None:
    def size(each: Any) -> tuple[int, int]:
        if not isinstance(each, dict | list):
            return 1, 0
        inner = [size(item) for item in (each.values() if isinstance(each, dict) else each)]
        return 1 + sum(count for count, _ in inner) + (len(each) if isinstance(each, dict) else 0), 1 + max(
            (deep for _, deep in inner), default=0
        )

    count, levels = size(value)
    for text in (yaml.safe_dump(value), yaml.safe_dump(value, default_flow_style=True), yaml.safe_dump(value, indent=8)):
        if count > bounds.values or levels > bounds.levels:
            with pytest.raises(UnreadableError):
                values(text, bounds)
        else:
            assert values(text, bounds) == [value]
    if levels > bounds.levels:
        with pytest.raises(UnreadableError):
            json_value(json.dumps(value), bounds)
    else:
        assert json_value(json.dumps(value), bounds) == value


@given(text=some.text(alphabet=some.sampled_from("ab01 \n\t-?:,[]{}&*!|>'\"%@`#<~."), max_size=60))
def test_any_text_ends_in_values_or_a_sentence(text: str) -> None:
    with suppress(UnreadableError):
        values(text, Bounds(size=1_000, values=20, levels=4))


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        ("[" * 100_000, "nested more than 100 levels"),
        ('{"a":' * 900 + "1" + "}" * 900, "nested more than 100 levels"),
        ("9" * 5_000, "not JSON"),
        ("{", "not JSON"),
        ("[" + " " * 2_000_000 + "]", "larger than"),
    ],
)
def test_json_that_would_break_a_reader_ends_in_a_sentence(content: str, wrong: str) -> None:
    with pytest.raises(UnreadableError, match=wrong):
        json_value(content, BOUNDS)


def test_no_more_of_a_file_is_read_than_its_bound(tmp_path: Path) -> None:
    file = tmp_path / "large.yaml"
    with file.open("wb") as handle:
        handle.truncate(8 * 1024**3)
    started = time.process_time()

    with pytest.raises(UnreadableError, match="larger than 2,000,000 bytes"):
        read_text(file, BOUNDS)

    assert time.process_time() - started < 5


def test_a_file_that_is_no_utf_8_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "latin.yaml"
    file.write_bytes("a: 1\nb: é\n".encode("latin-1"))

    with pytest.raises(UnreadableError, match="is not UTF-8") as caught:
        read_text(file, BOUNDS)

    assert caught.value.line == 2
