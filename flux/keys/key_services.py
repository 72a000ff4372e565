"""What logs in to a key service, as kustomize-controller reads it from a Secret: judged without showing it.

The entries are those of its internal/sops/awskms and azkv, and of Google's own credentials from JSON.
"""

from collections.abc import Mapping
from typing import Any, Literal, get_args

from flux.bounded_documents import Bounds, UnreadableError, documents, json_value
from flux.keys.one_line import fault_of_one_line
from flux.message import Message

KeyService = Literal["vault-token", "aws-kms", "azure-kv", "gcp-kms"]
"""Each is read from the Secret's entry `sops.<service>`."""
KEY_SERVICES: tuple[KeyService, ...] = get_args(KeyService)

_WAYS: Mapping[str, tuple[frozenset[str], ...]] = {
    "aws-kms": (frozenset({"aws_access_key_id", "aws_secret_access_key"}),),
    # With `clientId` come tenantId and clientSecret, or a certificate; alone it is a managed identity. The other form is what `az` prints.
    "azure-kv": (frozenset({"clientid"}), frozenset({"tenant", "appid", "password"})),
    "gcp-kms": (frozenset({"type"}),),
}
"""Key service → the entries of which those of one way must be there, in lower case: Go's reader of YAML and JSON tells no cases apart."""
_A_LOGIN = Bounds(size=1024 * 1024, values=10_000, levels=20)
"""A Secret holds 1 MiB at most."""
_SERVICE_ACCOUNT = frozenset({"client_email", "private_key"})
_WANTED = {
    "aws-kms": "YAML with aws_access_key_id and aws_secret_access_key",
    "azure-kv": "YAML with tenantId, clientId and clientSecret",
    "gcp-kms": "the JSON of a service account's key, with type, client_email and private_key",
}
_CONSEQUENCE = "Flux could not decrypt anything with it."


def fault_of_key_service(service: KeyService, value: str) -> Message | None:
    """What is wrong with the value for `service`: a token, a document of keys and values, or Google's JSON."""
    if service == "vault-token":
        return fault_of_one_line(value)
    fix = f"Set {_WANTED[service]}."
    try:
        found: Any = json_value(value, _A_LOGIN) if service == "gcp-kms" else next(documents(value, _A_LOGIN), (None, 1))[0]
    except UnreadableError:
        found = None
    if not isinstance(found, dict):
        return Message("does not have the form that Flux reads", _CONSEQUENCE, fix)
    given = {str(key).lower() for key, entry in found.items() if entry not in (None, "")}
    is_service_account = service == "gcp-kms" and found.get("type") == "service_account"
    if not any(way <= given for way in _WAYS[service]) or (is_service_account and not given >= _SERVICE_ACCOUNT):
        return Message("lacks an entry that Flux needs, or leaves it empty", _CONSEQUENCE, fix)
    return None
