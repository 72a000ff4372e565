"""Flags of a controller are set by name, wherever they stand."""

import pytest

from flux.release.flags import FlagValue, set_flags

ARGUMENTS = ["--events-addr=http://notification-controller/", "--watch-all-namespaces", "--log-level=info", "--log-encoding=json"]


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ({}, ARGUMENTS),
        ({"log-level": "debug"}, [*ARGUMENTS[:2], "--log-level=debug", ARGUMENTS[3]]),
        ({"concurrent": 10}, [*ARGUMENTS, "--concurrent=10"]),
        ({"watch-all-namespaces": False}, [ARGUMENTS[0], "--watch-all-namespaces=false", *ARGUMENTS[2:]]),
        ({"log-level": None}, [*ARGUMENTS[:2], ARGUMENTS[3]]),
        ({"absent": None}, ARGUMENTS),
        ({"feature-gates": ["A=true", "B=false"]}, [*ARGUMENTS, "--feature-gates=A=true", "--feature-gates=B=false"]),
        ({"events-addr": ""}, ["--events-addr=", *ARGUMENTS[1:]]),
        ({"log": "x"}, [*ARGUMENTS, "--log=x"]),
    ],
    ids=["none", "replaced in place", "appended", "a switch", "removed", "removed though absent", "repeated", "empty", "part of a name"],
)
def test_a_flag_is_set_by_name(flags: dict[str, FlagValue | None], expected: list[str]) -> None:
    assert set_flags(ARGUMENTS, flags) == expected


def test_a_flag_that_stood_twice_stands_once_afterwards() -> None:
    assert set_flags(["--a=1", "--b=2", "--a=3"], {"a": 4}) == ["--a=4", "--b=2"]


def test_the_arguments_given_are_not_changed() -> None:
    arguments = ["--a=1"]

    set_flags(arguments, {"a": 2, "b": 3})

    assert arguments == ["--a=1"]
