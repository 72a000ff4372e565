"""Which official binaries a tool may be made of: `official.yaml` says where they are, `official.sha256` which are accepted."""

import platform
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from devcluster.toolchain.tool import TOOLS_DIRECTORY, Tool
from flux.pinned_files import PULUMI_LOCK, pinned_files

TABLE = Path(__file__).with_name("official.yaml")
CHECKSUMS = Path(__file__).with_name("official.sha256")
LOCK = PULUMI_LOCK
"""Those of what every stack runs with, not only the demo: Pulumi's CLI and its plugins."""
PLATFORMS = ("linux-amd64", "linux-arm64")
"""Those for which checksums are kept."""
PLATFORMS_OF_PULUMI = (*PLATFORMS, "darwin-amd64", "darwin-arm64")
GO_NAMES = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True, kw_only=True)
class OfficialFile:
    """A file that a project publishes, with the programs in it that are wanted."""

    url: str
    checksums_url: str
    programs: dict[str, str | None]
    """Program → its path in the archive; None: the file is the program."""

    @property
    def sha256(self) -> str | None:
        """The checksum that it must have; None when none is known."""
        return checksums().get(self.url) or pinned_files(LOCK).get(self.url.rpartition("/")[2])


def this_platform() -> str:
    """`linux-amd64`, as most projects call it."""
    return f"{platform.system().lower()}-{GO_NAMES.get(platform.machine(), platform.machine())}"


def official_files(tool: Tool, on: str) -> list[OfficialFile]:
    """The published files that hold the programs of `tool` for the platform `on`; none for a tool of which none are published."""
    entry = _table()["programs"].get(tool.name)
    if entry is None:
        return []
    name = entry.get("platforms", {}).get(on, on)
    words = {"version": _version(entry["module"], entry.get("go_mod", tool.name)), "platform": name, "platform/": name.replace("-", "/")}
    members = entry.get("members", {})
    if "{program}" not in entry["url"]:
        programs = {program: members[program].format(**words) if members else None for program in tool.programs}
        return [OfficialFile(url=entry["url"].format(**words), checksums_url=entry["checksums"].format(**words), programs=programs)]
    return [
        OfficialFile(
            url=entry["url"].format(**words, program=program),
            checksums_url=entry["checksums"].format(**words, program=program),
            programs={program: None},
        )
        for program in tool.programs
    ]


def official_plugin(package: str, version: str, on: str) -> OfficialFile:
    """The published archive of a provider plugin."""
    entry, words = _table()["plugins"], {"plugin": package, "version": version, "platform": on}
    return OfficialFile(url=entry["url"].format(**words), checksums_url=entry["checksums"].format(**words), programs={})


def official_cli(version: str, on: str) -> OfficialFile:
    """The published archive of Pulumi's CLI."""
    entry = _table()["programs"]["pulumi"]
    words = {"version": version, "platform": entry["platforms"].get(on, on)}
    return OfficialFile(url=entry["url"].format(**words), checksums_url=entry["checksums"].format(**words), programs={})


def accepted_files(tool: Tool) -> list[OfficialFile]:
    """The files to download instead of building `tool` on this machine; none unless the checksum of each is known."""
    files = official_files(tool, this_platform())
    return files if all(file.sha256 for file in files) else []


def checksums() -> dict[str, str]:
    """URL → SHA-256, of the files that are accepted."""
    return _read_checksums(CHECKSUMS)


def _table() -> dict[str, Any]:
    table: dict[str, Any] = yaml.safe_load(TABLE.read_text())
    return table


@cache
def _read_checksums(path: Path) -> dict[str, str]:
    lines = (line.split() for line in path.read_text().splitlines())
    return {url: digest for digest, url in lines}


def _version(module: str, tool_name: str) -> str:
    text = (TOOLS_DIRECTORY / tool_name / "go.mod").read_text()
    found = re.search(rf"^(?:require)?\s+{re.escape(module)} v(\S+)", text, re.MULTILINE)
    if found is None:
        raise ValueError(f"{TABLE} names {module}, which the go.mod of {tool_name} does not require")
    return found[1]
