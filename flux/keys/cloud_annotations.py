"""The annotations by which a cloud knows a ServiceAccount, each with the kind of key that SOPS then asks that cloud for.

fluxcd/pkg reads them off the account with which it decrypts (auth/aws, auth/azure and auth/gcp, implementation.go: getRoleARN,
getClientID, getServiceAccountEmail, getWorkloadIdentityProviderAudience). Off kustomize-controller's own account the clouds' webhooks
read the same ones, but for `gcp.auth.fluxcd.io/workload-identity-provider`, which is Flux's own, for Google outside GKE. Other
annotations of the same groups (`eks.amazonaws.com/token-expiration`, `azure.workload.identity/tenant-id`) only say how, and not who.
"""

from collections.abc import Iterable
from typing import Literal

CloudKey = Literal["aws-kms", "azure-kv", "gcp-kms"]
KEY_OF_ANNOTATION: dict[str, CloudKey] = {
    "eks.amazonaws.com/role-arn": "aws-kms",
    "azure.workload.identity/client-id": "azure-kv",
    "iam.gke.io/gcp-service-account": "gcp-kms",
    "gcp.auth.fluxcd.io/workload-identity-provider": "gcp-kms",
}


def cloud_keys_of(annotations: Iterable[str]) -> frozenset[CloudKey]:
    """The kinds of keys for which a cloud knows an account with these `annotations`; empty when none knows it."""
    return frozenset(KEY_OF_ANNOTATION[name] for name in annotations if name in KEY_OF_ANNOTATION)
