"""A run does without what only costs time."""

import asyncio
import gc
from collections.abc import Iterable
from typing import Any
from unittest.mock import patch

import pulumi

from stacks.lean_run import run_lean
from tests.engine import run
from tests.small_programs import config_map, provider


def test_the_sdk_tells_the_engine_nothing_that_it_drops_and_everything_else() -> None:
    def program() -> None:
        run_lean()
        assert not gc.isenabled()
        config_map("it", pulumi.ResourceOptions(provider=provider()))
        pulumi.log.info("something else")

    record = run(program)

    assert record.named("it")
    assert [each.text for each in record.log if "gitops-test" not in each.text] == ["something else"], "the stack was before the program"


def test_the_sdk_does_not_look_at_every_value_each_time_one_becomes_known() -> None:
    looked_at, wait = [], asyncio.wait

    async def counted(values: Iterable[Any], **options: Any) -> Any:
        every = list(values)
        looked_at.append(len(every))
        return await wait(every, **options)

    def program() -> None:
        run_lean()
        for number in range(20):
            config_map(f"it-{number}")

    with patch.object(asyncio, "wait", counted):
        run(program)

    assert sum(looked_at) < 20


def test_a_run_in_these_tests_leaves_both_as_they_were() -> None:
    before = pulumi.log.debug
    run(run_lean)

    assert gc.isenabled()
    assert pulumi.log.debug is before
