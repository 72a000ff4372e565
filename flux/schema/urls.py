"""URLs of the schemes that a field takes, and what a person may have meant by another text."""

import re

from flux.schema.problem import Node, Problem
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


def url_words(problem: Problem) -> tuple[str, str]:
    """What is wrong with a URL, and what to write."""
    schemes, value = schemes_of(problem.node), problem.value
    starts = [f"{scheme}://" for scheme in schemes]
    either = " or ".join([", ".join(starts[:-1]), starts[-1]] if len(starts) > 1 else starts)
    scp = _SCP.fullmatch(value) if "ssh" in schemes else None
    wrong = f"{mentioned(value, problem.path)} is not a URL that starts with {either}"
    if scp and scp.group("host").lower() not in _SCHEMES:
        url = f"ssh://{scp.group('user') or 'git'}@{scp.group('host')}/{scp.group('path')}"
        safe = shown(value, problem.path) is not None
        return wrong, f"write {url}" if safe else "write it as ssh://git@host/path"
    if shown(value, problem.path) is None:
        return wrong, f"write one that starts with {either}, and no password in it"
    rest = _SCHEME.sub("", value.strip(), count=1).lstrip("/")
    if not rest or set(" @") & set(rest) or "." not in rest:
        return wrong, f"write one that starts with {either}"
    wanted = next((scheme for scheme in schemes if value.strip().lower().startswith(f"{scheme}://")), None)
    return wrong, f"write {wanted or ('https' if 'https' in schemes else schemes[0])}://{rest}"
