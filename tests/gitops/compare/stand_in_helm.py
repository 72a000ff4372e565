"""Stand-ins for helm on PATH: shell scripts that do what a hostile chart or server makes of it, or tell how they were called."""

import os
from pathlib import Path

import pytest

TELLS = """\
printf 'apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: told}\\ndata:\\n'
printf '  arguments: "%s"\\n' "$*"
/usr/bin/env | /bin/sed 's/^\\([A-Za-z_]*\\)=\\(.*\\)$/  env_\\1: "\\2"/'
"""
ENDLESS = "while :; do echo 'a: b # and so on, for as long as anybody listens'; done"
LOOPS = "while :; do :; done"
LEAVES_A_CHILD = "/bin/sleep 300 & /bin/echo $! > %s; exec /bin/sleep 300"
FAILS = """\
printf 'level=WARN x\\nError: template: it/a.yaml:1: \\033[31m<img src=x> @everyone\\n\\nUse --debug flag\\n' >&2
exit 1
"""


def put_on_path(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program `helm` before everything else on PATH."""
    program = folder / "bin" / "helm"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
