"""The annotations of a ServiceAccount by which a cloud knows whoever runs under it."""

from collections.abc import Iterable

_ROLES = ("eks.amazonaws.com/role-arn", "azure.workload.identity/", "iam.gke.io/", "gcp.auth.fluxcd.io/")
"""Of AWS, Azure and Google, as fluxcd/pkg's auth reads them or the cloud's own webhook does."""


def is_known_to_a_cloud(annotations: Iterable[str]) -> bool:
    """Whether one of the `annotations` gives the account a role in a cloud."""
    return any(name.startswith(_ROLES) for name in annotations)
