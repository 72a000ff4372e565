"""Where a forge is, as a person says it."""

from flux.addresses import address_of, is_loopback
from flux.message import Message
from gitops.errors import CommandError


def forge_url(url: str, *, given_by: str) -> str:
    """The address without a slash at its end; `given_by` is how messages call the place that it comes from.

    Raises:
        CommandError: it is not an address, it holds a login, or a token would go there unencrypted.
    """
    address = address_of(url)
    if address is not None and "@" in url.partition("://")[2].partition("/")[0]:
        raise CommandError(
            Message(
                "The address of the forge contains a user name or password",
                "Others could read it from the process list.",
                f"Remove it from {given_by}; the token has its own environment variable.",
            )
        )
    if address is None or address.scheme not in ("http", "https") or "?" in url or "#" in url:
        raise CommandError(
            Message("The address of the forge is not of the form https://HOST[/PATH]", "No forge can be asked.", f"Correct {given_by}.")
        )
    if address.scheme == "http" and not is_loopback(address.host):
        raise CommandError(
            Message(
                f"{url} is not encrypted",
                "Anyone on the network could read the token, which can change repositories.",
                "Use https, or forward a port of this machine to it: kubectl port-forward",
            )
        )
    return url.rstrip("/")
