"""The stack's outputs, as data: the program writes them, and the `gitops` command reads them. Neither Pulumi nor pydantic is in here.

`TextT` is the type of their texts: some are `pulumi.Output[str]` while the program runs, and all are `str` when they are read.
None of them is secret.
"""

from typing import Generic, Literal, TypeVar

from typing_extensions import TypedDict  # pydantic, with which the command validates it, takes no other before Python 3.12

TextT = TypeVar("TextT")
SourceKind = Literal["GitRepository", "HelmRepository", "OCIRepository"]


class DeployKeys(TypedDict, Generic[TextT]):
    """The SSH keys that are generated for one credential."""

    active: str
    """The one that Flux uses: a name in `keys`, or `supplied`."""
    keys: dict[str, TextT]
    """Name of a key → its public half, as in authorized_keys."""
    repositories: list[str]
    """The ssh:// URLs that Flux fetches with the credential."""


class Outputs(TypedDict, Generic[TextT]):
    """All outputs, by the names under which `pulumi stack output` has them."""

    fluxVersion: str
    sources: dict[SourceKind, dict[str, str]]
    """Name of the object → its URL."""
    ageRecipients: dict[str, TextT]
    """Name of an age key → its recipient."""
    sopsConfig: TextT
    """The `.sops.yaml` for repositories that this cluster decrypts: its newest key and the listed people; empty without a key."""
    deployKeys: dict[str, DeployKeys[TextT]]
    """Credential with generated SSH keys → those."""
