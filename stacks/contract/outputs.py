"""The stack's outputs, as data: the program writes them, and the `gitops` command reads them. Neither Pulumi nor pydantic is in here.

`Text` is what a text is to whoever has the outputs: while the program runs some are `pulumi.Output[str]`, read they are `str`.
None of them is secret.
"""

from typing import Generic, Literal, TypedDict, TypeVar

Text = TypeVar("Text")
SourceKind = Literal["GitRepository", "HelmRepository", "OCIRepository"]


class DeployKeys(TypedDict, Generic[Text]):
    """The SSH keys that are generated for one credential."""

    active: str
    """The one that Flux uses: a name in `keys`, or `supplied`."""
    keys: dict[str, Text]
    """Name of a key → its public half, as in authorized_keys."""
    repositories: list[str]
    """The ssh:// URLs that Flux fetches with the credential."""


class Outputs(TypedDict, Generic[Text]):
    """All outputs, by the names under which `pulumi stack output` has them."""

    fluxVersion: str
    sources: dict[SourceKind, dict[str, str]]
    """Name of the object → its URL."""
    ageRecipients: dict[str, Text]
    """Name of an age key → its recipient."""
    sopsConfig: Text
    """The `.sops.yaml` for repositories that this cluster decrypts: its newest key and the listed people; empty without a key."""
    deployKeys: dict[str, DeployKeys[Text]]
    """Credential with generated SSH keys → those."""
