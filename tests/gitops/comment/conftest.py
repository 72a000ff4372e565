"""Doubles of the forges, in the environment of a workflow."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
import pytest

from tests.engine import AMBIENT
from tests.gitops.comment.comment_runs import TOKENS, URLS
from tests.gitops.comment.forge_double import ForgeDouble

ELSEWHERE = ("GITHUB_", "GITEA_", "GH_", *AMBIENT)


@pytest.fixture(params=["gitea", "github"])
def forge(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ForgeDouble]:
    """A double, in the environment of a workflow for pull request 7; waiting takes no time and is noted."""
    double = ForgeDouble(request.param)
    made = httpx.Client.__init__

    def client(self: httpx.Client, *arguments: Any, **more: Any) -> None:
        more.pop("verify", None)
        more.pop("mounts", None)
        made(self, *arguments, **more, transport=httpx.MockTransport(double))

    environment = (
        {name: value for name, value in os.environ.items() if not name.startswith(ELSEWHERE)}
        | {
            "GITHUB_SERVER_URL": URLS[double.kind],
            "GITHUB_REPOSITORY": "org/name",
            "GITHUB_REF": "refs/pull/7/merge",
            "GITHUB_RUN_ID": "42",
            "GITHUB_ACTIONS": "true",
            "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
            TOKENS[double.kind]: "t" * 40,
        }
        | ({"GITEA_ACTIONS": "true"} if double.kind == "gitea" else {})
    )
    with patch.dict(os.environ, environment, clear=True), patch.object(httpx.Client, "__init__", client):
        yield double


@pytest.fixture
def waited() -> Iterator[list[float]]:
    seconds: list[float] = []
    with patch("time.sleep", seconds.append):
        yield seconds
