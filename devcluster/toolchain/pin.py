"""Writing `official.sha256` anew from the checksums that the projects publish: for a maintainer with internet access."""

import re

import httpx

from devcluster.messages.errors import DevclusterError
from devcluster.providers.plugin_versions import plugin_version
from devcluster.toolchain.official import CHECKSUMS, PLATFORMS, OfficialFile, official_files, official_plugin
from devcluster.toolchain.official_download import TIMEOUT
from devcluster.toolchain.plugin_download import PACKAGES
from devcluster.toolchain.tool import all_tools

LINE = re.compile(r"^([0-9a-f]{64})(?:\s+\*?(\S+))?$", re.MULTILINE | re.IGNORECASE)


def pin() -> list[str]:
    """Fetch the checksum of every official file and write them all; returns a line for each.

    Nothing is written unless all were found. Raises DevclusterError.
    """
    files = [file for platform in PLATFORMS for file in _files(platform)]
    published: dict[str, str] = {}
    with httpx.Client(timeout=TIMEOUT, follow_redirects=True) as client:
        for url in dict.fromkeys(file.checksums_url for file in files):
            published[url] = _fetch(client, url)
    lines = sorted({f"{_checksum(file, published[file.checksums_url])}  {file.url}" for file in files}, key=lambda line: line.split()[1])
    CHECKSUMS.write_text("".join(f"{line}\n" for line in lines))
    return lines


def _files(platform: str) -> list[OfficialFile]:
    programs = [file for tool in all_tools() for file in official_files(tool, platform)]
    return programs + [official_plugin(package, plugin_version(package), platform) for package in PACKAGES]


def _fetch(client: httpx.Client, url: str) -> str:
    try:
        return client.get(url).raise_for_status().text
    except httpx.HTTPStatusError as error:
        raise DevclusterError(
            f"{url} was answered with {error.response.status_code}, so no checksum was written.\n"
            f"See where the project publishes its checksums now, and correct devcluster/toolchain/official.yaml"
        ) from error
    except httpx.HTTPError as error:
        raise DevclusterError(
            f"{url} could not be fetched ({error or type(error).__name__}), so no checksum was written.\n"
            f"The projects' own hosts are needed: run it again on a machine with internet access."
        ) from error


def _checksum(file: OfficialFile, published: str) -> str:
    name, found = file.url.rpartition("/")[2], LINE.findall(published)
    digests: set[str] = {digest.lower() for digest, of in found if not of or of.rpartition("/")[2] == name}
    if len(digests) != 1:
        raise DevclusterError(
            f"{file.checksums_url} has {len(digests)} SHA-256 checksums of {name}, so no checksum was written.\n"
            f"See where the project publishes its checksums now, and correct devcluster/toolchain/official.yaml"
        )
    return digests.pop()
