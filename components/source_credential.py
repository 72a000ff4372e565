"""A credential that sources name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Optional

import pulumi
import pulumi_random

from components.kubernetes_object import KubernetesObject, child_options, component_options
from components.secret_body import secret_body, secret_data
from flux.keys.generated_ssh_keys import private_key_from_seed
from flux.keys.ssh_private_keys import public_line_of
from flux.owners_mark import ACTIVE_KEY_ANNOTATION, OwnersMark


@dataclass(frozen=True, kw_only=True)
class SourceCredentialArgs:
    """The Secret of a credential."""

    secret_name: str
    values: dict[str, pulumi.Input[str]] = field(repr=False)
    """Entries as Flux reads them: `username` and `password`, `identity` and `known_hosts`, `ca.crt`, and so on."""
    secret_type: Optional[str] = None
    """Type of the Secret; None: Opaque."""
    generated_keys: Optional[list[str]] = None
    """Names of ed25519 keys to generate; each stays the same for as long as the state exists."""
    active_key: Optional[str] = None
    """The generated key that becomes `identity` and `identity.pub`; None leaves those to `values`."""
    kept_key: Optional[str] = field(default=None, repr=False)
    """The private key that the cluster has already under the name of the active one: it stays, whatever became of the seed."""
    mark: Optional[OwnersMark] = None
    """The owner of the object."""

    def entries(self) -> frozenset[str]:
        """Names of the Secret's entries; they are no secret, and can be judged before there is a resource."""
        return frozenset([*self.values, *(["identity", "identity.pub"] if self.active_key else [])])

    def body(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The Secret, with `data` for its `entries`."""
        body = secret_body(self.secret_name, data, self.secret_type or "Opaque", self.mark)
        if self.active_key is not None:
            body["metadata"].setdefault("annotations", {})[ACTIVE_KEY_ANNOTATION] = self.active_key
        return body


class SourceCredential(pulumi.ComponentResource):
    """One Secret, changed in place when the credential is rotated, and the SSH keys that are generated for it.

    One credential may serve many sources. All generated keys exist, so that the next one can be registered with the Git server
    before it is used; the Secret holds only the active one. A key is the SHA-256 of a RandomPassword, whose value is secret in
    the state; PrivateKey of the tls provider would need another plugin. A generated key never replaces the one that the cluster has under
    its name: if the state was lost, that one is read back. Registers nothing with any server.
    """

    public_keys: pulumi.Output[dict[str, str]]
    """Name of a generated key → `ssh-ed25519 AAAA…`; public."""

    def __init__(self, name: str, args: SourceCredentialArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        super().__init__("gitops:index:SourceCredential", name, None, component_options(opts))
        private_keys: dict[str, pulumi.Output[str]] = {}
        for key in args.generated_keys or []:
            # An underscore, which no credential's name has: `a-b` with key `c` and `a` with key `b-c` must not become one name.
            seed = pulumi_random.RandomPassword(f"{name}-seed_{key}", length=64, special=False, opts=pulumi.ResourceOptions(parent=self))
            kept = args.kept_key if key == args.active_key else None
            private_keys[key] = pulumi.Output.secret(kept) if kept else seed.result.apply(private_key_from_seed)
        self.public_key_of: dict[str, pulumi.Output[str]] = {
            # Unsecret: derived from the private key in one direction only, and made to be shown.
            key: pulumi.Output.unsecret(private_key.apply(public_line_of))
            for key, private_key in private_keys.items()
        }
        """As `public_keys`, one by one: a key that is there is known in a preview, whether or not another one is yet to be made."""
        values = dict(args.values)
        if args.active_key is not None:
            values |= {"identity": private_keys[args.active_key], "identity.pub": self.public_key_of[args.active_key]}
        self.resource = KubernetesObject.of(f"{name}-secret", args.body(secret_data(values)), child_options(self, opts))
        self.public_keys = pulumi.Output.all(**self.public_key_of) if self.public_key_of else pulumi.Output.from_input({})
        self.register_outputs({"publicKeys": self.public_key_of})
