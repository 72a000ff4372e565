"""A pull request shows in comments, summaries and rendered files: nothing that it says acts there."""

import os
from pathlib import Path
from unittest.mock import patch

import pytest
from markdown_it import MarkdownIt

from gitops.compare.comparing import compared
from gitops.compare.markdown import markdown
from gitops.errors import CommandError
from gitops.render.write_files import write_stack
from gitops.rendered.read_folder import views_in
from gitops.rendered.stack_objects import render_stack
from tests.gitops.compare.kinds_of_change import CATALOG, STACK
from tests.gitops.compare.test_kinds_of_change import views
from tests.gitops.render.clone import clone_in

HOSTILE = (
    "@everyone",
    "</details><script>",
    "<!-- gitops comment: compare -->",
    "](http://evil.test) [x",
    "![i](http://evil.test/i.png)",
    "`` ` ```",
    "\\n```\\n# Approved",
    "| a | b |",
    "&lt;img&gt;",
    "::error::x",
    "\\u202egnp",
)
WORDS = ("everyone", "evil", "Approved", "script", "gitops comment", "img", "gnp", "error::")


def outside_of_code(text: str) -> str:
    """What a forge reads as words, links or HTML."""
    tokens = MarkdownIt("commonmark", {"html": True}).parse(text)
    plain = [child.content for token in tokens for child in token.children or () if child.type != "code_inline"]
    links = [str(child.attrs) for token in tokens for child in token.children or () if child.attrs]
    return "\n".join([*plain, *links, *(token.content for token in tokens if token.type == "html_block")])


@pytest.mark.parametrize("text", HOSTILE)
def test_no_value_name_or_message_of_a_file_acts_in_a_comment(text: str, tmp_path: Path) -> None:
    value = f'"x {text} y"'
    stack = STACK.replace("lab.test}", f"{value}, NEW: {value}}}").replace("CLUSTER_NAME: homelab", "CLUSTER_NAME: other")
    catalog = CATALOG.replace("path: ./apps", f"path: {value}")
    name = text.replace("/", "-").replace("\\", "-")
    refused = STACK.replace("interval: 15m", f"interval: {value}").replace("environment: production", f"environment: {value}")
    before = views(tmp_path / "before", {"production": STACK}, CATALOG)
    after = views(tmp_path / "after", {"production": stack, name: STACK, "refused": refused}, catalog)
    found = compared(before, after, base="main", head="x")
    shown = markdown(found)

    assert len(found.changes) == 4
    assert found.is_refused
    assert not [word for word in WORDS if word in outside_of_code(shown)], shown
    assert "\u202e" not in shown
    assert shown.count("<details>") == 1


def test_a_stack_called_like_the_folder_above_is_not_written_there(tmp_path: Path) -> None:
    place = tmp_path / "out" / "rendered"
    for name in ("..", ".", ".git", "a/b"):
        with pytest.raises(CommandError, match="has no folder of its own"):
            write_stack(place, name, [])
    assert [*tmp_path.iterdir()] == []


def test_files_of_a_pull_request_are_read_without_the_secrets_of_the_job(tmp_path: Path) -> None:
    (tmp_path / "clone").mkdir()
    with (
        clone_in(tmp_path / "clone", {"production": STACK}, CATALOG) as clone,
        patch.dict(os.environ, {"GITOPS_SECRET_GITEA_READ_PASSWORD": "two\nlines"}),
    ):
        assert not views_in(clone)["production"].refusals
        assert os.environ["GITOPS_SECRET_GITEA_READ_PASSWORD"] == "two\nlines"
        assert [str(each.where) for each in render_stack("production").problems] == ["gitops:gitea-read-password"], "it would be judged"
