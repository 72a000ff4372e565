"""A toolchain of one small tool and a `go` that builds nothing, so that the rules of building can be tried in no time."""

import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from devcluster.toolchain import build_tools, tool
from devcluster.toolchain.build_caches import remove_left_caches
from devcluster.toolchain.go import go_command

GO = """#!{python} -IS
import sys
arguments = sys.argv[1:]
if arguments == ["version"]:
    print("go version go1.99.0 linux/amd64")
    sys.exit()
import json, os, pathlib
here = pathlib.Path({folder!r})
seen = {{"arguments": arguments, "environment": dict(os.environ)}}
with (here / "calls").open("a") as calls:
    print(json.dumps(seen), file=calls)
for cache in ("GOCACHE", "GOMODCACHE", "GOTMPDIR"):
    folder = pathlib.Path(os.environ[cache]) / "a"
    if not folder.exists():
        folder.mkdir()
        (folder / "file").touch()
        folder.chmod(0o555)
def succeed():
    if "-o" in arguments:
        output = pathlib.Path(arguments[arguments.index("-o") + 1])
        for package in arguments[arguments.index("-o") + 2:]:
            (output / pathlib.Path(package).name if output.is_dir() else output).write_text("a program")
exec((here / "then.py").read_text())
"""
SUCCEED = "succeed()"


@dataclass(frozen=True, kw_only=True)
class FakeToolchain:
    """The tools in `tools`, the cache in `cache`, and a `go` that does what `then` says."""

    tools: Path
    cache: Path
    folder: Path

    def write(self, name: str, **files: str) -> None:
        """Make the tool `name`, or change files of it; `go_mod="…"` is go.mod."""
        directory = self.tools / name
        directory.mkdir(parents=True, exist_ok=True)
        for file, content in files.items():
            (directory / file.replace("_", ".")).write_text(content)

    def then(self, script: str) -> None:
        """What `go` does after it has filled its caches."""
        (self.folder / "then.py").write_text(script)

    @property
    def calls(self) -> list[dict[str, Any]]:
        """Arguments and environment of each run of `go`."""
        file = self.folder / "calls"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    @property
    def left(self) -> set[str]:
        """Every file and directory of the cache but the locks, relative to it, and not what is in finished entries."""
        walked = [Path(folder) / name for folder, *inside in os.walk(self.cache) for names in inside for name in names]
        found = {str(path.relative_to(self.cache)) for path in walked if path.suffix != ".lock"}
        return {path for path in found if path.count("/") < 2} - {"tools"}

    def left_at_last(self, expected: set[str]) -> set[str]:
        """What is left when it is `expected`, or after some seconds: the caches of a build are removed in the background."""
        until = time.monotonic() + 20
        while (left := self.left) != expected and time.monotonic() < until:
            time.sleep(0.05)
        return left


def fake_toolchain(folder: Path, monkeypatch: pytest.MonkeyPatch, *, in_background: bool = False) -> FakeToolchain:
    """Put it first on PATH and in the place of the real one; the tool `small` is there.

    `in_background`: whether a process of its own removes the caches of a build, as in earnest.
    """
    if not in_background:
        monkeypatch.setattr(build_tools, "remove_left_caches_in_background", lambda **_: remove_left_caches())
    made = FakeToolchain(tools=folder / "tools", cache=folder / "cache", folder=folder)
    made.write("small", go_mod="module small", go_sum="sums", tool_yaml="programs: {small: example.org/small}\n")
    made.then(SUCCEED)
    go = folder / "bin" / "go"
    go.parent.mkdir()
    go.write_text(GO.format(python=sys.executable, folder=str(folder)))
    go.chmod(0o755)
    monkeypatch.setenv("PATH", f"{go.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("GITOPS_CACHE", str(made.cache))
    monkeypatch.setenv("GITOPS_BUILD_DIRECTORY", str(made.cache))
    monkeypatch.setattr(tool, "TOOLS_DIRECTORY", made.tools)
    go_command.cache_clear()
    return made
