"""How a stack file names Flux's manifests in a registry."""

import re
from dataclasses import dataclass

from flux.addresses import is_host_and_port
from flux.errors import FluxInputError
from flux.key_path import KeyPath
from flux.message import Message

MANIFESTS: KeyPath = ("flux", "manifests")
"""The key of the stack file that names Flux's manifests, without `gitops:`."""
_LIKE = "Write it like ghcr.io/fluxcd/flux-manifests:v2.9.4@sha256:<64 hex digits>"
_REGISTRY = "Write its host, with a port if needed: registry.example.com:5000/fluxcd/flux-manifests:v2.9.4"

_REFERENCE = re.compile(
    r"^(?:oci://)?(?P<registry>[^/@\s]+)/(?P<repository>[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*)(?::(?P<tag>[\w][\w.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?$"
)
_FLUX_VERSION = re.compile(r"^v\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$")


@dataclass(frozen=True, kw_only=True)
class ArtifactReference:
    """`registry/repository:tag@sha256:…`; the digest decides, the tag is for people and Renovate.

    Without a digest the tag is looked up at every run: what it means can change.
    """

    registry: str
    repository: str
    tag: str | None
    digest: str | None

    def __str__(self) -> str:
        """As it stands in a stack file."""
        return f"{self.registry}/{self.repository}{f':{self.tag}' if self.tag else ''}{f'@{self.digest}' if self.digest else ''}"

    @property
    def version(self) -> str | None:
        """The Flux version that the tag names; None when it names none, as `latest` does."""
        return self.tag if self.tag and _FLUX_VERSION.match(self.tag) else None


def parse_reference(text: str) -> ArtifactReference:
    """Parse an OCI reference; raises FluxInputError, without the text, when it is none or has neither tag nor digest."""
    match = _REFERENCE.match(text)
    if match is None:
        wrong = Message("is neither a directory nor an OCI artifact", "There is nothing to install.", f"{_LIKE}, or ./directory.")
        raise FluxInputError(wrong, MANIFESTS)
    if not is_host_and_port(match["registry"]):
        wrong = Message("names a registry that could not be connected to", "There is nothing to install.", _REGISTRY)
        raise FluxInputError(wrong, MANIFESTS)
    if match["digest"] is None and match["tag"] is None:
        wrong = Message(
            "has neither a tag nor a digest",
            "It would be unclear which Flux to install.",
            f"{_LIKE}; a directory begins with ./ or /.",
        )
        raise FluxInputError(wrong, MANIFESTS)
    return ArtifactReference(registry=match["registry"], repository=match["repository"], tag=match["tag"], digest=match["digest"])
