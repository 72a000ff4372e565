"""The keys of the SSH server that Flux is to trust: those that the person trusts already, or that the host publishes.

Never scanned: who answers on the network at that moment proves nothing.
"""

from pathlib import Path

from flux.keys.known_hosts import lines_for
from gitops.new.mistake import mistake

PUBLISHED = {"github.com": "github.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"}
"""https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/githubs-ssh-key-fingerprints"""
PREFERRED = "ssh-ed25519"


def host_keys(base: str, server: str, given: Path | None) -> tuple[str | None, str]:
    """known_hosts lines for the server at `base`, and where they come from; None if they are unknown here.

    Raises:
        CommandError: the file that was given cannot be read, or has no line for the server.
    """
    if given is not None:
        lines = _lines(given, base, must=True)
        if not lines:
            raise mistake(
                f"{given} has no line for {server}",
                "Flux would refuse the server.",
                f"Take the line that the server's administrator publishes; compare it with: ssh-keyscan {server}",
            )
        return lines, str(given)
    if server in PUBLISHED:
        return PUBLISHED[server], f"the list that {server} publishes"
    own = Path("~/.ssh/known_hosts")
    if lines := _lines(own.expanduser(), base, must=False):
        return lines, str(own)
    return None, "nowhere"


def _lines(file: Path, base: str, *, must: bool) -> str | None:
    try:
        text = file.expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        if must:
            why = error.strerror if isinstance(error, OSError) else "it is not text"
            raise mistake(f"{file} cannot be read ({why})", "Flux would trust no server.", "Name a known_hosts file.") from None
        return None
    found = lines_for(text, base)
    preferred = [line for line in found if f" {PREFERRED} " in line]
    return "\n".join(preferred or found) or None
