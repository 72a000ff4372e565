"""The contract of `gitops:decryption`: ways to decrypt other than an age key."""

from pydantic import Field

from flux.keys.key_services import KeyService
from stacks.contract.base import Strict
from stacks.contract.texts import Text


class Decryption(Strict):
    """Key services that kustomize-controller asks for what SOPS encrypted, beside or in place of age keys."""

    key_services: list[KeyService] = Field(
        default_factory=list,
        description="Each is read from the secret key `gitops:sops-<service>`, and becomes the entry `sops.<service>` of the Secret "
        "`sops-age`, which Kustomizations must name in `decryption.secretRef`.",
    )
    service_account_annotations: dict[Text, Text] = Field(
        default_factory=dict,
        description="Annotations of kustomize-controller's ServiceAccount, with which a cloud knows it: no secret is needed then. Those of "
        "EKS, Azure and Google count as a way to decrypt, others as annotations alone.",
    )

    def secret_keys(self) -> list[str]:
        """Secret keys that it implies, without the `gitops:` in front."""
        return [f"sops-{service}" for service in self.key_services]

    def entries(self) -> dict[str, str]:
        """Entry of the Secret `sops-age` → secret key with its value."""
        return {f"sops.{service}": f"sops-{service}" for service in self.key_services}
