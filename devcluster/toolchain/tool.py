"""What a tool of the embedded cluster is made from: `tools/<name>/{go.mod, go.sum, tool.yaml}`."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

TOOLS_DIRECTORY = Path(__file__).parent / "tools"
KEY_GENERATION = 4
"""To be raised when the arguments and variables of every build change (devcluster/toolchain/go_build.py): no file of a tool shows that."""


@dataclass(frozen=True, kw_only=True)
class ModuleCopy:
    """Files of a Go module that are needed at run time, copied into the tool's cache entry."""

    module: str
    source: str
    target: str
    tool: str
    """The tool whose go.mod names the module's version."""


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A group of programs built from one go.mod; programs are grouped by it because their pins conflict."""

    name: str
    programs: dict[str, str]
    """File name of the program → Go main package."""
    tags: tuple[str, ...]
    ldflags: str
    cgo: bool
    copies: tuple[ModuleCopy, ...]
    needed_for: str = ""
    """`tests` or `bench`, so that no demo waits for it; empty: the embedded cluster runs it."""

    @property
    def directory(self) -> Path:
        """Where go.mod, go.sum and tool.yaml lie."""
        return TOOLS_DIRECTORY / self.name

    @property
    def modules(self) -> list[str]:
        """`path@version` of every module whose files the build needs: those of which go.sum has the sum of the files."""
        sums = [line.split() for line in (self.directory / "go.sum").read_text().splitlines()]
        return [f"{fields[0]}@{fields[1]}" for fields in sums if len(fields) == 3 and not fields[1].endswith("/go.mod")]

    @property
    def key(self) -> str:
        """Name of the cache entry: it changes with go.mod, go.sum, tool.yaml and KEY_GENERATION, and with nothing else.

        Those of the tools that files are copied from count too. The version of Go and the machine do not.
        """
        digest = hashlib.sha256()
        digest.update(f"generation {KEY_GENERATION}\0".encode())
        for tool in sorted({self.name, *(copy.tool for copy in self.copies)}):
            for file in ("go.mod", "go.sum", "tool.yaml"):
                digest.update((TOOLS_DIRECTORY / tool / file).read_bytes() + b"\0")
        return f"{self.name}-{digest.hexdigest()[:16]}"


def load_tool(name: str) -> Tool:
    """Read `tools/<name>/tool.yaml`."""
    described: dict[str, Any] = yaml.safe_load((TOOLS_DIRECTORY / name / "tool.yaml").read_text())
    return Tool(
        name=name,
        programs=described["programs"],
        tags=tuple(described.get("tags", ())),
        ldflags=described.get("ldflags", ""),
        cgo=described.get("cgo", False),
        needed_for=described.get("neededFor", ""),
        copies=tuple(
            ModuleCopy(module=copy["module"], source=copy["from"], target=copy["to"], tool=copy.get("tool", name))
            for copy in described.get("copy", ())
        ),
    )


def all_tools(also_for: str = "") -> list[Tool]:
    """What the embedded cluster runs, and what `also_for` (`tests`, `bench`) needs beside it, in the order of their names."""
    return [tool for tool in every_tool().values() if tool.needed_for in ("", also_for)]


def every_tool() -> dict[str, Tool]:
    """Name → tool, for each program that needs one."""
    return {path.parent.name: load_tool(path.parent.name) for path in sorted(TOOLS_DIRECTORY.glob("*/tool.yaml"))}
