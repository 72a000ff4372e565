"""The hooks of .pre-commit-hooks.yaml, started as pre-commit starts them: in the clone, by the words of `entry` and `args`."""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from stacks.reading.yaml_file import read_yaml
from tests.engine import REPOSITORY
from tests.gitops.check.stack import stack_and_repository
from tests.gitops.render.clone import STACK, clone_in
from tests.hygiene.test_commands_in_docs import refused

NAME = ".pre-commit-hooks.yaml"
_READ: Any = read_yaml(REPOSITORY / NAME, NAME).value
HOOKS: dict[str, dict[str, Any]] = {hook["id"]: hook for hook in _READ}


def ran(hook: str, clone: Path, *arguments: str) -> tuple[int, str]:
    """Exit code, and everything that was printed: pre-commit shows both streams of a hook that fails."""
    if not (clone / ".venv").exists():
        (clone / ".venv").symlink_to(Path(sys.prefix), target_is_directory=True)
    command = [*shlex.split(HOOKS[hook]["entry"]), *arguments]
    done = subprocess.run(command, cwd=clone, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=120)
    return done.returncode, done.stdout


def test_the_hooks_are_commands_of_the_program_and_run_for_its_files() -> None:
    assert HOOKS.keys() == {"render", "check"}
    for name, hook in HOOKS.items():
        assert (hook["language"], hook["pass_filenames"]) == ("system", False)
        _, _, words = hook["entry"].partition(".venv/bin/gitops ")
        assert refused("gitops", [*shlex.split(re.split(" \"|'", words)[0]), "--stack", "production"]) is None, name
        files = ["Pulumi.production.yaml", "catalog.yaml", "checked/production.yaml", "Pulumi.yaml", "docs/catalog.yaml"]
        assert [file for file in files if re.search(hook["files"], file)] == files[:3]
    assert {name: hook["stages"] for name, hook in HOOKS.items()} == {"render": ["pre-commit"], "check": ["pre-push"]}


@pytest.mark.thorough
def test_render_says_nothing_of_stacks_that_stand_and_why_one_does_not(tmp_path: Path) -> None:
    with clone_in(tmp_path, {"one": STACK, "two": STACK}) as clone:
        code, printed = ran("render", clone)
        assert (code, "kind: " in printed) == (0, False), printed

        (clone / "Pulumi.two.yaml").write_text(STACK.replace("[base]", "[bases]"))

        assert ran("render", clone, "--stack", "one")[0] == 0
        code, printed = ran("render", clone)
        assert code == 1
        assert "Pulumi.two.yaml:" in printed
        assert "no catalog entry is in group 'bases'" in printed
        assert "kind: " not in printed


@pytest.mark.thorough
def test_check_fails_for_a_repository_that_flux_could_not_apply_and_writes_no_record(tmp_path: Path) -> None:
    for sample, code in (("clean", 0), ("plain-secret", 1)):
        with stack_and_repository(tmp_path / sample, sample) as clone:
            ended, printed = ran("check", clone, "--stack", "homelab")

            assert ended == code, printed
            assert (f"error {sample}" in printed) == bool(code)
            assert not (clone / "checked").exists()
