"""The kinds of text in stack file and catalog, each with the message for a text of another form.

Whether a name exists, and whether a URL answers, is judged elsewhere: in choosing, by the rules, and by Flux.
"""

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

from flux.errors import FluxInputError
from flux.message import Message
from flux.release.artifact_reference import parse_reference
from stacks.contract.text_kinds import Kind, Named, wrong_text
from stacks.contract.url_text import NamesAServer

WRONG_FLAG = "wrong_flag"

Text = Annotated[
    str,
    Kind(
        "text",
        r"^.+$",
        Message("has more than one line", "Only one line is allowed here.", "Write the value on one line."),
        ((r"^$", Message("is empty", "It would have no effect.", "Write a value, or remove the key.")),),
    ),
]
"""Any text of one line but the empty one."""
ObjectName = Annotated[
    str,
    Kind(
        "Kubernetes name",
        r"^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$",
        Message(
            "is not a Kubernetes name",
            "The API server would refuse the object.",
            "Write lower-case letters, digits, - and ., with a letter or digit at both ends, like homelab.",
        ),
    ),
]
"""Name of a Kubernetes object."""
ExternalName = Annotated[
    str,
    Kind(
        "`name` or `namespace/name`",
        r"^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?/)?[a-z0-9]([-.a-z0-9]{0,61}[a-z0-9])?$",
        Message("is not the name of a Kustomization", "Nothing could depend on it.", "Write its name, or namespace/name."),
    ),
]
"""A Kustomization of another owner: `name` in flux-system, or `namespace/name`."""
GroupName = Annotated[
    str,
    Kind(
        "name of a group",
        r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$",
        Message("is not a group name", "No entry could be in this group.", "Write lower-case letters, digits and -, like base."),
    ),
]
HostName = Annotated[
    str,
    Kind(
        "name of a host",
        r"^[a-z0-9][-a-z0-9]*$",
        Message(
            "is not a name for a host",
            "No `from: host/repository` could refer to it.",
            "Write lower-case letters, digits and -, like gitea.",
        ),
    ),
]
"""What the catalog calls a server, not its DNS name."""
VariableName = Annotated[
    str,
    Kind(
        "name of a variable",
        r"^[_a-zA-Z][_a-zA-Z0-9]*$",
        Message(
            "is not a variable name",
            "Flux would refuse to substitute anything.",
            "Write letters, digits and _, with no digit first, like CLUSTER_NAME.",
        ),
    ),
]
_FINGERPRINT = "`openssl x509 -in ca.crt -outform der | sha256sum`"
HexSha256 = Annotated[
    str,
    Kind(
        "64 hex digits",
        r"^[0-9a-f]{64}$",
        Message("is not a SHA-256 in hex", "No cluster would match it.", f"Write the 64 digits that {_FINGERPRINT} prints."),
        (
            (
                r"(?i)^([0-9a-f]{2}:?){32}$",
                Message(
                    "is a fingerprint with capital letters or colons",
                    "No cluster would match it.",
                    "Write the same 64 digits in lower case, without colons.",
                ),
            ),
        ),
    ),
]
KubernetesVersion = Annotated[
    str,
    Kind(
        "version",
        r"^v?1\.[0-9]+(\.[0-9]+([-+][0-9A-Za-z.-]+)?)?$",
        Message("is not a Kubernetes version", "No Flux release could be compared with it.", 'Write a version like "1.35".'),
    ),
]
ServerUrl = Annotated[
    str,
    Kind(
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
    NamesAServer,
]
OverrideTarget = Annotated[
    str,
    Kind(
        "`section/name`",
        r"^(git|helm|kustomizations)/.+$",
        Message(
            "names no entry of the catalog",
            "The override would have no effect.",
            "Write section/name, where the section is git, helm or kustomizations.",
        ),
    ),
]
ClusterDomain = Annotated[
    str,
    Kind(
        "DNS domain",
        r"^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$",
        Message("is not a DNS domain", "The controllers could not find each other.", "Write a domain like cluster.local."),
    ),
]
_NO_IMAGES = "The images of the controllers could not be pulled."
_LIKE_FLUXCD = "Write host/path, like ghcr.io/fluxcd."
ImageRegistry = Annotated[
    str,
    Kind(
        "`host/path`",
        r"^([a-z0-9][-a-z0-9.]*|\[[0-9a-f:.]+\])(:[0-9]+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*$",
        Message("is not an image registry", _NO_IMAGES, _LIKE_FLUXCD),
        (
            (r"^[a-z]+://", Message("has a scheme, which image names do not have", _NO_IMAGES, _LIKE_FLUXCD)),
            (r"/$", Message("ends with a slash", _NO_IMAGES, _LIKE_FLUXCD)),
            (
                r"^[^/]+:[^/]*[^0-9/]",
                Message("has a port that is not a number", _NO_IMAGES, "Write host:port/path, like registry:5000/fluxcd."),
            ),
        ),
    ),
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
    Kind(
        "URL",
        HOST_URL_PATTERN,
        Message(
            "is not a URL that Flux can fetch from",
            "Flux could fetch nothing.",
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
                Message("has a scheme that Flux does not support", "Flux could fetch nothing.", "Write an https://, ssh:// or oci:// URL."),
            ),
            (
                r"^[\w.-]+(:\d+)?(/|$)",
                Message("has no scheme", "Flux would not know how to fetch it.", "Write https://, ssh:// or oci:// in front of it."),
            ),
        ),
    ),
    NamesAServer,
]
HostPath = Annotated[
    str,
    Kind(
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


def _manifests(text: str) -> str:
    """A directory as it is; an artifact must be a reference with a tag or a digest."""
    if text.startswith("~"):
        raise wrong_text(
            Message("begins with ~, which only a shell expands", "There is no such directory.", "Write ./directory or /directory.")
        )
    if not text.startswith(("./", "../", "/")) and text not in (".", ".."):
        try:
            parse_reference(text)
        except FluxInputError as error:
            raise wrong_text(error.message) from None
    return text


Manifests = Annotated[str, AfterValidator(_manifests), Named("artifact or directory")]
"""Where Flux's install manifests are: an OCI artifact, or a directory that begins with ./ or /."""


def _flag(value: Any) -> Any:
    if value is None or isinstance(value, str | bool | int) or (isinstance(value, list) and all(isinstance(item, str) for item in value)):
        return value
    raise PydanticCustomError(WRONG_FLAG, "no value of a flag")


FlagValue = Annotated[
    str | bool | int | list[str] | None, BeforeValidator(_flag), Named("text, number, `true`, `false`, list of text or `null`")
]
"""Value of a command-line flag; a list repeats the flag, null removes it."""
