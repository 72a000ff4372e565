"""`gitops digest`: what a tag of Flux's manifests means now, as the stack file wants it."""

from dataclasses import replace
from typing import Annotated

import typer

from gitops.errors import CommandError
from gitops.terminal import print_lines

DIGEST = """Print a tag of Flux's manifests with its current digest, for the stack file.

Asks the registry, anonymously. Without REFERENCE, it uses Flux's own artifact of the
newest release that this program was tested with.

\b
Examples:
  gitops digest
  gitops digest ghcr.io/fluxcd/flux-manifests:v2.9.4

\b
Exit codes:
  0    printed: registry/repository:tag@sha256:...
  2    the registry does not answer, or has no such tag; stderr says what to do
"""


def digest(
    reference: Annotated[str, typer.Argument(help="registry/repository:tag", metavar="REFERENCE", show_default=False)] = "",
) -> None:
    """Ask the registry, and print."""
    print_lines(pinned_reference(reference))


def pinned_reference(text: str = "") -> str:
    """`registry/repository:tag@sha256:…`. Without a text: Flux's own, of the newest release that this program was tested with.

    Raises:
        CommandError: it is not a reference, or the registry does not report the digest.
    """
    from flux.errors import FluxInputError
    from flux.message import Message
    from flux.release.artifact import registry_digest
    from flux.release.artifact_reference import parse_reference
    from flux.release.tested import MANIFESTS

    try:
        reference = parse_reference(text or MANIFESTS)
    except FluxInputError as error:
        raise CommandError(replace(error.message, wrong=f"the reference {error.message.wrong}")) from None
    try:
        return str(replace(reference, digest=registry_digest(replace(reference, digest=None) if reference.tag else reference)))
    except FluxInputError as error:
        cause = error.__cause__
        if cause is None:
            raise CommandError(error.message) from None
        fix = f"On a machine that reaches it, run: gitops digest {reference}, or docker buildx imagetools inspect {reference}"
        wrong = f"{reference.registry} cannot be reached ({type(cause).__name__})"
        raise CommandError(Message(wrong, f"The digest of {reference} is unknown.", fix)) from None
