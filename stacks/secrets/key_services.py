"""What is wrong with what logs in to a key service, judged when it is at hand: a sentence that never shows it, or None.

The entries are those that kustomize-controller reads (its internal/sops/awskms and azkv, and Google's own credentials from JSON).
"""

import json
from collections.abc import Mapping
from typing import Any

import yaml

from stacks.secrets.secret_values import fault_of_one_line

_WAYS: Mapping[str, tuple[frozenset[str], ...]] = {
    "aws-kms": (frozenset({"aws_access_key_id", "aws_secret_access_key"}),),
    # With `clientId` come tenantId and clientSecret, or a certificate; alone it is a managed identity. The other form is what `az` prints.
    "azure-kv": (frozenset({"clientid"}), frozenset({"tenant", "appid", "password"})),
    "gcp-kms": (frozenset({"type"}),),
}
"""Key service → the entries of which those of one way must be there, in lower case: Go's reader of YAML and JSON tells no cases apart."""
_SERVICE_ACCOUNT = frozenset({"client_email", "private_key"})
_WANTED = {
    "aws-kms": "YAML with aws_access_key_id and aws_secret_access_key",
    "azure-kv": "YAML with tenantId, clientId and clientSecret",
    "gcp-kms": "the JSON of a service account's key, with type, client_email and private_key",
}


def fault_of_key_service(service: str, value: str) -> str | None:
    """What Flux reads of each key service: a token, a document of keys and values, or Google's JSON."""
    if service == "vault-token":
        return fault_of_one_line(value)
    try:
        found: Any = json.loads(value) if service == "gcp-kms" else yaml.safe_load(value)
    except (ValueError, yaml.YAMLError):
        found = None
    if not isinstance(found, dict):
        return f"is not what Flux reads there, so it could decrypt nothing; set {_WANTED[service]}"
    given = {str(key).lower() for key, entry in found.items() if entry not in (None, "")}
    is_service_account = service == "gcp-kms" and found.get("type") == "service_account"
    if not any(way <= given for way in _WAYS[service]) or (is_service_account and not given >= _SERVICE_ACCOUNT):
        return f"lacks an entry that Flux reads there, or has it empty, so it could decrypt nothing; set {_WANTED[service]}"
    return None
