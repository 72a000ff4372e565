"""The age keys of a cluster: those that stay, and those that are about to go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stacks.judging.other_keys import OTHER_KEYS

PERSON = "person"


@dataclass(frozen=True, kw_only=True)
class ClusterKeys:
    """Names and recipients; they show who can read what, without an identity."""

    staying: Mapping[str, str]
    """Key → recipient."""
    leaving: Mapping[str, str]
    """Keys that the stack file no longer has, or that `--without` names."""
    people: Sequence[str] = ()
    """Recipients of people."""
    others: frozenset[str] = frozenset()
    """Kinds of other keys that the cluster has (`aws-kms`), which cannot be tried here."""

    @property
    def newest(self) -> str | None:
        """The last key by name, for which new files are to be encrypted."""
        return max(self.staying, default=None)

    def readers(self, recipients: frozenset[str]) -> list[str]:
        """Whose keys are among `recipients`: names of keys, people, and others that are no keys of this stack."""
        names = [name for name, recipient in sorted(self.staying.items()) if recipient in recipients]
        names += [f"{name} (leaving)" for name, recipient in sorted(self.leaving.items()) if recipient in recipients]
        people = len(recipients.intersection(self.people))
        known = {*self.staying.values(), *self.leaving.values(), *self.people}
        strangers = len(recipients - known - OTHER_KEYS)
        names += [_counted(people, PERSON, "people")] if people else []
        names += [_counted(strangers, "unknown key", "unknown keys")] if strangers else []
        return names + sorted(recipients & OTHER_KEYS)


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
