"""With what the check fetches a repository that Git itself declares, and not the stack file: never a login to a server it is not for.

The author of a synced repository chooses the URL, so only servers are asked from which the stack itself fetches, and with a login of the
stack only where the stack sends that login, too.
"""

import re
from collections.abc import Callable, Mapping

from flux.addresses import Address, address_of
from flux.object_reference import FLUX_NAMESPACE
from gitops.check.fetch.clone import Source
from gitops.check.fetch.fetching import Fetcher
from gitops.check.fetch.git_login import PUBLIC_FILES, Access
from gitops.check.follow.declared_source import DeclaredSource
from gitops.check.repository.documents import text

_PLAIN_URL = re.compile(
    r"((https?|oci)://|ssh://([A-Za-z0-9_][\w.-]*@)?)[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?(/[\w~+-][\w.~+-]*)+/?", re.ASCII
)
"""Nothing that two programs could read as two servers, and neither a password nor an option."""
_OF_THE_CONTENT = ("ref", "ignore", "include", "layerSelector", "recurseSubmodules", "sparseCheckout")
AccessOf = Callable[[str, str], Access]
"""A URL and a credential of the stack → how to fetch."""


class DeclaredSources:
    """Which sources of Git are fetched, and how."""

    def __init__(self, own: Mapping[str, Source], access_of: AccessOf, fetcher: Fetcher) -> None:
        """`own` are the stack's."""
        self._own, self._access_of, self._fetcher = own, access_of, fetcher

    def admit(self, declared: DeclaredSource) -> str:
        """Let the fetcher fetch it; why not, as in `is not …`, where it is not fetched."""
        url = text(dict(declared.spec), "url")
        if not _PLAIN_URL.fullmatch(url):
            return "has a URL with a variable" if "${" in url else "has a URL that only Flux itself fetches from"
        for name, source in self._own.items():
            if _repository(source.url) == _repository(url) and _content(source.spec) == _content(declared.spec):
                self._fetcher.call(declared.key, name)
                return ""
        is_artifact = declared.kind == "OCIRepository"
        if is_artifact != url.startswith("oci://"):
            return "has a URL that only Flux itself fetches from"
        neighbours = [source for source in self._own.values() if _server(source.url) == _server(url)]
        if not neighbours:
            return "is on a server from which this stack itself fetches nothing"
        place = declared.repository, declared.file, declared.line
        access = self._access(declared, url, neighbours)
        self._fetcher.add(Source(kind=declared.kind, name=declared.key, url=url, spec=declared.spec, access=access, declared_at=place))
        return ""

    def _access(self, declared: DeclaredSource, url: str, neighbours: list[Source]) -> Access:
        for source in neighbours:
            if _repository(source.url) == _repository(url) and source.url == url:
                return source.access
        secret = text(dict(declared.spec), "secretRef", "name") if declared.namespace == FLUX_NAMESPACE else ""
        if secret and any(text(dict(source.spec), "secretRef", "name") == secret for source in neighbours):
            return self._access_of(url, secret)
        # As git fetches for this person, who trusts what the stack trusts of that server.
        return Access(files={name: content for name, content in neighbours[0].access.files.items() if name in PUBLIC_FILES})


def _server(url: str) -> tuple[str, str, int | None] | None:
    found: Address | None = address_of(url)
    return (found.scheme, found.host, found.port_or_default) if found else None


def _repository(url: str) -> tuple[tuple[str, str, int | None] | None, str]:
    """Two URLs of one repository on one server may differ in the user, in the port that goes without saying, and in `.git`."""
    found = address_of(url)
    return _server(url), found.path.strip("/").removesuffix(".git") if found else url


def _content(spec: Mapping[str, object]) -> dict[str, object]:
    """What decides which files come out of a repository."""
    return {key: spec[key] for key in _OF_THE_CONTENT if spec.get(key)}
