"""The release that runs in a cluster: by which name the stack file has it, and its manifests, where they can be read."""

import os
from collections.abc import Callable
from pathlib import Path

from flux.environment import cache_root
from flux.errors import FluxInputError
from flux.kinds import VERSION_LABEL
from flux.message import Message
from flux.release.artifact import pull_manifests
from flux.release.artifact_reference import parse_reference
from flux.release.distribution import Distribution, distribution_of, read_distribution
from flux.requirement import Environment
from gitops.adopt.origin import FIRST_CONTROLLERS
from gitops.errors import CommandError
from gitops.pinned_manifests import PinnedManifests, pinned
from live.flux_objects.running_flux import RunningFlux
from stacks.contract.names import OFFLINE_MANIFESTS

_ARTIFACT = "ghcr.io/fluxcd/flux-manifests"


def running_version(running: RunningFlux) -> str:
    """`v2.9.4`.

    Raises:
        CommandError: no controller of Flux runs in its namespace, or none says its version.
    """
    found = next((each for name in FIRST_CONTROLLERS if (each := running.deployment(name))), None)
    if found is None:
        told = Message(
            "no Deployment of Flux is in namespace flux-system", "There is nothing to adopt.", "For a new installation, run: gitops new"
        )
        raise CommandError(told)
    version = found.metadata.labels.get(VERSION_LABEL, "")
    if not version:
        told = Message(
            f"Deployment {found.metadata.name} has no label {VERSION_LABEL}", "Its release is unknown.", "Name it: --manifests ARTIFACT"
        )
        raise CommandError(told)
    return version if version.startswith("v") else f"v{version}"


def release_of(
    running: RunningFlux, manifests: str | None, environment: Environment, folder: Path, say: Callable[[str], None]
) -> tuple[PinnedManifests, Distribution | None]:
    """How the stack file names the release, and its manifests; None where they cannot be read.

    Raises:
        CommandError: nothing runs, or a release other than the one that is named.
    """
    version = running_version(running)
    found = pinned(manifests or f"{_ARTIFACT}:{version}", environment, say)
    distribution = _distribution(found.text, folder, say)
    if distribution and distribution.version != version:
        told = Message(
            f"the cluster runs Flux {version}, but the manifests are those of {distribution.version}",
            "The controllers would restart in the middle of the hand-over.",
            f"Take over with the manifests of {version}, and upgrade afterwards: docs/how-to/upgrade-flux.md",
        )
        raise CommandError(told)
    return found, distribution


def _distribution(text: str, folder: Path, say: Callable[[str], None]) -> Distribution | None:
    try:
        if text.startswith(("./", "/")):
            return read_distribution(folder / text)
        if copy := os.environ.get(OFFLINE_MANIFESTS):
            return read_distribution(Path(copy))
        reference = parse_reference(text)
        return distribution_of(pull_manifests(reference, cache_root()), shown=str(reference), version=reference.version)
    except FluxInputError as error:
        say(f"  The release {error.message}")
        return None
