"""Patterns of a repository: what Go's engine makes of them, in time that no pattern can stretch."""

import time

import pytest

from flux.go_regex import is_found, is_whole


@pytest.mark.parametrize(
    ("pattern", "text", "found", "whole"),
    [
        (r"\.sops\.ya?ml$", "apps/db.sops.yaml", True, False),
        (r"^(data|stringData)$", "data", True, True),
        (r"(?i)SECRET", "a secret", True, False),
        (r"^apps/[^/]*\.yaml$", "apps/überall.yaml", True, True),
        (r"\x{1F600}", "😀", True, True),
        ("", "anything", True, False),
        ("(?!a)b", "b", None, None),
        (r"(a)\1", "aa", None, None),
        ("(", "(", None, None),
        ("a" * 1001, "a" * 1001, None, None),
        ("\udcff", "a", None, None),
    ],
)
def test_a_pattern_means_what_it_means_to_go(pattern: str, text: str, found: bool | None, whole: bool | None) -> None:
    assert is_found(pattern, text) is found
    assert is_whole(pattern, text) is whole


def test_no_pattern_takes_longer_than_its_text_is_long() -> None:
    text = "a" * 5_000 + "!"
    started = time.process_time()

    for pattern in (r"^(a+)+$", r"^(a|a)*$", r"^(a|aa)+$", r"^a*a*a*a*a*a*a*a*a*b$", r"(.*)*x", r"((a{0,100}){0,10})*$"):
        is_found(pattern, text)

    assert time.process_time() - started < 5


def test_a_refused_pattern_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    assert is_found("(?=nothing is printed of this)", "a") is None
    assert capfd.readouterr() == ("", "")
