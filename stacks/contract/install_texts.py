"""The texts under `gitops:flux`, each with the message for a text of another form. What the release has is judged by flux/release."""

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

from flux.errors import FluxInputError
from flux.message import Message
from flux.release.artifact_reference import parse_reference
from stacks.contract.text_kinds import Named, TextKind, wrong_text

WRONG_FLAG = "wrong_flag"
"""Type of the error for a value that no flag can have."""

ClusterDomain = Annotated[
    str,
    TextKind(
        "DNS domain",
        r"^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$",
        Message("is not a DNS domain", "The controllers could not find each other.", "Write a domain like cluster.local."),
    ),
]
_NO_IMAGES = "The images of the controllers could not be pulled."
_LIKE_FLUXCD = "Write host/path, like ghcr.io/fluxcd."
ImageRegistry = Annotated[
    str,
    TextKind(
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


def _manifests(text: str) -> str:
    """A directory as it is; an artifact must be a reference with a tag or a digest."""
    if text.startswith("~"):
        raise wrong_text(
            Message("begins with ~, which only a shell expands", "The directory would not be found.", "Write ./directory or /directory.")
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


WrittenFlagValue = Annotated[
    str | bool | int | list[str] | None, BeforeValidator(_flag), Named("text, number, `true`, `false`, list of text or `null`")
]
"""Value of a command-line flag; a list repeats the flag, null removes it."""
