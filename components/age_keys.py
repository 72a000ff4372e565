"""The age keys with which Flux decrypts what SOPS encrypted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Optional

import pulumi
import pulumi_random

from components.kubernetes_object import KubernetesObject, child_options, component_options
from components.secret_body import secret_body, secret_data
from flux.bodies import SOPS_AGE_SECRET
from flux.keys.age_identity import checked_identity, identity_from_seed, recipient_of
from flux.owners_mark import OwnersMark


@dataclass(frozen=True, kw_only=True)
class AgeKey:
    """One age key by name."""

    name: str
    identity: Optional[pulumi.Input[str]] = field(default=None, repr=False)
    """`AGE-SECRET-KEY-1…`, or a whole age-keygen file; None generates one that stays the same for as long as the state exists."""
    kept: Optional[str] = field(default=None, repr=False)
    """The identity of a generated key that the cluster has already: it stays, whatever became of the seed."""
    recipient: Optional[str] = None
    """The recipient of a supplied identity, where it is known beforehand. Public."""


@dataclass(frozen=True, kw_only=True)
class AgeKeysArgs:
    """The keys; Flux tries all of them, so an old one may stay while files are re-encrypted for a new one."""

    keys: list[AgeKey]
    key_services: Optional[dict[str, pulumi.Input[str]]] = field(default=None, repr=False)
    """`sops.vault-token` and the like → what logs in there; only Kustomizations that name the Secret use them."""
    mark: Optional[OwnersMark] = None
    """The owner of the object."""

    def body(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The Secret, with `data` for its entries: each `entry_of` a key, and the key services."""
        return secret_body(SOPS_AGE_SECRET, data, mark=self.mark)


def entry_of(key_name: str) -> str:
    """The entry of the Secret with the identity of a key."""
    return f"{key_name}.agekey"


class AgeKeys(pulumi.ComponentResource):
    """The Secret `sops-age` with one entry `<name>.agekey` for each key, and the recipients to encrypt for.

    Adding or removing a key changes that Secret in place. A supplied identity lands there as it is, comments and all; an invalid one,
    or one that does not match its declared recipient, raises ValueError before the Secret is registered. Flux ignores entries that do not
    end in `.agekey`. A generated identity is the SHA-256 of a RandomPassword, whose value is secret in the state; RandomBytes and
    RandomString would have it in plain text, as their resource id.
    """

    recipients: pulumi.Output[dict[str, str]]
    """Name → `age1…`; public. Each is known by itself: a declared one also in a preview without the identity."""

    def __init__(self, name: str, args: AgeKeysArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        super().__init__("gitops:index:AgeKeys", name, None, component_options(opts))
        names = [key.name for key in args.keys]
        self.newest: Optional[str] = max(names, default=None)
        """The last by name: the key to encrypt for. Config arrives sorted, so no order but that of the names is visible."""
        identities: dict[str, pulumi.Output[str]] = {}
        for key in args.keys:
            if key.identity is None:
                seed = pulumi_random.RandomPassword(
                    f"{name}-{key.name}-seed", length=64, special=False, opts=pulumi.ResourceOptions(parent=self)
                )
                identities[key.name] = pulumi.Output.secret(key.kept) if key.kept else seed.result.apply(identity_from_seed)
            else:
                identities[key.name] = pulumi.Output.secret(key.identity).apply(partial(checked_identity, declared=key.recipient))
        values: dict[str, pulumi.Input[str]] = {entry_of(key_name): identity for key_name, identity in identities.items()}
        values |= args.key_services or {}
        self.resource = KubernetesObject.of(f"{name}-secret", args.body(secret_data(values)), child_options(self, opts))
        self.recipient_of_key: dict[str, pulumi.Output[str]] = {
            key.name: pulumi.Output.from_input(key.recipient)
            if key.recipient
            # Unsecret: a recipient is public, and is derived from the identity in one direction only.
            else pulumi.Output.unsecret(identities[key.name].apply(recipient_of))
            for key in args.keys
        }
        self.recipients = pulumi.Output.all(**self.recipient_of_key)
        # One by one: as one Output, the declared ones would be unknown as long as any other is.
        self.register_outputs({"recipients": self.recipient_of_key})
