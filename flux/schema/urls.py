"""URLs of the schemes that a field takes, and what a person may have meant by another text."""

import re

from flux.listing import either
from flux.schema.mismatch import Mismatch, Node
from flux.schema.showing import mentioned, shown

_PATTERN = re.compile(r"\^\(?([a-z|?]+)\)?://(?:\.\*\$)?")
_SCP = re.compile(r"(?:(?P<user>[\w.-]+)@)?(?P<host>[\w-]+(?:\.[\w-]+)*):(?!//)/*(?P<path>[^\d\s][^\s]*|\d+[^\d/\s][^\s]*)")
_SCHEMES = ("http", "https", "ssh", "git", "oci", "ftp", "file")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def schemes_of(node: Node) -> list[str]:
    """The schemes that a URL field takes; none for another field."""
    match = _PATTERN.fullmatch(str(node.get("pattern", "")))
    if not match:
        return []
    return ["http", "https"] if match.group(1) == "https?" else match.group(1).split("|")


def about_url(mismatch: Mismatch) -> tuple[str, str]:
    """What is wrong with a URL, and what to write."""
    schemes, value = schemes_of(mismatch.node), mismatch.value
    starts = either(f"{scheme}://" for scheme in schemes)
    wrong = f"{mentioned(value, mismatch.path)} does not start with {starts}"
    is_shown = shown(value, mismatch.path) is not None
    scp = _SCP.fullmatch(value) if "ssh" in schemes else None
    if scp and scp.group("host").lower() not in _SCHEMES:
        url = f"ssh://{scp.group('user') or 'git'}@{scp.group('host')}/{scp.group('path')}"
        return wrong, f"Write {url if is_shown else 'it as ssh://git@host/path'}."
    if not is_shown:
        return wrong, "Write such a URL, and no password in it."
    scheme = _SCHEME.match(value.strip())
    rest = value.strip()[scheme.end() if scheme else 0 :].lstrip("/")
    if not rest or set(" @") & set(rest) or "." not in rest:
        return wrong, "Write such a URL."
    wanted = next((scheme for scheme in schemes if value.strip().lower().startswith(f"{scheme}://")), None)
    return wrong, f"Write {wanted or ('https' if 'https' in schemes else schemes[0])}://{rest}."
