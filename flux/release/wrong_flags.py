"""Flags with which a controller would not start: names and feature gates that it does not have, values that pflag cannot read."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flux.any_shape import is_harmless
from flux.close_names import close_to
from flux.listing import either
from flux.message import Message
from flux.release.known_flags import NEWEST, OLDEST, FlagType, Minor, controllers_with, flags_of, gates_of, is_listed, since

_CRASHES = "The controller would crash at every start."
_FROM_THE_ENVIRONMENT = "$("
"""`$(NAME)`, which Kubernetes replaces."""
_WHOLE = re.compile(r"[+-]?(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]*|[1-9][0-9]*)")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_DURATION = re.compile(r"[+-]?(0|(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)")
_SWITCH = frozenset({"1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"})
_UNSIGNED = re.compile(r"[0-9]{1,40}")
_LARGEST: Mapping[str, int] = {"uint8": 2**8 - 1, "uint16": 2**16 - 1}
_FORMS: Mapping[FlagType, tuple[str, str]] = {
    "switch": ("true or false", "Write true or false."),
    "whole": ("a whole number", "Write only digits, like 10."),
    "uint8": ("a whole number from 0 to 255", "Write only digits, like 10."),
    "uint16": ("a whole number from 0 to 65535", "Write only digits, like 10."),
    "number": ("a number", "Write a number, like 50."),
    "duration": ("a duration with its unit", "Write a number with its unit, like 30s, 5m or 1h30m."),
}


def wrong_flag(controller: str, name: str, minor: Minor | None) -> Message | None:
    """What is wrong with the name of a flag; None for a right one, and where the table does not know controller or minor."""
    known = flags_of(controller)
    if minor is None or not known or not is_listed(minor):
        return None
    if name in known and since(controller, name) <= minor:
        return None
    if name in known:
        return _too_early("is a flag", controller, name)
    there = [each for each in known if since(controller, each) <= minor]
    if others := controllers_with(name):
        fix = f"Move it to {either(others)}, or remove it."
    elif close := close_to(name, there, count=1):
        fix = f"Write {close[0]}."
    else:
        fix = f"Remove it, or write a flag that `{controller} --help` lists."
    return Message(f"is not a flag of {controller} in Flux {_text(minor)}", _CRASHES, fix)


def wrong_values(controller: str, name: str, value: Any, minor: Minor | None) -> Iterator[tuple[int | None, Message]]:
    """What is wrong with the value of a known flag, each with its index in a list."""
    kind = flags_of(controller).get(name)
    if kind is None or value is None or not is_listed(minor):
        return
    for index, item in enumerate(value) if isinstance(value, list) else [(None, value)]:
        text = str(item).lower() if isinstance(item, bool) else str(item)
        if _FROM_THE_ENVIRONMENT in text:
            continue
        message = _wrong_gates(controller, text, minor) if kind == "gates" else _wrong_value(kind, text)
        if message is not None:
            yield index, message


def unjudged(flags: Mapping[str, Iterable[str]], minor: Minor | None) -> list[str]:
    """`--name of controller` of every flag that no listed minor has, where the release is not listed: it may be one, or misspelt."""
    if is_listed(minor):
        return []
    return [f"--{name} of {controller}" for controller, names in flags.items() for name in names if name not in flags_of(controller)]


def names_in(arguments: Iterable[Any]) -> list[str]:
    """The flags that stand in the arguments of a container."""
    return [text[2:].partition("=")[0] for text in arguments if isinstance(text, str) and text.startswith("--") and len(text) > 2]


def oldest_listed() -> str:
    """`2.7`."""
    return _text(OLDEST)


def newest_listed() -> str:
    """`2.9`."""
    return _text(NEWEST)


def _wrong_value(kind: FlagType, text: str) -> Message | None:
    fits = {
        "switch": text in _SWITCH,
        "whole": _WHOLE.fullmatch(text) is not None,
        "number": _NUMBER.fullmatch(text) is not None,
        "duration": _DURATION.fullmatch(text) is not None,
        **{small: _UNSIGNED.fullmatch(text) is not None and int(text) <= most for small, most in _LARGEST.items()},
    }.get(kind, True)
    if fits:
        return None
    form, fix = _FORMS[kind]
    return Message(f"is not {form}", _CRASHES, fix)


def _wrong_gates(controller: str, text: str, minor: Minor | None) -> Message | None:
    for part in text.split(",") if text else ():
        name, assigned, value = part.strip().partition("=")
        if not assigned or value not in _SWITCH:
            return Message("is not a list of gates", _CRASHES, "Write each as <name>=true or <name>=false.")
        known = gates_of(controller)
        if name in known and minor is not None and since(controller, name) > minor:
            return _too_early(f"has {name}, which is a feature gate", controller, name)
        if known and name not in known:
            others = controllers_with(name)
            fix = f"Write {either(close_to(name, known) or sorted(known), most=3)}."
            told = f"the feature gate {name}, which {controller}" if is_harmless(name) and name else f"a feature gate that {controller}"
            return Message(f"has {told} does not have", _CRASHES, f"Move it to {either(others)}, or remove it." if others else fix)
    return None


def _too_early(what: str, controller: str, name: str) -> Message:
    first = _text(since(controller, name))
    return Message(f"{what} that {controller} has only from Flux {first} on", _CRASHES, f"Remove it, or install Flux {first} or newer.")


def _text(minor: Minor) -> str:
    return f"{minor[0]}.{minor[1]}"
