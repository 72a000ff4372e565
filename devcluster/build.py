"""Building a tool into the user cache."""

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Collection
from pathlib import Path

from devcluster.cache import cache_root, cached_directory, remove_tree
from devcluster.errors import DevclusterError
from devcluster.go import go_command
from devcluster.progress import step
from devcluster.tool import Tool, all_tools

COMPILER_LINES_SHOWN = 20
ATTEMPTS = 3
PASSING_FAULT = re.compile(r"i/o timeout|connection reset|TLS handshake timeout|unexpected EOF|\b50[0234]\b|no such host|stream error")


def tools_directory() -> Path:
    """Where the cache keeps one directory for each built tool."""
    return cache_root() / "tools"


def entry(tool: Tool) -> Path:
    """Where `tool` lies in the cache once it is built."""
    return tools_directory() / tool.key


def missing_tools() -> list[Tool]:
    """Tools that the cache does not hold yet."""
    return [tool for tool in all_tools() if not entry(tool).is_dir()]


def build_missing_tools(names: Collection[str] | None = None) -> None:
    """Build what the cache lacks, of `names` or of everything, program by program, and remove the build caches afterwards.

    Raises DevclusterError with the compiler's last lines and the command that tries again.
    """
    known = {tool.name for tool in all_tools()}
    if unknown := sorted(set(names or ()) - known):
        raise DevclusterError(f"there is no tool {', '.join(unknown)}, so nothing was built. There are: {', '.join(sorted(known))}")
    missing = [tool for tool in missing_tools() if not names or tool.name in names]
    try:
        for number, tool in enumerate(missing, 1):
            label = f"[{number}/{len(missing)}] {_verb(tool)} {', '.join(tool.programs) or tool.name}"
            with step(label):
                cached_directory(tools_directory(), tool.key, lambda unfinished, tool=tool: _fill(tool, unfinished))  # type: ignore[misc]
    finally:
        if missing:
            remove_tree(_module_cache())


def _verb(tool: Tool) -> str:
    return "building" if tool.programs else "fetching"


def _module_cache() -> Path:
    # Not the user's own: 7 GB that nothing needs afterwards would stay there.
    return cache_root() / f"go-modules-{os.getpid()}"


def _fill(tool: Tool, directory: Path) -> None:
    build_cache = directory / ".go-build"
    environment = _environment(tool, build_cache)
    (directory / "bin").mkdir()
    try:
        for program, package in tool.programs.items():
            arguments = [
                "build", "-trimpath", "-tags", ",".join(tool.tags), "-ldflags", f"-s -w {tool.ldflags}".strip(),
                "-o", str(directory / "bin" / program), package,
            ]  # fmt: skip
            _go(arguments, tool.name, tool.directory, environment)
        for copy in tool.copies:
            at = tool.directory.parent / copy.tool
            module = _module_directory(copy.module, tool.name, at, environment)
            _copy(module / copy.source, directory / copy.target)
    finally:
        remove_tree(build_cache)


def _environment(tool: Tool, build_cache: Path) -> dict[str, str]:
    return os.environ | {
        "GOCACHE": str(build_cache),
        "GOMODCACHE": str(_module_cache()),
        "GOFLAGS": "-mod=readonly -modcacherw -buildvcs=false",
        "GOWORK": "off",
        "CGO_ENABLED": "1" if tool.cgo else "0",
    }


def _go(arguments: list[str], tool_name: str, directory: Path, environment: dict[str, str]) -> str:
    command = [go_command(), *arguments]
    for attempt in range(1, ATTEMPTS + 1):
        done = subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return done.stdout
        if attempt == ATTEMPTS or not PASSING_FAULT.search(done.stderr):
            break
    last_lines = "\n".join(f"  {line}" for line in done.stderr.strip().splitlines()[-COMPILER_LINES_SHOWN:])
    raise DevclusterError(
        f"{tool_name} could not be built: `{shlex.join(command)}` in {directory} exited with {done.returncode}. The last lines were:\n"
        f"{last_lines}\n"
        f"Nothing half built was kept. To try again: python -m devcluster build {tool_name}"
    )


def _module_directory(module: str, tool_name: str, directory: Path, environment: dict[str, str]) -> Path:
    _go(["mod", "download", module], tool_name, directory, environment)
    return Path(_go(["list", "-m", "-f", "{{.Dir}}", module], tool_name, directory, environment).strip())


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, copy_function=shutil.copyfile)
    else:
        shutil.copyfile(source, target)
        if target.parent.name == "bin":
            target.chmod(0o755)
