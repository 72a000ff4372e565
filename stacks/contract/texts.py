"""The kinds of text that people write into a stack file, each with the sentence for one that is none."""

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

from flux.errors import FluxInputError
from flux.release.artifact_reference import parse_reference
from stacks.contract.text_kinds import Kind, Named, wrong_text

WRONG_FLAG = "wrong_flag"

_DNS_NAME = (
    "is no Kubernetes name (lower-case letters, digits, - and ., a letter or digit at both ends), so the API server would refuse "
    "the object; write one like homelab"
)
Text = Annotated[
    str, Kind("text", r"^.+$", "is empty or has several lines, so nothing would be done with it; write the value, or remove the key")
]
"""Any text of one line but the empty one."""
ObjectName = Annotated[str, Kind("Kubernetes name", r"^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$", _DNS_NAME)]
"""Name of a Kubernetes object."""
ExternalName = Annotated[
    str,
    Kind(
        "`name` or `namespace/name`",
        r"^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?/)?[a-z0-9]([-.a-z0-9]{0,61}[a-z0-9])?$",
        "is no name of a Kustomization, so nothing could depend on it; write its name, or namespace/name",
    ),
]
"""A Kustomization of another owner: `name` in flux-system, or `namespace/name`."""
GroupName = Annotated[
    str,
    Kind(
        "name of a group",
        r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$",
        "is no group name (lower-case letters, digits and -), so it would choose nothing; write one like base",
    ),
]
HostName = Annotated[
    str,
    Kind(
        "name of a host",
        r"^[a-z0-9][-a-z0-9]*$",
        "is no name of a host (lower-case letters, digits and -), so no `from: host/repository` could name it; write one like gitea",
    ),
]
"""What the catalog calls a server, not its DNS name."""
VariableName = Annotated[
    str,
    Kind(
        "name of a variable",
        r"^[_a-zA-Z][_a-zA-Z0-9]*$",
        "is no variable name, so Flux would refuse to substitute anything; write letters, digits and _, and no digit first: CLUSTER_NAME",
    ),
]
HexSha256 = Annotated[
    str,
    Kind(
        "64 hex digits",
        r"^[0-9a-f]{64}$",
        "is no SHA-256 in hex, so no cluster would match it; write the 64 digits that "
        "`openssl x509 -in ca.crt -outform der | sha256sum` prints",
        (
            (
                r"(?i)^([0-9a-f]{2}:?){32}$",
                "is written with capitals or colons, as openssl prints a fingerprint, so no cluster would match it; "
                "write the same 64 digits in lower case without colons",
            ),
        ),
    ),
]
KubernetesVersion = Annotated[
    str,
    Kind(
        "version",
        r"^v?1\.[0-9]+(\.[0-9]+([-+][0-9A-Za-z.-]+)?)?$",
        'is no Kubernetes version, so nothing could be compared with it; write "1.35"',
    ),
]
ServerUrl = Annotated[
    str,
    Kind(
        "https URL",
        r"^https://[^/\s@]+/?$",
        "is no URL of an API server; the kubeconfig's would never match it; write one like https://192.168.1.10:6443",
        (
            (r"^http://", "would send the cluster's credentials unencrypted; write https://"),
            (r"@", "holds a user or password, which belongs into the kubeconfig; write the URL without it"),
        ),
    ),
]
OverrideTarget = Annotated[
    str,
    Kind(
        "`section/name`",
        r"^(git|helm|kustomizations)/.+$",
        "names no entry of the catalog, so the override would have no effect; write section/name, with section git, helm or kustomizations",
    ),
]
ClusterDomain = Annotated[
    str,
    Kind(
        "DNS domain",
        r"^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$",
        "is no DNS domain, so the controllers would not find each other; write one like cluster.local",
    ),
]
ImageRegistry = Annotated[
    str,
    Kind(
        "`host/path`",
        r"^[a-z0-9][-a-z0-9.]*(:[0-9]+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*$",
        "is no registry for images, so no controller could be pulled; write host/path like ghcr.io/fluxcd",
        (
            (
                r"^[a-z]+://",
                "has a scheme, but an image's name has none, so no controller could be pulled; write host/path like ghcr.io/fluxcd",
            ),
            (r"/$", "ends with a slash, so no controller could be pulled; write host/path like ghcr.io/fluxcd"),
        ),
    ),
]

_SCP_STYLE = (
    "is scp's short form (user@host:path), which Flux does not read: the API server would refuse the GitRepository; "
    "write ssh://user@host/path"
)
_WITH_A_LOGIN = (
    "holds a password in plain text, which Git, previews and the state would show; "
    "take it out, and give the source a `credential`: {type: basic, username: …} under gitops:credentials"
)
HOST_URL_PATTERN = r"^(https?://[^@/\s]+|oci://[^@/\s]+|ssh://([^@:/\s]+@)?[^@/\s]+)(/[^\s]*)?$"
HostUrl = Annotated[
    str,
    Kind(
        "URL",
        HOST_URL_PATTERN,
        "is no URL that Flux fetches from; write https://…, ssh://…, oci://… (or http://… in development)",
        (
            (r"^[a-z+]+://[^/@]*:[^/@]*@", _WITH_A_LOGIN),
            (r"^(https?|oci)://[^/@]*@", "names a user, which Flux would not use; take it out, and give the source a `credential`"),
            (r"^[\w.-]+@[^:/]+:", _SCP_STYLE),
            (r"^(git|ftp|file|git\+ssh)://", "has a scheme that Flux does not fetch with; write https://…, ssh://… or oci://…"),
            (
                r"^[\w.-]+(:\d+)?(/|$)",
                "has no scheme, so Flux would not know how to fetch it; write https:// (or ssh://, oci://) before it",
            ),
        ),
    ),
]
HostPath = Annotated[
    str,
    Kind(
        "`host/repository`",
        r"^[a-z0-9][-a-z0-9]*/[^\s/][^\s]*$",
        "does not say host/repository, so it is unknown where Flux would fetch from; write a name under `hosts`, a slash, "
        "and the repository's path: gitea/argo",
        ((r"://", "is a URL; write it under `url`, or host/repository here"), (r"^[\w.-]+@[^:/]+:", _SCP_STYLE)),
    ),
]


def _manifests(text: str) -> str:
    """A directory as it is; an artifact must be a reference, with a tag or a digest."""
    if text.startswith("~"):
        raise wrong_text("begins with ~, which only a shell understands, so there is no such directory; write ./directory or /directory")
    if not text.startswith(("./", "../", "/")) and text not in (".", ".."):
        try:
            parse_reference(text)
        except FluxInputError as error:
            raise wrong_text(str(error.message)) from None
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
