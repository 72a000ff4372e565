"""Rewriting `official.sha256` and `requirements/pulumi.sha256` from what the projects publish: for a maintainer with internet access."""

import re
from importlib.metadata import version

import httpx

from devcluster.messages.errors import DevclusterError
from devcluster.providers.plugin_versions import plugin_version
from devcluster.toolchain.official import (
    CHECKSUMS,
    LOCK,
    PLATFORMS,
    PLATFORMS_OF_PULUMI,
    OfficialFile,
    official_cli,
    official_files,
    official_plugin,
)
from devcluster.toolchain.official_download import TIMEOUT
from devcluster.toolchain.plugin_download import PACKAGES
from devcluster.toolchain.tool import all_tools

HEADER = (
    "# SHA-256 of Pulumi's CLI and provider plugins, of the versions in run.txt: what is named here is installed with this checksum or not "
    "at all.",
    "# `make pin` writes the lines below, from what the publishers publish; it needs internet access. Compare them, and commit them.",
)
CORRECT_THE_PLACE = "See where the project publishes its checksums now, and correct devcluster/toolchain/official.yaml."
LINE = re.compile(r"^([0-9a-f]{64})(?:\s+\*?(\S+))?$", re.MULTILINE | re.IGNORECASE)


def pin() -> list[str]:
    """Fetch the checksum of every official file and write them all; returns a line for each.

    Nothing is written unless all were found. Raises DevclusterError.
    """
    files = [file for platform in PLATFORMS for file in _files(platform)]
    of_pulumi = [file for platform in PLATFORMS_OF_PULUMI for file in _files_of_pulumi(platform)]
    published: dict[str, str] = {}
    with httpx.Client(timeout=TIMEOUT, follow_redirects=True) as client:
        for url in dict.fromkeys(file.checksums_url for file in (*files, *of_pulumi)):
            published[url] = _fetch(client, url)
    lines = sorted({f"{_checksum(file, published[file.checksums_url])}  {file.url}" for file in files}, key=_name)
    locked = sorted({f"{_checksum(file, published[file.checksums_url])}  {file.url.rpartition('/')[2]}" for file in of_pulumi}, key=_name)
    CHECKSUMS.write_text("".join(f"{line}\n" for line in lines))
    LOCK.write_text("".join(f"{line}\n" for line in (*HEADER, *locked)))
    return [*lines, *locked]


def _name(line: str) -> str:
    return line.split()[1]


def _files(platform: str) -> list[OfficialFile]:
    return [file for tool in all_tools() for file in official_files(tool, platform)]


def _files_of_pulumi(platform: str) -> list[OfficialFile]:
    if not PACKAGES:
        return []
    return [official_cli(version("pulumi"), platform), *(official_plugin(each, plugin_version(each), platform) for each in PACKAGES)]


def _fetch(client: httpx.Client, url: str) -> str:
    try:
        return client.get(url).raise_for_status().text
    except httpx.HTTPStatusError as error:
        raise DevclusterError(
            f"{url} was answered with {error.response.status_code}", "No checksum was written.", CORRECT_THE_PLACE
        ) from error
    except httpx.HTTPError as error:
        raise DevclusterError(
            f"{url} could not be fetched ({error or type(error).__name__})",
            "No checksum was written.",
            "Run it again on a machine with internet access: the projects' own hosts are needed.",
        ) from error


def _checksum(file: OfficialFile, published: str) -> str:
    name, found = file.url.rpartition("/")[2], LINE.findall(published)
    digests: set[str] = {digest.lower() for digest, of in found if not of or of.rpartition("/")[2] == name}
    if len(digests) != 1:
        raise DevclusterError(
            f"{file.checksums_url} has {len(digests)} SHA-256 checksums of {name}", "No checksum was written.", CORRECT_THE_PLACE
        )
    return digests.pop()
