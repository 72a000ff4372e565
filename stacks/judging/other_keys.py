"""Keys other than age's for which SOPS encrypts, and which of them a cluster has: `gitops check` and a preview judge by the same.

That a key service would really decrypt is tried nowhere. What a person has (PGP) is never the cluster's.
"""

from collections.abc import Iterator

from stacks.contract.decryption import KeyService
from stacks.contract.stack import Stack

OTHER_KEYS = frozenset({"pgp", "aws-kms", "gcp-kms", "azure-kv", "vault", "huawei-kms"})
"""What tables and records call keys that are not age's. Everything else is an age recipient: `age1…`, or an SSH key."""
CLOUD_KEYS = frozenset({"aws-kms", "azure-kv", "gcp-kms"})
"""Those for which a cloud knows a ServiceAccount."""

_OF_SERVICE: dict[KeyService, str] = {"vault-token": "vault", "aws-kms": "aws-kms", "azure-kv": "azure-kv", "gcp-kms": "gcp-kms"}
_OF_ANNOTATION = {"eks.amazonaws.com/": "aws-kms", "azure.workload.identity/": "azure-kv", "iam.gke.io/": "gcp-kms"}
_OF_FLAG = {"sops-vault-configmap": frozenset({"vault"}), "default-decryption-service-account": CLOUD_KEYS}


def other_keys_of(stack: Stack) -> frozenset[str]:
    """The kinds of keys besides age's with which this stack's kustomize-controller decrypts, as its file says."""
    return frozenset(_other_keys_of(stack))


def _other_keys_of(stack: Stack) -> Iterator[str]:
    yield from (_OF_SERVICE[service] for service in stack.decryption.key_services)
    for annotation in stack.decryption.service_account_annotations:
        yield from (kind for group, kind in _OF_ANNOTATION.items() if annotation.startswith(group))
    for flag, kinds in _OF_FLAG.items():
        if stack.flux.flags.get("kustomize-controller", {}).get(flag):
            yield from kinds
