import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flux.schema.durations import suggestion, units_of, written

WITH_HOURS = ["ms", "s", "m", "h"]
WITHOUT = ["ms", "s", "m"]


@pytest.mark.parametrize(
    ("text", "hours", "no_hours"),
    [
        ("5 minutes", "5m", "5m"),
        ("5min", "5m", "5m"),
        ("5 Min", "5m", "5m"),
        ("1 hour 30 minutes", "1h30m", "90m"),
        ("1 hour and 30 minutes", "1h30m", "90m"),
        ("1h, 30m", "1h30m", "90m"),
        ("1.5 hours", "1h30m", "90m"),
        ("90 sec", "1m30s", "1m30s"),
        ("1d", "24h", "1440m"),
        ("2 weeks", "336h", "20160m"),
        ("PT1H", "1h", "60m"),
        ("250 milliseconds", "250ms", "250ms"),
        ("300", "5m", "5m"),
        (300, "5m", "5m"),
        (1.5, "1s500ms", "1s500ms"),
        (0, "0s", "0s"),
        ("0", "0s", "0s"),
        ("", None, None),
        ("soon", None, None),
        ("5 bananas", None, None),
        ("m5", None, None),
        ("-5m", None, None),
        (-5, None, None),
        (True, None, None),
        (None, None, None),
        ([5], None, None),
        (10**12, None, None),
    ],
)
def test_what_a_person_may_have_meant(text: object, hours: str | None, no_hours: str | None) -> None:
    assert suggestion(text, WITH_HOURS) == hours
    assert suggestion(text, WITHOUT) == no_hours


@given(st.integers(0, 10**9), st.sampled_from([WITH_HOURS, WITHOUT]))
def test_every_suggestion_is_itself_a_duration_of_the_same_length(milliseconds: int, units: list[str]) -> None:
    text = written(milliseconds / 1000, units)

    assert re.fullmatch(rf"([0-9]+({'|'.join(units)}))+", text)
    sizes = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000}
    assert sum(int(number) * sizes[unit] for number, unit in re.findall(r"(\d+)([a-z]+)", text)) == milliseconds


def test_a_duration_field_is_told_by_its_pattern() -> None:
    assert units_of({"pattern": r"^([0-9]+(\.[0-9]+)?(ms|s|m))+$"}) == WITHOUT
    assert units_of({"pattern": r"^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$"}) == WITH_HOURS
    assert units_of({"pattern": "^oci://.*$"}) is None
    assert units_of({}) is None
