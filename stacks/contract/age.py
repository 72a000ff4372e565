"""The contract of `gitops:age`: the age keys of the cluster, and the people who can decrypt as well."""

from typing import Annotated, Any, Literal, get_args

from pydantic import Discriminator, Field, Tag, field_validator

from flux.message import Message
from stacks.contract.age_texts import WRONG_AGE_KEY, AgeKeyOrigin, AgeKeyRecipient, AgeRecipient, KeyName
from stacks.contract.base import Strict
from stacks.contract.text_kinds import wrong_text

Origin = Literal["supplied", "generated"]
"""Who makes a key: a person, or Pulumi."""


class SuppliedKey(Strict):
    """A supplied key with its recipient. A preview knows the recipient without the secret, and another private key is refused."""

    origin: AgeKeyOrigin = Field(
        description="Always `supplied`: the recipient of a generated key is unknown until Pulumi creates it.", examples=["supplied"]
    )
    recipient: AgeKeyRecipient = Field(description="The public key, as `age-keygen -y` prints it for the private key.", examples=["age1…"])


def _form(value: Any) -> str | None:
    """Which of the two forms of a key was written; None for neither."""
    if isinstance(value, dict | SuppliedKey):
        return "a key with its recipient"
    return "an origin" if value in get_args(Origin) else None


ClusterKey = Annotated[
    Annotated[Origin, Tag("an origin")] | Annotated[SuppliedKey, Tag("a key with its recipient")],
    Discriminator(_form, custom_error_type=WRONG_AGE_KEY, custom_error_message="no age key"),
]
"""`supplied`, `generated`, or {origin: supplied, recipient: age1…}."""


class Age(Strict):
    """The age keys that Flux decrypts with, as the Secret `sops-age`, and the people who can decrypt as well.

    This program encrypts nothing: `sops` does, with the rules of the output `sopsConfig`.
    """

    keys: dict[KeyName, ClusterKey] = Field(
        default_factory=dict,
        description="Name → `supplied`: the private key is the secret `gitops:age-<name>`; {origin: supplied, recipient: age1…}: the same, "
        "with its public key; or `generated`: Pulumi makes the key, in development only. Keys live side by side during a rotation. The "
        "last name in alphabetical order is the newest key, for which `sopsConfig` encrypts: use dates.",
    )
    recipients: list[AgeRecipient] = Field(
        default_factory=list, description="Public keys of people, age or SSH; the output `sopsConfig` encrypts for them as well."
    )

    @field_validator("keys")
    @classmethod
    def _each_has_a_recipient_of_its_own(cls, keys: dict[str, Any]) -> dict[str, Any]:
        first: dict[str, str] = {}
        for name, key in keys.items():
            if isinstance(key, SuppliedKey) and first.setdefault(key.recipient, name) != name:
                raise wrong_text(
                    Message(
                        f"has the same recipient for {first[key.recipient]} and {name}",
                        "One of the two recipients does not belong to its private key.",
                        "For each key, write what `age-keygen -y` prints.",
                    )
                )
        return keys

    @property
    def supplied(self) -> dict[str, str | None]:
        """Name of each supplied key → its declared recipient, if there is one."""
        declared = {name: key.recipient if isinstance(key, SuppliedKey) else None for name, key in self.keys.items()}
        return {name: recipient for name, recipient in declared.items() if self.keys[name] != "generated"}

    @property
    def generated(self) -> list[str]:
        """Names of the generated keys."""
        return [name for name, key in self.keys.items() if key == "generated"]

    @property
    def secret_keys(self) -> list[str]:
        """Keys of the secrets that hold the private keys, without `gitops:`."""
        return [f"age-{name}" for name in self.supplied]
