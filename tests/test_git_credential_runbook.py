"""What docs/runbooks/rotate-a-git-credential.md tells to write is taken, and changes what it says, in the order in which it says it."""

import re
import textwrap
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.changes import Changes, changes
from tests.engine import REPOSITORY, attempt, entry_point, run
from tests.keys import ssh_key
from tests.shipped_stacks import DEPLOY_IDENTITY, dev, shipped

PAGE = (REPOSITORY / "docs" / "runbooks" / "rotate-a-git-credential.md").read_text(encoding="utf-8")
BLOCKS = [textwrap.dedent(block) for block in re.findall(r"^ *```yaml\n(.*?)^ *```", PAGE, re.MULTILINE | re.DOTALL)]
STEPS = [yaml.safe_load(block)["gitops:credentials"]["homelab-deploy"] for block in BLOCKS]
INLINE = [yaml.safe_load(found) for found in re.findall(r"`(\{type: ssh, generated: [^`]*\})`", PAGE)]


def around(folder: Path, ssh: dict[str, Any], **more: Any) -> Any:
    credentials = {**shipped("dev")["gitops:credentials"], "homelab-deploy": ssh}
    return dev(folder, config={"gitops:credentials": credentials}, **more)


def test_the_page_shows_a_whole_rotation() -> None:
    assert [step["active"] for step in STEPS] == ["2026-05", "2026-05", "2026-11", "2026-11"]
    assert INLINE == [{"type": "ssh", "generated": ["2026-11"], "active": "supplied"}]


@pytest.mark.thorough
def test_each_step_of_a_generated_key_changes_what_the_page_says(tmp_path: Path) -> None:
    records = [run(entry_point(), **around(tmp_path, step, environment={DEPLOY_IDENTITY: None})) for step in STEPS]

    assert [changes(before, after) for before, after in pairwise(records)] == [
        Changes(added={"homelab-deploy-seed_2026-11"}, removed=set(), changed=set()),
        Changes(added=set(), removed=set(), changed={"homelab-deploy-secret"}),
        Changes(added=set(), removed={"homelab-deploy-seed_2026-05"}, changed=set()),
    ]


def test_from_a_supplied_key_the_secret_that_nothing_reads_any_more_is_named(tmp_path: Path) -> None:
    secret = {"homelab-deploy-identity": ssh_key()}

    assert run(entry_point(), **around(tmp_path, INLINE[0], secrets=secret))
    refused = attempt(entry_point(), **around(tmp_path, {**INLINE[0], "active": "2026-11"}, secrets=secret))
    assert "gitops:homelab-deploy-identity: is an unknown key" in refused.errors


@pytest.mark.thorough
@pytest.mark.parametrize("key", ["gitops:gitea-read-password", "gitops:homelab-deploy-identity"])
def test_a_supplied_secret_is_set_under_the_key_that_the_page_names(key: str, tmp_path: Path) -> None:
    assert f"pulumi config set --secret {key}" in PAGE
    new = {"gitops:gitea-read-password": "another", "gitops:homelab-deploy-identity": ssh_key("another")}[key]
    before, after = (run(entry_point(), **dev(tmp_path, secrets=secrets)) for secrets in ({}, {key.removeprefix("gitops:"): new}))

    name = key.removeprefix("gitops:").rpartition("-")[0]
    assert changes(before, after) == (set(), set(), {f"{name}-secret"})
