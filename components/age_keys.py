"""The age keys with which Flux decrypts what SOPS encrypted."""

from dataclasses import dataclass
from typing import Optional

import pulumi
import pulumi_random

from components.kubernetes_object import KubernetesObject, child_options, component_options
from components.secret_body import secret_body
from flux.age import identity_from_seed, recipient_of
from flux.objects import SOPS_AGE_SECRET


@dataclass(frozen=True, kw_only=True)
class AgeKey:
    """One age key by name."""

    name: str
    identity: Optional[pulumi.Input[str]] = None
    """`AGE-SECRET-KEY-1…`, or a whole age-keygen file; None generates one that stays the same for as long as the state exists."""


@dataclass(frozen=True, kw_only=True)
class AgeKeysArgs:
    """The keys; Flux tries all of them, so an old one may stay while files are re-encrypted for a new one."""

    keys: list[AgeKey]
    key_services: Optional[dict[str, pulumi.Input[str]]] = None
    """`sops.vault-token` and the like → what logs in there; only Kustomizations that name the Secret use them."""


class AgeKeys(pulumi.ComponentResource):
    """The Secret `sops-age` with one entry `<name>.agekey` for each key, and the recipients to encrypt for.

    Flux ignores entries that do not end in `.agekey`. A generated identity is the SHA-256 of a RandomPassword, whose value
    is secret in the state; RandomBytes and RandomString would have it in plain text, as their resource id.
    """

    recipients: pulumi.Output[dict[str, str]]
    """Name → `age1…`; public."""

    def __init__(self, name: str, args: AgeKeysArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        super().__init__("gitops:index:AgeKeys", name, None, component_options(opts))
        identities: dict[str, pulumi.Output[str]] = {}
        for key in args.keys:
            if key.identity is None:
                seed = pulumi_random.RandomPassword(
                    f"{name}-{key.name}-seed", length=64, special=False, opts=pulumi.ResourceOptions(parent=self)
                )
                identities[key.name] = seed.result.apply(identity_from_seed)
            else:
                identities[key.name] = pulumi.Output.secret(key.identity)
        values: dict[str, pulumi.Input[str]] = {f"{key_name}.agekey": identity for key_name, identity in identities.items()}
        values |= args.key_services or {}
        self.resource = KubernetesObject(f"{name}-secret", secret_body(SOPS_AGE_SECRET, values), child_options(self, opts))
        recipients = {key_name: identity.apply(recipient_of) for key_name, identity in identities.items()}
        # Unsecret: a recipient is public, and is derived from the identity in one direction only.
        self.recipients = pulumi.Output.unsecret(pulumi.Output.all(**recipients)) if recipients else pulumi.Output.from_input({})
        self.register_outputs({"recipients": self.recipients})
