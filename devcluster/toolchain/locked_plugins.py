"""Installing the provider plugins of a stack by checksum, where Pulumi by itself would take whatever is published."""

import os
import shutil
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

from devcluster.messages.errors import DevclusterError, last_lines
from devcluster.providers.plugin_versions import plugin_version
from devcluster.toolchain import official
from devcluster.toolchain.official import OfficialFile, official_plugin, this_platform
from devcluster.toolchain.official_download import DownloadError, OfficialDownloads
from devcluster.toolchain.plugin_download import PACKAGES

SERVER = "GITOPS_PLUGIN_SERVER"
"""Another place for the same archives, such as a mirror: they must have the same checksums."""
NO_PREVIEW, TRY_AGAIN = "`pulumi preview` would fail, or download it unverified.", "To try again: make plugins"


def install_locked_plugins() -> list[str]:
    """Let `pulumi` download each plugin, also one that is there already; a line for each.

    Raises DevclusterError when there is no pulumi, no checksum for a plugin on this platform, or an archive with another one.
    """
    cli = shutil.which("pulumi")
    if cli is None:
        raise DevclusterError("pulumi is not on PATH", "No plugin was installed.", "Install it: https://www.pulumi.com/docs/install")
    plugins = {package: _archive(package) for package in PACKAGES}
    if unknown := [f"{package} {plugin_version(package)}" for package, file in plugins.items() if file.sha256 is None]:
        raise DevclusterError(
            f"requirements/{official.LOCK.name} has no checksum of {' and '.join(unknown)} for {this_platform()}",
            "No plugin was installed.",
            "Write it with `make pin` on a machine with internet access, compare what it wrote, and commit it.",
        )
    with tempfile.TemporaryDirectory(prefix="pulumi-plugins-") as temporary:
        downloads = OfficialDownloads(Path(temporary))
        return [_installed(cli, package, file, downloads, Path(temporary)) for package, file in plugins.items()]


def _archive(package: str) -> OfficialFile:
    file = official_plugin(package, plugin_version(package), this_platform())
    mirror = os.environ.get(SERVER, "").rstrip("/")
    return replace(file, url=f"{mirror}/{file.url.rpartition('/')[2]}") if mirror else file


def _installed(cli: str, package: str, file: OfficialFile, downloads: OfficialDownloads, folder: Path) -> str:
    """Hashed here, and handed over as a file: `pulumi plugin install --checksum` leaves out the last bytes of an answer over HTTP/1.1."""
    version, archive = plugin_version(package), folder / file.url.rpartition("/")[2]
    try:
        downloads.download(file, archive)
    except DownloadError as error:
        raise DevclusterError(f"the plugin {package} {version} was not installed: {error}", NO_PREVIEW, TRY_AGAIN) from error
    command = [cli, "plugin", "install", "resource", package, version, "--reinstall", "--non-interactive", "--file", str(archive)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | {"PULUMI_SKIP_UPDATE_CHECK": "true"})
    if done.returncode != 0:
        said = last_lines(done.stderr.strip() or done.stdout, 1)
        wrong = f"the plugin {package} {version} was not installed: pulumi exited with {done.returncode}"
        raise DevclusterError(wrong, NO_PREVIEW, TRY_AGAIN, said=said)
    return f"{package} {version}  sha256:{file.sha256}"
