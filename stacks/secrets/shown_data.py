"""The entries of Secrets as they may be shown: what is public as it is, and a named placeholder for what is secret.

A placeholder is no base64, so that an API server refuses a Secret in which one was forgotten.
"""

from typing import assert_never

from components.age_keys import entry_of
from components.secret_body import in_base64
from stacks.choosing.chosen import Chosen
from stacks.contract.credentials.secret_entry import AnySecretEntry, PublicEntry, SecretEntry
from stacks.contract.names import PREFIX
from stacks.contract.stack import Stack
from stacks.secrets.entries import entries_of


def shown_credential(name: str, stack: Stack, chosen: Chosen) -> dict[str, str]:
    """Entry → what is shown of it, of a credential or of a Secret with the certificates of a host."""
    if name in chosen.host_certificates:
        return {"ca.crt": in_base64(chosen.host_certificates[name])}
    credential = stack.credentials[name]
    data = {entry.name: _shown(name, entry) for entry in entries_of(name, credential, chosen)}
    if active := credential.generated_in_use:
        data |= {"identity": f"<generated {name}/{active}>", "identity.pub": f"<public half of generated {name}/{active}>"}
    return data


def shown_age_keys(stack: Stack) -> dict[str, str]:
    """The same of the Secret `sops-age`."""
    supplied = stack.age.supplied
    data = {entry_of(name): _secret(f"age-{name}") if name in supplied else f"<generated age-{name}>" for name in stack.age.keys}
    return data | {entry: _secret(key) for entry, key in stack.decryption.entries().items()}


def _shown(name: str, entry: AnySecretEntry) -> str:
    match entry:
        case PublicEntry():
            return in_base64(entry.value)
        case SecretEntry():
            key = f"{name}-{entry.field}"
            return _secret(key) if entry.made_of is None else f"<made of secret {PREFIX}{key}>"
        case _:
            assert_never(entry)


def _secret(key: str) -> str:
    return f"<secret {PREFIX}{key}>"
