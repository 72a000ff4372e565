"""The contract of `gitops:age`: the cluster's keys by name, and the people who may decrypt, too."""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, field_validator

from flux.message import Message
from stacks.contract.age_texts import WRONG_AGE_KEY, AgeKeyOrigin, AgeKeyRecipient, AgeRecipient, KeyName
from stacks.contract.base import Strict
from stacks.contract.text_kinds import wrong_text


class SuppliedKey(Strict):
    """A supplied key whose recipient the stack file states.

    Then a preview without the secret knows it, and an identity of another recipient is refused.
    """

    origin: AgeKeyOrigin = Field(
        description="Always `supplied`: a key that the stack generates has no recipient before it is made.", examples=["supplied"]
    )
    recipient: AgeKeyRecipient = Field(
        description="The public key that belongs to the identity; `age-keygen -y` prints it.", examples=["age1…"]
    )


def _form(value: Any) -> str | None:
    """Which of the two forms of a key somebody wrote; none for what is neither."""
    if isinstance(value, dict | SuppliedKey):
        return "a key with its recipient"
    return "an origin" if value in ("supplied", "generated") else None


ClusterKey = Annotated[
    Annotated[Literal["supplied", "generated"], Tag("an origin")] | Annotated[SuppliedKey, Tag("a key with its recipient")],
    Discriminator(_form, custom_error_type=WRONG_AGE_KEY, custom_error_message="no age key"),
]
"""`supplied`, `generated`, or {origin: supplied, recipient: age1…}."""


class Age(Strict):
    """The keys with which Flux decrypts, and the people who may decrypt, too."""

    keys: dict[KeyName, ClusterKey] = Field(
        default_factory=dict,
        description="Name → `supplied` (secret key `gitops:age-<name>`: an identity, or a whole age-keygen file), `generated` "
        "(development only), or {origin: supplied, recipient: age1…}. Several keys live side by side while rotating; the last by name "
        "is the newest, for which the output `sopsConfig` encrypts, so names are dates.",
    )
    recipients: list[AgeRecipient] = Field(
        default_factory=list, description="Public keys of people, for whom the output `sopsConfig` encrypts, too: of age, or SSH keys."
    )

    @field_validator("keys")
    @classmethod
    def _each_has_a_recipient_of_its_own(cls, keys: dict[str, Any]) -> dict[str, Any]:
        first: dict[str, str] = {}
        for name, key in keys.items():
            if isinstance(key, SuppliedKey) and first.setdefault(key.recipient, name) != name:
                raise wrong_text(
                    Message(
                        f"{first[key.recipient]} and {name} have the same recipient",
                        "One of them is not the key that it is taken for.",
                        "Write for each what `age-keygen -y` prints for it.",
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
        """Secret keys that hold the identities, without the `gitops:` in front."""
        return [f"age-{name}" for name in self.supplied]
