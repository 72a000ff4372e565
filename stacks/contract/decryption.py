"""The contract of `gitops:decryption`: ways to decrypt other than age keys."""

from pydantic import Field

from flux.keys.key_services import KeyService
from stacks.contract.base import Strict
from stacks.contract.texts import Text


class Decryption(Strict):
    """Key services that kustomize-controller asks to decrypt, besides age keys or instead of them. Their keys never leave the service."""

    key_services: list[KeyService] = Field(
        default_factory=list,
        description="Key services. The login of each is the secret `gitops:sops-<service>`, and becomes the entry `sops.<service>` of the "
        "Secret `sops-age`, which Kustomizations must name in `decryption.secretRef`.",
    )
    service_account_annotations: dict[Text, Text] = Field(
        default_factory=dict,
        description="Annotations of kustomize-controller's ServiceAccount, by which a cloud recognises it, so that it needs no secret. "
        "Those of EKS, Azure and Google count as a way to decrypt; others do not.",
    )

    def secret_keys(self) -> list[str]:
        """Keys of the secrets that it implies, without `gitops:`."""
        return [f"sops-{service}" for service in self.key_services]

    def entries(self) -> dict[str, str]:
        """Entry of the Secret `sops-age` → key of the secret with its value."""
        return {f"sops.{service}": f"sops-{service}" for service in self.key_services}
