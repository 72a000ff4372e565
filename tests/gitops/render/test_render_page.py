"""docs/render.md: its objects are those of the production stack, and its commands leave the program."""

import os
import re
import subprocess
from pathlib import Path
from unittest.mock import patch

from tests.engine import AMBIENT, REPOSITORY
from tests.gitops.render.clone import run
from tests.manifests import manifests_directory

PAGE = REPOSITORY / "docs" / "render.md"
BLOCK = re.compile(r"^```\S+ file=(?P<file>\S+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
KUBECTL = """#!/bin/sh
echo "$*" >> "$ASKED"
case "$1" in get) exit "$EXISTS" ;; esac
"""


def test_the_page_shows_what_is_written_and_how_to_continue_without_the_program(tmp_path: Path, update_goldens: bool) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(AMBIENT)}
    with patch.dict(os.environ, {**kept, "GITOPS_FLUX_MANIFESTS": str(manifests_directory())}, clear=True):
        assert run("--cwd", str(REPOSITORY), "render", "-s", "production", "--output-dir", str(tmp_path / "rendered"))[0] == 0
    written = tmp_path / "rendered" / "production"

    def now(found: re.Match[str]) -> str:
        file = written / found["file"]
        return found[0] if not file.is_file() else found[0].replace(found["text"], file.read_text(encoding="utf-8"))

    page = PAGE.read_text(encoding="utf-8")
    if update_goldens:
        PAGE.write_text(BLOCK.sub(now, page), encoding="utf-8")
        page = PAGE.read_text(encoding="utf-8")
    assert BLOCK.sub(now, page) == page, "if the change is meant: pytest --update-goldens"
    blocks = {found["file"]: found["text"] for found in BLOCK.finditer(page)}
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "kubectl").write_text(KUBECTL)
    (tmp_path / "bin" / "kubectl").chmod(0o755)
    environment = {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "ASKED": str(tmp_path / "asked")}

    def leave(exists: int) -> int:
        return subprocess.run(
            ["sh", "-euc", blocks["leave.sh"]], cwd=tmp_path, env={**environment, "EXISTS": str(exists)}, check=False, capture_output=True
        ).returncode

    assert leave(exists=1) == 1, "a new cluster needs the secrets"
    assert "apply" not in (tmp_path / "asked").read_text()
    assert leave(exists=0) == 0
    assert (tmp_path / "asked").read_text().splitlines()[-1] == "apply --server-side --field-manager=gitops.daviestechlabs.io -k ."
    assert not [*written.glob("secret.*")]
    assert "secret." not in (written / "kustomization.yaml").read_text()
