"""The address of a Git repository as a person pastes it, taken apart as the catalog writes it: a host, and a path on it."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from gitops.new.mistake import mistake

_SCP_STYLE = re.compile(r"^(?P<user>[\w.-]+)@(?P<host>[\w.-]+):(?P<path>(?!//)[^\s]+)$")
_HTTPS = ("https", "http")
_EXAMPLES = "Write https://git.example.org/you/repository, or ssh://git@git.example.org/you/repository."


@dataclass(frozen=True, kw_only=True)
class RepositoryAddress:
    """A repository: what the catalog has under `hosts`, and what follows the host's name in `from`."""

    base: str
    """`ssh://git@github.com/you`."""
    repository: str
    """`homelab`, the last part of the path, without `.git`."""

    @property
    def url(self) -> str:
        """What Flux fetches."""
        return f"{self.base}/{self.repository}.git"

    @property
    def uses_ssh(self) -> bool:
        """Whether it is fetched with a key."""
        return self.base.startswith("ssh://")

    @property
    def is_unencrypted(self) -> bool:
        """Whether anyone on the network could change what is fetched."""
        return self.base.startswith("http://")

    @property
    def server(self) -> str:
        """The server's DNS name or address."""
        return urlsplit(self.base).hostname or ""

    @property
    def host_name(self) -> str:
        """What the catalog calls the server: `github` for github.com, `git` for git.example.org and for bare addresses."""
        label = self.server.split(".")[0]
        return label if re.fullmatch(r"[a-z][-a-z0-9]*", label) and "." in self.server else "git"

    @property
    def object_name(self) -> str:
        """The repository's name as Kubernetes allows it."""
        return re.sub(r"[^a-z0-9]+", "-", self.repository.lower()).strip("-") or "repository"


def address(text: str) -> RepositoryAddress:
    """Take an address apart. Raises CommandError, without the address, when Flux could not fetch from it."""
    written = text.strip()
    if scp := _SCP_STYLE.match(written):
        written = f"ssh://{scp['user']}@{scp['host']}/{scp['path'].lstrip('/')}"
    try:
        parts = urlsplit(written)
        port = parts.port
    except ValueError:
        raise mistake("The Git URL cannot be read", "Flux could not fetch from it.", _EXAMPLES) from None
    if parts.scheme not in (*_HTTPS, "ssh") or not parts.hostname:
        raise mistake("The Git URL is not one that Flux fetches from", "Flux could not fetch from it.", _EXAMPLES)
    if parts.password or (parts.username and parts.scheme in _HTTPS):
        raise mistake(
            "The Git URL holds a login",
            "Git, previews and the state would show it.",
            "Write the URL without it, and choose the login `token`: the command to set it is printed.",
        )
    folder, _, repository = parts.path.strip("/").removesuffix(".git").rpartition("/")
    if not repository or parts.query or parts.fragment:
        raise mistake("The Git URL names no repository", "It is unknown what Flux would fetch.", _EXAMPLES)
    user = f"{parts.username}@" if parts.username else ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    base = f"{parts.scheme}://{user}{host}{f':{port}' if port else ''}"
    return RepositoryAddress(base=f"{base}/{folder}" if folder else base, repository=repository)


def same_repository(one: str, other: str) -> bool:
    """Whether two URLs are one repository, fetched the same way."""
    return _plain(one) == _plain(other)


def _plain(url: str) -> str:
    return url.rstrip("/").removesuffix(".git").lower()
