"""Keys other than age's for which SOPS encrypts, and which of them a cluster has: `gitops check` and a preview judge by the same.

That a key service or a PGP key would really decrypt is tried nowhere. Several PGP keys are not distinguished.
"""

from collections.abc import Iterator
from typing import get_args

from flux.keys.cloud_annotations import CloudKey, cloud_keys_of
from flux.keys.key_services import KeyService
from stacks.contract.stack import Stack

CLOUD_KEYS: frozenset[str] = frozenset(get_args(CloudKey))
"""Those for which a cloud knows a ServiceAccount."""
OTHER_KEYS = CLOUD_KEYS | {"pgp", "vault", "huawei-kms"}
"""What tables and records call keys that are not age's. Everything else is an age recipient: `age1…`, or an SSH key."""

_OF_SERVICE: dict[KeyService, str] = {"vault-token": "vault", "aws-kms": "aws-kms", "azure-kv": "azure-kv", "gcp-kms": "gcp-kms"}
_OF_FLAG = {"sops-vault-configmap": frozenset({"vault"}), "default-decryption-service-account": CLOUD_KEYS}


def other_keys_of(stack: Stack) -> frozenset[str]:
    """The kinds of keys besides age's with which this stack's kustomize-controller decrypts, as its file says."""
    return frozenset(_other_keys_of(stack))


def _other_keys_of(stack: Stack) -> Iterator[str]:
    yield from (["pgp"] if stack.decryption.pgp_keys else [])
    yield from (_OF_SERVICE[service] for service in stack.decryption.key_services)
    yield from cloud_keys_of(stack.decryption.service_account_annotations)
    for flag, kinds in _OF_FLAG.items():
        if stack.flux.flags.get("kustomize-controller", {}).get(flag):
            yield from kinds
