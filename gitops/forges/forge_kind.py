"""The kinds of forges, in a module of their own: the options of commands need no more of them."""

from enum import StrEnum


class ForgeKind(StrEnum):
    """The kinds of forges, as `--forge` names them."""

    GITEA = "gitea"
    GITHUB = "github"


FORGE_KINDS = tuple(kind.value for kind in ForgeKind)
