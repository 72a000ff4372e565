"""Building a tool into the user cache."""

import os
import re
import shlex
import shutil
import signal
import subprocess
from collections.abc import Collection, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from devcluster.machine.processes import end_with_parent
from devcluster.messages.errors import COMMAND, DevclusterError
from devcluster.messages.progress import step
from devcluster.toolchain.build_caches import cleaning_up_when_ended, module_cache
from devcluster.toolchain.cache import cache_root, cached_directory, remove_abandoned, remove_tree
from devcluster.toolchain.go import go_command
from devcluster.toolchain.tool import Tool, all_tools

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
    if missing:
        _build(missing)


def _build(tools: Sequence[Tool]) -> None:
    with cleaning_up_when_ended(), module_cache() as modules:
        remove_abandoned(tools_directory())
        for number, tool in enumerate(tools, 1):
            fill = partial(_fill, tool, modules)
            with step(f"[{number}/{len(tools)}] {_verb(tool)} {', '.join(tool.programs) or tool.name}"):
                cached_directory(tools_directory(), tool.key, fill)


def _verb(tool: Tool) -> str:
    return "building" if tool.programs else "fetching"


def _fill(tool: Tool, modules: Path, directory: Path) -> None:
    build_cache = directory / ".go-build"
    environment = _environment(tool, modules, build_cache)
    (directory / "bin").mkdir()
    (build_cache / "work").mkdir(parents=True)
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


def _environment(tool: Tool, modules: Path, build_cache: Path) -> dict[str, str]:
    return os.environ | {
        "GOCACHE": str(build_cache),
        "GOTMPDIR": str(build_cache / "work"),  # a Go that is killed leaves hundreds of megabytes there
        "GOMODCACHE": str(modules),
        "GOFLAGS": "-mod=readonly -modcacherw -buildvcs=false",
        "GOWORK": "off",
        "CGO_ENABLED": "1" if tool.cgo else "0",
    }


def _go(arguments: list[str], tool_name: str, directory: Path, environment: dict[str, str]) -> str:
    command = [go_command(), *arguments]
    for attempt in range(1, ATTEMPTS + 1):
        done = _run(command, directory, environment)
        if done.returncode == 0:
            return done.stdout
        if attempt == ATTEMPTS or not PASSING_FAULT.search(done.stderr):
            break
    last_lines = "\n".join(f"  {line}" for line in done.stderr.strip().splitlines()[-COMPILER_LINES_SHOWN:])
    raise DevclusterError(
        f"{tool_name} could not be built: `{shlex.join(command)}` in {directory} exited with {done.returncode}. The last lines were:\n"
        f"{last_lines}\n"
        f"Nothing half built was kept. To try again: {COMMAND} build {tool_name}"
    )


def _run(command: list[str], directory: Path, environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    with subprocess.Popen(
        command,
        cwd=directory,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=end_with_parent,
    ) as go:
        try:
            printed, complained = go.communicate()
        except BaseException:
            with suppress(ProcessLookupError):
                os.killpg(go.pid, signal.SIGKILL)  # the compilers too, or they would write on into what is being removed
            raise
    return subprocess.CompletedProcess(command, go.returncode, printed, complained)


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
