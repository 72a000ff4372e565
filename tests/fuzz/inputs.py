"""Damaged texts."""

import copy
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import yaml

PIECES = (
    *("[" * 2_000, "{a: " * 600, "- " * 900, "? " * 400, "&a [*a, *a]", "*a", "&a", "<<: *a", "<<: [*a, *a]", "---\n", "...\n"),
    *("!!python/object/apply:os.system [id]", "!!binary x", "!!timestamp x", "!!int [1]", "!!set {a}", "%YAML 9.9\n", "!<tag:x> a"),
    *("9" * 5_000, "1:59:59:59", "0x" + "f" * 900, "1e400", "-.inf", ".nan", "2026-99-99", "0o777", "~", "null", "true", "on"),
    *(
        "\x00",
        "\x1b[2J",
        "\r",
        "\t",
        "\x85",
        "\u2028",
        "\u202e",
        "\ufeff",
        "\udcff",
        "😀",
        "\\",
        '"',
        "'",
        "`",
        "${A}",
        "$${A}",
        "{env: HOME}",
    ),
    *(
        "../../../etc/passwd",
        "/dev/zero",
        "https://[::1",
        "https://a:99999",
        "ssh://-oProxyCommand=x/a",
        "file:///etc",
        "ENC[AES256_GCM,data:x]",
    ),
    *("\n---\na: 1\n", "${" * 5_000, "," * 5_000, "a:" * 5_000, "?" * 5_000, "shamir_threshold=" + "9" * 5_000 + "\n"),
    *("(" * 200, "(a+)+$", "a" * 20_000, "key: value\n" * 500, ": ", "- - - -", "|", ">", "|+\n  x", "{}", "[]", '""', "#"),
)
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 2.5, 10**30, 2**63, "", " ", "a/b", "ä\u2028\x7f", "\x1b[2J", "x" * 5_000),
    *([], {}, [[]], {"": {}}, [None], [[[[[[]]]]]], {"env": "NOWHERE"}, {"secure": "x"}, {"a": {"b": {"c": {}}}}),
)


def damaged_texts(examples: tuple[str, ...], seed: int) -> Iterator[str]:
    """Endlessly many; the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 (the same inputs each time)
    while True:
        text = chance.choice(examples)
        for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
            text = chance.choice(WAYS)(text, examples, chance)
        yield text


def every_single_change(text: str) -> Iterator[str]:
    """`text`, a document, with each of its values replaced by each of VALUES, and each of its keys gone or called otherwise.

    Each item of a list is also gone, and there twice; and each of VALUES is the whole document.
    """
    document = yaml.load(text, Loader=yaml.CSafeLoader)
    yield from map(json.dumps, VALUES)
    for holder, key in list(_places(document)):
        kept = holder[key]
        for value in VALUES:
            holder[key] = value
            yield json.dumps(document)
        holder[key] = kept
        if isinstance(holder, dict):
            del holder[key]
            yield json.dumps(document)
            holder["of-another-name"] = kept
            yield json.dumps(document)
            del holder["of-another-name"]
            holder[key] = kept
        else:
            del holder[key]
            yield json.dumps(document)
            holder[key:key] = [kept, kept]
            yield json.dumps(document)
            del holder[key]


def _cut(text: str, _: tuple[str, ...], chance: random.Random) -> str:
    return text[: chance.randrange(len(text) + 1)]


def _without_a_line(text: str, _: tuple[str, ...], chance: random.Random) -> str:
    lines = text.splitlines(keepends=True) or [""]
    del lines[chance.randrange(len(lines))]
    return "".join(lines)


def _line_twice(text: str, _: tuple[str, ...], chance: random.Random) -> str:
    lines = text.splitlines(keepends=True) or [""]
    index = chance.randrange(len(lines))
    return "".join([*lines[: index + 1], *lines[index:]])


def _lines_mixed(text: str, _: tuple[str, ...], chance: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    first, second = (chance.randrange(len(lines) or 1) for _ in range(2))
    if lines:
        lines[first], lines[second] = lines[second], lines[first]
    return "".join(lines)


def _indented(text: str, _: tuple[str, ...], chance: random.Random) -> str:
    lines = text.splitlines(keepends=True) or [""]
    index = chance.randrange(len(lines))
    lines[index] = chance.choice(("  ", " ", "\t", "- ", "? ")) + lines[index] if chance.random() < 0.6 else lines[index].lstrip()
    return "".join(lines)


def _piece(text: str, _: tuple[str, ...], chance: random.Random) -> str:
    at = chance.randrange(len(text) + 1)
    return text[:at] + chance.choice(PIECES) + text[at:]


def _sign(text: str, _: tuple[str, ...], chance: random.Random) -> str:
    at = chance.randrange(len(text) + 1)
    return text[:at] + chance.choice("[]{}:,-?&*!|>'\"%@`#<~. \n\t0a") + text[at + chance.randrange(2) :]


def _of_another(text: str, examples: tuple[str, ...], chance: random.Random) -> str:
    other = chance.choice(examples)
    return text[: chance.randrange(len(text) + 1)] + other[chance.randrange(len(other) + 1) :]


def _value(text: str, _: tuple[str, ...], chance: random.Random) -> str:
    """One value of the document is another one, goes, or is called otherwise; a text that is no document stays."""
    try:
        document = yaml.load(text[:50_000], Loader=yaml.CSafeLoader) if "[" * 50 not in text and "*" not in text else None
    except (yaml.YAMLError, ValueError, RecursionError, TypeError, KeyError, AttributeError):
        return text
    if not isinstance(document, dict | list):
        return text
    places = list(_places(document))
    if not places:
        return text
    holder, key = chance.choice(places)
    if isinstance(holder, dict) and chance.random() < 0.2:
        holder[chance.choice(("x", "", "name", "spec", "\x1b"))] = holder.pop(key, None)
    elif chance.random() < 0.2:
        del holder[key]
    else:
        holder[key] = copy.deepcopy(chance.choice(VALUES))
    try:
        return json.dumps(document) if chance.random() < 0.5 else yaml.safe_dump(document, allow_unicode=True, sort_keys=False)
    except (RecursionError, TypeError):  # too deep to be written by Python, or a date
        return text


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    for key, item in list(value.items() if isinstance(value, dict) else enumerate(value)):
        yield value, key
        if isinstance(item, dict | list):
            yield from _places(item)


WAYS: tuple[Callable[[str, tuple[str, ...], random.Random], str], ...] = (
    *(_cut, _without_a_line, _line_twice, _lines_mixed, _indented, _piece, _piece, _sign, _sign, _of_another),
    *(_value,) * 8,
)
