"""Which `pulumi` and which provider plugins a stack runs with: the official ones where they can be had, else those made here."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devcluster.messages.errors import COMMAND, DevclusterError
from devcluster.providers.plugin_versions import plugin_version
from devcluster.toolchain.build_tools import entry, tools_directory
from devcluster.toolchain.making import OFFICIAL_MARK
from devcluster.toolchain.plugin_download import PACKAGES, download_plugins
from devcluster.toolchain.tool import load_tool
from flux.atomic_write import write_atomically

OLDEST_OFFICIAL_CLI = (3, 259)
CLONE = Path(__file__).resolve().parents[2]
CLI_SECONDS = 15.0
CHOICE_FILE = "gitops-plugins.json"
LAUNCHER_MARK = "# stand-in provider: devcluster/providers/README.md"


@dataclass(frozen=True, kw_only=True)
class Plugin:
    """A provider plugin as it lies in a PULUMI_HOME."""

    name: str
    version: str
    official: bool


@dataclass(frozen=True, kw_only=True)
class PulumiPrograms:
    """What runs a stack: the CLI, whose directory goes first on PATH, and the plugins in its PULUMI_HOME."""

    cli: Path
    cli_version: str
    cli_official: bool
    """Whether it is the person's own, from PATH, with its language host beside it."""
    plugins: tuple[Plugin, ...]

    @property
    def stand_ins(self) -> bool:
        """Whether any plugin is a stand-in; then the engine must not try to download one."""
        return not all(plugin.official for plugin in self.plugins)

    @property
    def environment(self) -> dict[str, str]:
        """Variables without which the engine would look for plugins elsewhere."""
        chosen = {"PULUMI_IGNORE_AMBIENT_PLUGINS": "true"}  # those on PATH, of whatever version
        return chosen | ({"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true"} if self.stand_ins else {})

    @property
    def description(self) -> str:
        """One line for a person."""
        downloaded = (self.cli.parents[1] / OFFICIAL_MARK).is_file()
        cli = f"pulumi {self.cli_version} ({'official' if self.cli_official or downloaded else 'built here'})"
        plugins = ", ".join(f"{plugin.name} {plugin.version} ({'official' if plugin.official else 'stand-in'})" for plugin in self.plugins)
        return f"{cli}; provider plugins: {plugins}"


def prepare_pulumi(home: Path, *, download: bool = True) -> PulumiPrograms:
    """Choose the CLI and put the provider plugins into `home`, the PULUMI_HOME.

    The real plugins are taken from there, from the user's own `~/.pulumi`, or downloaded, which is tried once for each
    `home` (and not at all without `download`). Where that fails the stand-ins take their places.
    """
    cli, version, official = _choose_cli()
    if not official:
        _link_language_host(home)
    plugins = prepare_pulumi_plugins(home, cli if download else None)
    return PulumiPrograms(cli=cli, cli_version=version, cli_official=official, plugins=plugins)


def prepare_pulumi_plugins(home: Path, downloader: Path | None = None) -> tuple[Plugin, ...]:
    """Put the provider plugins into `home`, with the CLI `downloader` if they are not on this machine."""
    home.mkdir(parents=True, exist_ok=True)
    versions = {package: plugin_version(package) for package in PACKAGES}
    missing = {package: wanted for package, wanted in versions.items() if not _take_existing(home, package, wanted)}
    if missing and downloader and not _failed_before(home, versions):
        download_plugins(downloader, home, missing)
        _remember(home, versions)
    return tuple(_plugin(home, package, wanted) for package, wanted in versions.items())


def _choose_cli() -> tuple[Path, str, bool]:
    found = shutil.which("pulumi")
    if found and not Path(found).resolve().is_relative_to(tools_directory().resolve()):
        version = _version(Path(found))
        host = shutil.which("pulumi-language-python", path=str(Path(found).resolve().parent))
        if host and version and _numbers(version)[:2] >= OLDEST_OFFICIAL_CLI:
            return Path(found).resolve(), version, True
    built = entry(load_tool("pulumi")) / "bin" / "pulumi"
    if not built.is_file():
        raise DevclusterError(
            f"pulumi {'.'.join(map(str, OLDEST_OFFICIAL_CLI))} or newer, with its Python language host, is neither on PATH nor built",
            "No stack can run.",
            f"To build it: {COMMAND} build pulumi pulumi-language-python",
        )
    return built, _version(built) or "of unknown version", False


def _version(cli: Path) -> str:
    environment = os.environ | {"PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        done = subprocess.run([cli, "version"], env=environment, capture_output=True, text=True, timeout=CLI_SECONDS, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip().removeprefix("v")


def _numbers(version: str) -> tuple[int, ...]:
    match = re.match(r"(\d+)\.(\d+)\.(\d+)", version)
    return tuple(map(int, match.groups())) if match else (0,)


def _directory(home: Path, package: str, version: str) -> Path:
    return home / "plugins" / f"resource-{package}-v{version}"


def _is_official(home: Path, package: str, version: str) -> bool:
    program = _directory(home, package, version) / f"pulumi-resource-{package}"
    return program.is_file() and LAUNCHER_MARK.encode() not in program.read_bytes()[:400]


def _take_existing(home: Path, package: str, version: str) -> bool:
    if _is_official(home, package, version):
        return True
    own = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    if own.resolve() == home.resolve() or not _is_official(own, package, version):
        return False
    _link_files(_directory(own, package, version), _directory(home, package, version))
    return True


def _link_language_host(home: Path) -> None:
    # There, rather than on PATH: the engine warns about a language host that it finds on PATH.
    host = load_tool("pulumi-language-python")
    version = re.search(r"pulumi/sdk/v3 v([\d.]+)", (host.directory / "go.mod").read_text())
    _link_files(entry(host) / "bin", home / "plugins" / f"language-python-v{version[1] if version else '3.0.0'}")


def _link_files(source: Path, target: Path) -> None:
    # The engine overlooks a directory that is a link itself.
    target.mkdir(parents=True, exist_ok=True)
    for file in source.iterdir():
        link = target / file.name
        if not (link.is_symlink() and link.readlink() == file.resolve()):
            unfinished = target / f".{file.name}.{os.getpid()}"
            unfinished.symlink_to(file.resolve())
            unfinished.replace(link)


def _failed_before(home: Path, versions: dict[str, str]) -> bool:
    try:
        remembered: Any = json.loads((home / CHOICE_FILE).read_text())
    except (OSError, ValueError):
        return False
    return bool(remembered == versions)


def _remember(home: Path, versions: dict[str, str]) -> None:
    if not all(_is_official(home, package, version) for package, version in versions.items()):
        _write(home / CHOICE_FILE, json.dumps(versions), 0o644)


def _plugin(home: Path, package: str, version: str) -> Plugin:
    official = _is_official(home, package, version)
    if not official:
        directory = _directory(home, package, version)
        directory.mkdir(parents=True, exist_ok=True)
        _write(directory / f"pulumi-resource-{package}", _launcher(package), 0o755)
        directory.with_name(f"{directory.name}.partial").unlink(missing_ok=True)  # left by a download that was cut off
    return Plugin(name=package, version=version, official=official)


def _launcher(package: str) -> str:
    clone, python = shlex.quote(str(CLONE)), shlex.quote(sys.executable)
    # -P: not from the directory of the program, where a module could have any name.
    return f'#!/bin/sh\n{LAUNCHER_MARK}\nPYTHONPATH={clone} exec {python} -P -m devcluster.providers.{package} "$@"\n'


def _write(path: Path, text: str, mode: int) -> None:
    if path.is_file() and path.read_text() == text:
        return
    write_atomically(path, text, mode)
