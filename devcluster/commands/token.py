"""`token`: the access tokens with which Flux reads private repositories of an embedded cluster's Gitea: one more, or one less."""

from pathlib import Path

from devcluster.commands.homes import running
from devcluster.gitea.gitea_server import READS
from devcluster.gitea.organisation import GiteaApi
from devcluster.gitea.sample_repositories import READER
from devcluster.messages.errors import DevclusterError


def token(directory: Path, name: str | None, *, delete: bool = False) -> list[str]:
    """The new token alone; the names of all where none is named; nothing after one was deleted."""
    if delete and not name:
        raise DevclusterError("--delete needs the name of a token", "No token was deleted.", "Without a name, the command lists all names.")
    with GiteaApi(running(directory).gitea) as api:
        names = api.token_names(READER)
        if not name:
            return names
        if delete and name not in names:
            known = f"Name one of: {', '.join(names)}." if names else "There is none."
            raise DevclusterError(f"{READER} has no token {name!r}", "No token was deleted.", known)
        if not delete and name in names:
            raise DevclusterError(
                f"{READER} already has a token {name!r}", "No token was made: Gitea shows each only once.", "Use another name."
            )
        if delete:
            api.delete_token(READER, name)
            return []
        return [api.create_token(READER, name, READS)]
