"""A repository at a forge, as the URL says from which Flux fetches it."""

from dataclasses import dataclass

from flux.addresses import address_of


@dataclass(frozen=True, kw_only=True)
class Repository:
    """Where it is and what it is called there."""

    url: str
    host: str
    owner: str
    """With the groups between, where a forge has such."""
    name: str

    @property
    def path(self) -> str:
        """`owner/name`."""
        return f"{self.owner}/{self.name}"


def repository_of(url: str) -> Repository:
    """The repository of an ssh:// or https:// URL.

    Raises ValueError, without the URL, when it names no server or no repository.
    """
    address = address_of(url)
    owner, _, name = address.path.strip("/").removesuffix(".git").rpartition("/") if address else ("", "", "")
    if address is None or not owner or not name:
        raise ValueError("not the URL of a repository")
    return Repository(url=url, host=address.host, owner=owner, name=name)
