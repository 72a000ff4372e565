"""Files that are accepted with one checksum and no other: `requirements/pulumi.sha256` names those that Pulumi is made of."""

import re
from pathlib import Path

PULUMI_LOCK = Path(__file__).parents[1] / "requirements" / "pulumi.sha256"
_LINE = re.compile(r"([0-9a-f]{64})  (\S+)")


def pinned_files(lock: Path = PULUMI_LOCK) -> dict[str, str]:
    """Name of a file → its SHA-256. Lines as of sha256sum; what is no such line is a comment."""
    try:
        lines = lock.read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    return {match[2]: match[1] for line in lines if (match := _LINE.fullmatch(line))}


def plugin_archive(package: str, version: str, platform: str) -> str:
    """The name under which a provider plugin is published: `pulumi-resource-random-v4.21.4-linux-amd64.tar.gz`."""
    return f"pulumi-resource-{package}-v{version}-{platform}.tar.gz"
