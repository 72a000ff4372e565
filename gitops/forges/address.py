"""Where Gitea is, as a person says it."""

from urllib.parse import urlsplit

from gitops.errors import CommandError
from live.loopback import is_loopback

MEND = "Mend --api-url or GITEA_URL"


def base_url(url: str | None) -> str:
    """The address without a slash at its end and without the API's own path.

    Raises:
        CommandError: there is none, it is no address, it holds a password, or a token would go there unencrypted.
    """
    if not url:
        raise CommandError(
            "It is not known where Gitea is, so there is nobody to ask. Say it with --api-url or export GITEA_URL=https://git.example"
        )
    split = urlsplit(url)
    if split.username or split.password:
        raise CommandError(
            "The URL of Gitea holds a user or a password, which others could read from the process list. "
            "Leave them out; the token is GITEA_TOKEN"
        )
    if split.scheme not in ("http", "https") or not split.hostname or split.query or split.fragment:
        raise CommandError(f"The URL of Gitea is not of the form https://HOST[/PATH], so there is nobody to ask. {MEND}")
    if split.scheme == "http" and not is_loopback(split.hostname):
        raise CommandError(
            f"{url} is not encrypted: everybody on the way could read the token, which may change repositories. "
            "Use https, or forward a port of this machine to it: kubectl port-forward"
        )
    return url.rstrip("/").removesuffix("/api/v1")
