"""The age keys that a cluster has: identities by name, and what they are known by."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flux.keys.age_identity import recipient_of
from flux.keys.named_recipients import recipients_in
from flux.owners_mark import RECIPIENTS_ANNOTATION
from live.client.object_metadata import LiveMetadata
from live.ownership.field_writers import added_fields, writer_of

_ANNOTATION = ("metadata", "annotations", RECIPIENTS_ANNOTATION)
_SUFFIX = ".agekey"


@dataclass(frozen=True, kw_only=True)
class LiveAgeKeys:
    """What the Secret `sops-age` of a cluster holds now."""

    identities: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Key name → what its entry holds; of entries with one age identity alone."""
    recipients: Mapping[str, str] = field(default_factory=dict)
    """Key name → recipient, of the same. Public."""
    other_entries: tuple[str, ...] = ()
    """Names of all other entries: files with several identities, PGP keys, logins of key services."""

    @classmethod
    def named_on(cls, secret: LiveMetadata) -> "LiveAgeKeys | None":
        """The keys as their Secret names them in its annotation; None where it does not, or somebody else than the stack wrote to it."""
        named = recipients_in(secret.annotations.get(RECIPIENTS_ANNOTATION, ""))
        if named is None or added_fields(secret.managed_fields) or writer_of(secret.managed_fields, _ANNOTATION):
            return None
        return cls(recipients=named)

    @classmethod
    def of(cls, entries: Mapping[str, str]) -> "LiveAgeKeys":
        """The keys among the entries of a Secret."""
        identities, recipients, others = {}, {}, []
        for entry, text in sorted(entries.items()):
            name = entry.removesuffix(_SUFFIX)
            try:
                if name == entry:
                    raise ValueError(entry)
                recipients[name] = recipient_of(text)
                identities[name] = text
            except ValueError:
                others.append(entry)
        return cls(identities=identities, recipients=recipients, other_entries=tuple(others))
