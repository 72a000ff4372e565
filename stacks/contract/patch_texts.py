"""The texts of patches and proxies under `gitops:flux`, each with the message for a text of another form."""

from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from flux.bounded_documents import Bounds, UnreadableError, documents
from flux.message import Message
from stacks.contract.text_kinds import Named, TextKind, wrong_text
from stacks.contract.url_texts import NamesAServer

_BOUNDS = Bounds(size=64 * 1024)
_FORMS = "Write a strategic merge patch (a map), or a list of operations like {op: add, path: /a, value: b}."


def _patch(given: Any) -> Any:
    """The patch itself, where it is written as a text."""
    value = given
    if isinstance(given, str):
        try:
            found = [each for each, _ in documents(given, _BOUNDS)]
        except UnreadableError as error:
            raise wrong_text(Message(error.wrong, "The patch could not be applied.", error.fix)) from None
        value = found[0] if len(found) == 1 else None
    if isinstance(value, dict):
        return value
    if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
        return value
    raise wrong_text(Message("is not a patch", "Nothing would be changed.", _FORMS))


WrittenPatch = Annotated[
    dict[str, Any] | list[Any],
    BeforeValidator(_patch),
    Named("patch"),
    WithJsonSchema({"anyOf": [{"type": "object"}, {"type": "array", "items": {"type": "object"}}, {"type": "string"}]}),
]
"""A strategic merge patch, or the operations of a JSON patch; as YAML, or as a text with YAML in it."""

_LOGIN = Message(
    "contains a login, which does not belong in this file",
    "Everyone who can read the file, or the Deployment, would have it.",
    "Remove it, and take it from a Secret: docs/how-to/proxy.md.",
)
EgressProxy = Annotated[
    str,
    TextKind(
        "URL of a proxy",
        r"^(https?|socks5)://[^@/\s]+/?$",
        Message("is not the URL of a proxy", "The controllers could not fetch anything.", "Write http://host:port."),
        (
            (r"^[a-z0-9]+://[^/]*@", _LOGIN),
            (r"^[^/@:]+(:\d+)?/?$", Message("has no scheme", "The controllers would take it for http://.", "Write http://host:port.")),
        ),
    ),
    NamesAServer,
]
NoProxy = Annotated[
    str,
    TextKind(
        "host, domain or network",
        r"^(\*|[^\s,/:@]+(:[0-9]+)?|[0-9a-fA-F.:]+(/[0-9]{1,3})?)$",
        Message(
            "is not a host, a domain or a network",
            "It would not be reached without the proxy.",
            "Write one of a list, like git.lan, .lan or 192.168.0.0/16.",
        ),
        (
            (r"://", Message("is a URL", "It would not be reached without the proxy.", "Write only the host, like git.lan.")),
            (r",", Message("contains a comma", "It would count as one host.", "Write each as an item of its own.")),
        ),
    ),
]
