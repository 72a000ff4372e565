"""The `.sops.yaml` of a repository that Flux decrypts for a cluster."""

from collections.abc import Sequence

PATH_REGEX = r"\.sops\.ya?ml$"
ENCRYPTED_REGEX = "^(data|stringData)$"
"""Without it the kind and the name would be encrypted, too, and Flux could not identify the object."""


def sops_config(recipients: Sequence[str]) -> str:
    """The text of a `.sops.yaml` with which `sops encrypt` encrypts only for `recipients`; empty without any.

    Its one rule is for Kubernetes objects, in files that end in `.sops.yaml`. It is not for what is to be encrypted whole: inputs of
    a generator, or files that are no objects. A repository with such files gives them a rule of their own, above this one.
    """
    if not recipients:
        return ""
    listed = ",\n".join(f"      {recipient}" for recipient in dict.fromkeys(recipients))
    return f"creation_rules:\n  - path_regex: {PATH_REGEX}\n    encrypted_regex: {ENCRYPTED_REGEX}\n    age: >-\n{listed}\n"
