"""A revision that the server does not have: what git says of it, and what to correct."""

import io
from pathlib import Path
from typing import Any

import pytest

from gitops.check.fetch.clone import Source
from gitops.check.fetch.fetching import Fetcher
from gitops.check.fetch.git_login import Access
from tests.gitops.check.git_server import bare_repository

pytestmark = [pytest.mark.usefixtures("nobodys_git"), pytest.mark.thorough]

COMMIT = "b" * 40


def test_it_is_named_and_the_finding_says_what_to_correct(tmp_path: Path) -> None:
    url = str(bare_repository(tmp_path, {"a.yaml": "a: 1"}))
    references: dict[str, dict[str, Any]] = {
        "commit": {"branch": "main", "commit": COMMIT},
        "commit and no branch": {"commit": COMMIT},
        "tag": {"branch": "main", "tag": "v9"},
        "name": {"name": "refs/pull/7/head", "tag": "v9"},
        "branch": {"branch": "gone"},
        "nothing": {},
    }
    sources = {name: Source(name=name, url=url, spec={"ref": ref}, access=Access()) for name, ref in references.items()}
    nowhere = Source(name="nowhere", url=str(tmp_path / "nowhere"), spec={"ref": {"commit": COMMIT}}, access=Access())
    fetcher = Fetcher({**sources, "nowhere": nowhere}, tmp_path / "out", io.StringIO())

    assert fetcher([*sources, "nowhere"]) == {}
    assert {name: why.missing for name, why in fetcher.why_not.items()} == {
        "commit": ("commit", COMMIT),
        "commit and no branch": ("commit", COMMIT),
        "tag": ("tag", "v9"),
        "name": ("ref", "refs/pull/7/head"),
        "branch": ("branch", "gone"),
        "nothing": ("branch", "master"),
        "nowhere": None,
    }
    told = {each.repository: each.text for each in fetcher.findings}
    assert f"not our ref {COMMIT}" in told["commit"]
    assert "The commit does not exist there. Correct `ref.commit`." in told["commit"]
    assert "The branch or tag does not exist. Correct `ref`" in told["tag"]
