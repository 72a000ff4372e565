"""The contract of `gitops:decryption`: ways to decrypt other than age keys."""

from collections.abc import Callable
from functools import partial
from typing import Annotated

from pydantic import Field

from flux.keys.key_services import KeyService, fault_of_key_service
from flux.keys.pgp_private_keys import fault_of_pgp_key
from flux.message import Message
from stacks.contract.base import Strict
from stacks.contract.text_kinds import TextKind
from stacks.contract.texts import Text

PgpKeyName = Annotated[
    str,
    TextKind(
        "name of a key",
        r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$",
        Message(
            "cannot name a PGP key",
            "It becomes part of the secret's name.",
            "Write lower-case letters, digits and -, like homelab.",
        ),
    ),
]


class Decryption(Strict):
    """Key services that kustomize-controller asks to decrypt, and PGP keys, besides age keys or instead of them."""

    key_services: list[KeyService] = Field(
        default_factory=list,
        description="Key services. The login of each is the secret `gitops:sops-<service>`, and becomes the entry `sops.<service>` of the "
        "Secret `sops-age`, which Kustomizations must name in `decryption.secretRef`. Their keys never leave the service.",
    )
    pgp_keys: list[PgpKeyName] = Field(
        default_factory=list,
        description="Names of PGP keys. Each is the secret `gitops:pgp-<name>`, a private key block without a passphrase, and becomes the "
        "entry `<name>.asc` of the Secret `sops-age`, which Kustomizations must name in `decryption.secretRef`.",
        examples=[["homelab"]],
    )
    service_account_annotations: dict[Text, Text] = Field(
        default_factory=dict,
        description="Annotations of kustomize-controller's ServiceAccount, by which a cloud recognises it, so that it needs no secret. "
        "Those of EKS, Azure and Google count as a way to decrypt; others do not.",
    )

    def secret_keys(self) -> list[str]:
        """Keys of the secrets that it implies, without `gitops:`."""
        return list(self.entries().values())

    def entries(self) -> dict[str, str]:
        """Entry of the Secret `sops-age` → key of the secret with its value."""
        services = {f"sops.{service}": f"sops-{service}" for service in self.key_services}
        return services | {f"{name}.asc": f"pgp-{name}" for name in self.pgp_keys}

    def checks(self) -> dict[str, Callable[[str], Message | None]]:
        """Entry of the Secret `sops-age` → what finds out what is wrong with a value."""
        services: dict[str, Callable[[str], Message | None]] = {
            f"sops.{service}": partial(fault_of_key_service, service) for service in self.key_services
        }
        return services | {f"{name}.asc": fault_of_pgp_key for name in self.pgp_keys}
