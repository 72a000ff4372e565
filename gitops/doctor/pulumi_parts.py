"""Pulumi's parts: the CLI, its Python language host, the provider plugins, and the backend with the state."""

import os
import platform
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from shlex import quote
from typing import Any

from flux.bounded_documents import Bounds, UnreadableError, json_value
from flux.message import Message
from flux.pinned_files import pinned_files, plugin_archive
from gitops.doctor.check_result import Check, State
from gitops.doctor.how_to_get import how_to_get
from gitops.doctor.programs import output_of
from gitops.messages import redact
from gitops.project import project_here
from gitops.pulumi_backend import LOGIN, PASSPHRASES, backend, pulumi_home
from gitops.pulumi_on_path import environments
from gitops.version import package_version

GROUP = "pulumi"
STACKS = Bounds(size=8 * 1024 * 1024)
"""What is read of `pulumi stack ls`."""
OLDEST_CLI = (3, 259)
PROVIDERS = ("kubernetes", "random")
NO_DOWNLOAD = "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"
LANGUAGE_HOST = "pulumi-language-python"
PASSPHRASE, _ = PASSPHRASES
DEMO_PASSPHRASE, DEMO_STACK = "gitops-demo", "dev"
"""As `devcluster` says; a test compares them, because this room does not import that one."""


def cli_checks(stack: str | None = None) -> list[Check]:
    """The CLI and what it starts."""
    cli = shutil.which("pulumi")
    if cli is None:
        message = Message(
            "is not on PATH",
            "Nothing can be previewed or applied.",
            f"{how_to_get('pulumi')}{_that_of_a_cluster(stack)}",
        )
        return [Check(group=GROUP, name="pulumi", state=State.MISSING, message=message), *_plugins()]
    said = (output_of([cli, "version"]) or "").strip().removeprefix("v")
    return [_version(said), _language_host(Path(cli)), *_plugins()]


def _that_of_a_cluster(stack: str | None) -> str:
    """An embedded cluster in the clone has one; for the demo's stack, the demo makes one."""
    if evaluated := environments():
        return f"; or that of the cluster in this clone: {' or '.join(evaluated)}"
    return '; or that of the demo: make demo, then eval "$(make -s env)"' if stack == DEMO_STACK else ""


def _version(said: str) -> Check:
    match = re.match(r"(\d+)\.(\d+)", said)
    if match is None:
        message = Message("does not report its version", "It is unknown whether it can run this program.", how_to_get("pulumi"))
        return Check(group=GROUP, name="pulumi", state=State.FAILED, found=said, message=message)
    if (int(match[1]), int(match[2])) < OLDEST_CLI:
        oldest = ".".join(map(str, OLDEST_CLI))
        message = Message(f"is older than {oldest}", f"It may refuse the SDK {package_version('pulumi')}.", how_to_get("pulumi"))
        return Check(group=GROUP, name="pulumi", state=State.FAILED, found=said, message=message)
    return Check(group=GROUP, name="pulumi", state=State.OK, found=f"{said} (SDK {package_version('pulumi')})")


def _language_host(cli: Path) -> Check:
    beside = cli.resolve().parent / LANGUAGE_HOST
    installed = sorted((pulumi_home() / "plugins").glob(f"language-python-v*/{LANGUAGE_HOST}"))
    if beside.is_file() or installed or shutil.which(LANGUAGE_HOST):
        return Check(group=GROUP, name="language host", state=State.OK, found="python")
    message = Message(f"{LANGUAGE_HOST} is not next to pulumi", "No program in Python can run.", f"{how_to_get('pulumi')}")
    return Check(group=GROUP, name="language host", state=State.MISSING, message=message)


def _plugins() -> list[Check]:
    return [_plugin(package, package_version(f"pulumi-{package}")) for package in PROVIDERS]


def _plugin(package: str, wanted: str) -> Check:
    name = f"provider {package}"
    if (pulumi_home() / "plugins" / f"resource-{package}-v{wanted}" / f"pulumi-resource-{package}").is_file():
        return Check(group=GROUP, name=name, state=State.OK, found=wanted)
    digest = pinned_files().get(plugin_archive(package, wanted, _this_platform()))
    fix = "Run: make plugins" if digest else f"Run: pulumi plugin install resource {package} {wanted}"
    if os.environ.get(NO_DOWNLOAD, "").lower() in ("true", "1"):
        message = Message(f"{wanted} is not installed", f"{NO_DOWNLOAD} keeps pulumi from downloading it.", fix)
        return Check(group=GROUP, name=name, state=State.MISSING, message=message)
    how = "without looking at its pinned checksum" if digest else "and no checksum is pinned (make pin)"
    message = Message(f"{wanted} is not installed", f"The first `pulumi preview` downloads it, {how}.", fix)
    return Check(group=GROUP, name=name, state=State.WARNING, message=message)


def _this_platform() -> str:
    machine = platform.machine()
    return f"{platform.system().lower()}-{ {'x86_64': 'amd64', 'aarch64': 'arm64'}.get(machine, machine) }"


def backend_check() -> Check:
    """Where the state is kept."""
    url = backend()
    if url is None:
        message = Message(
            "pulumi is not logged in to a backend",
            "There is nowhere to keep the state.",
            f"Run: {LOGIN} (a directory), or pulumi login s3://…, or without an argument for Pulumi Cloud",
        )
        return Check(group=GROUP, name="backend", state=State.MISSING, message=message)
    shown = redact(url).partition("?")[0]
    if (directory := _directory(url)) and not directory.is_dir():
        message = Message(
            f"{shown} does not exist",
            "Pulumi can neither read nor keep the state.",
            f"If it is that of a cluster that was removed, open a new shell. Else run: mkdir -p {quote(str(directory))}",
        )
        return Check(group=GROUP, name="backend", state=State.FAILED, message=message)
    return Check(group=GROUP, name="backend", state=State.OK, found=shown)


def passphrase_checks(stack: str | None) -> list[Check]:
    """Whether secrets of `stack` would be encrypted with the passphrase that the demo leaves in a shell, and that anyone can read."""
    if os.environ.get(PASSPHRASE) != DEMO_PASSPHRASE or stack == DEMO_STACK:
        return []
    message = Message(
        f"{PASSPHRASE} is still the demo's, which is public", "Anyone could decrypt what it encrypts.", f"Run: unset {PASSPHRASE}"
    )
    return [Check(group=GROUP, name="passphrase", state=State.WARNING, message=message)]


def _directory(url: str) -> Path | None:
    """Where a backend of files is, as far as that does not depend on the current directory; None for any other."""
    path = url.partition("?")[0].removeprefix("file://")
    is_absolute = url.startswith("file://") and path.startswith(("/", "~"))
    return Path(os.path.expanduser(path)) if is_absolute else None  # noqa: PTH111 (pathlib fails at a user whom there is not)


def stacks_of_backend() -> dict[str, bool] | None:
    """Name of each stack of this project in the backend → whether it is the selected one; None if pulumi does not list them."""
    folder = project_here()
    said = output_of(["pulumi", "stack", "ls", "--json", "--non-interactive"], folder) if folder else None
    try:
        listed: Any = json_value(said or "", STACKS)
    except UnreadableError:
        return None
    return {str(each["name"]): bool(each.get("current")) for each in listed if isinstance(each, Mapping) and "name" in each}
