"""The URLs in stack file and catalog, each with the message for a text of another form. Whether the servers answer is not checked here."""

from dataclasses import replace
from typing import Annotated

from pydantic import AfterValidator

from flux.message import Message
from flux.unreachable_url import wrong_url
from stacks.contract.text_kinds import TextKind, wrong_text


def _names_a_server(text: str) -> str:
    if message := wrong_url(text):
        raise wrong_text(message)
    return text


def _names_an_api_server(text: str) -> str:
    if message := wrong_url(text):
        raise wrong_text(replace(message, consequence="`pulumi up` could not connect."))
    return text


NamesAServer = AfterValidator(_names_a_server)
"""Refuses `https://[::1`, `https://host:port` and the like."""

ServerUrl = Annotated[
    str,
    TextKind(
        "https URL",
        r"^https://[^/\s@]+/?$",
        Message(
            "is not the URL of an API server",
            "The kubeconfig would never match it.",
            "Write a URL like https://192.168.1.10:6443, without a path.",
        ),
        (
            (
                r"^http://",
                Message("is not encrypted", "The credentials of the cluster would be sent in plain text.", "Write an https:// URL."),
            ),
            (
                r"@",
                Message("contains a user name or password", "Everyone who can read this file would have it.", "Keep it in the kubeconfig."),
            ),
        ),
    ),
    AfterValidator(_names_an_api_server),
]
_SCP_STYLE = Message(
    "is in the short form of scp, not a URL",
    "The API server would refuse the GitRepository.",
    "Write ssh://user@host/path instead of user@host:path.",
)
_WITH_A_LOGIN = Message(
    "contains a password in plain text",
    "Git, previews and the state would show it.",
    "Remove it, and give the source a `credential`: {type: basic, username: …} under gitops:credentials.",
)
HOST_URL_PATTERN = r"^(https?://[^@/\s]+|oci://[^@/\s]+|ssh://([^@:/\s]+@)?[^@/\s]+)(/[^\s]*)?$"
HostUrl = Annotated[
    str,
    TextKind(
        "URL",
        HOST_URL_PATTERN,
        Message(
            "is not a URL that Flux can fetch from",
            "Flux could not fetch anything.",
            "Write an https://, ssh:// or oci:// URL (or http://, in development).",
        ),
        (
            (r"^[a-z+]+://[^/@]*:[^/@]*@", _WITH_A_LOGIN),
            (
                r"^(https?|oci)://[^/@]*@",
                Message("contains a user name", "Flux would not use it.", "Remove it, and give the source a `credential`."),
            ),
            (r"^[\w.-]+@[^:/]+:", _SCP_STYLE),
            (
                r"^(git|ftp|file|git\+ssh)://",
                Message(
                    "has a scheme that Flux does not support", "Flux could not fetch anything.", "Write an https://, ssh:// or oci:// URL."
                ),
            ),
            (
                r"^(https?|ssh|oci)//",
                Message("lacks the colon after its scheme", "Flux could not fetch anything.", "Write https://, ssh:// or oci://."),
            ),
            (
                r"^[\w.-]+(:\d+)?(/|$)",
                Message("has no scheme", "Flux would not know how to fetch it.", "Write https://, ssh:// or oci:// in front of it."),
            ),
        ),
    ),
    NamesAServer,
]
ServerName = Annotated[
    str,
    TextKind(
        "`host` or `host:port`",
        r"^([a-z0-9]([-a-z0-9.]*[a-z0-9])?|\[[0-9a-f:.]+\])(:[0-9]{1,5})?$",
        Message(
            "is not the name of a host",
            "No source would match it.",
            "Write host or host:port in lower case, like gitea-http.gitea.svc.cluster.local.",
        ),
        ((r"://", Message("is a URL", "No source would match it.", "Write only its host, without scheme and path.")),),
    ),
]
"""A server by its DNS name or address."""
HostPath = Annotated[
    str,
    TextKind(
        "`host/repository`",
        r"^[a-z0-9][-a-z0-9]*/[^\s/][^\s]*$",
        Message(
            "is not of the form host/repository",
            "Flux would not know where to fetch from.",
            "Write a name under `hosts`, a slash and the path of the repository, like gitea/argo.",
        ),
        (
            (
                r"://",
                Message("is a URL", "Flux would not know where to fetch from.", "Write it under `url`, or write host/repository here."),
            ),
            (r"^[\w.-]+@[^:/]+:", _SCP_STYLE),
        ),
    ),
]
