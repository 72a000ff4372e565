"""Mistakes in a stack file: where they are, what they would have caused, what to write."""

from pathlib import Path
from typing import Any

import pytest

from stacks.reading.yaml_file import read_yaml
from tests.shipped_stacks import dev, shipped
from tests.stacks.test_settings import matches, mistake

MISTAKES: dict[str, dict[str, Any]] = read_yaml(Path(__file__).with_name("mistakes.yaml"), "mistakes.yaml").value


def written(changes: dict[str, Any]) -> dict[str, Any]:
    """The dev stack's config as somebody changed it."""
    config: dict[str, Any] = {}
    for path, value in changes.items():
        key, _, field = path.partition(".")
        full = f"gitops:{key}"
        config[full] = {**config.get(full, shipped("dev")[full]), field: value} if field else value
    return config


@pytest.mark.parametrize("case", MISTAKES.values(), ids=list(MISTAKES))
def test_a_mistake_is_told_with_its_place(tmp_path: Path, case: dict[str, Any]) -> None:
    text = mistake(dev(tmp_path, config=written(case["wrote"])), markers=("MARKER",))

    assert matches(case["told"], text), text
