"""Which Flux a new stack installs: by digest where the registry answers, else with a mark for what is to be filled in."""

from collections.abc import Callable
from dataclasses import dataclass

from flux.errors import FluxInputError
from flux.message import Message
from flux.release.artifact import registry_digest
from flux.release.artifact_reference import parse_reference
from flux.requirement import Environment

SECONDS = 10.0
"""How long the registry may take: the file can be written without it."""


@dataclass(frozen=True, kw_only=True)
class PinnedManifests:
    """Which Flux: as written in the stack file, and what a person still has to do about it."""

    text: str
    todo: Message | None = None


def pinned(text: str, environment: Environment, say: Callable[[str], None]) -> PinnedManifests:
    """`text` with the digest that its tag has now; a directory, and what has a digest, as it is."""
    if text.startswith(("./", "/")):
        return PinnedManifests(text=text)
    reference = parse_reference(text)
    if reference.digest:
        return PinnedManifests(text=text)
    try:
        digest = registry_digest(reference, seconds=SECONDS)
    except FluxInputError as error:
        if environment == "development":
            say(f"  Without a digest, because {reference.registry} did not report it. Development accepts that.")
            return PinnedManifests(text=text)
        return PinnedManifests(text=text, todo=_todo(str(reference), _why(error)))
    say(f"  The digest of the tag at {reference.registry} is {digest}. Flux changes only when you change it.")
    return PinnedManifests(text=f"{text}@{digest}")


def _todo(reference: str, why: str) -> Message:
    return Message(
        f"has no digest yet: {why}",
        "A tag can be moved, so a preview refuses a tag without digest. Objects are checked once Flux's manifests are known.",
        f"On a machine that reaches the registry, run this, and append the digest: gitops digest {reference}",
    )


def _why(error: FluxInputError) -> str:
    cause = error.__cause__
    return f"the registry cannot be reached ({type(cause).__name__})" if cause else "the registry does not have it"
