"""The keys that decrypt in a cluster, as far as that is known without a secret: as the stack file or the record of `gitops check` says."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gitops.check.findings.cluster_keys import ClusterKeys
from stacks.judging.other_keys import OTHER_KEYS, other_keys_of
from stacks.reading.record_file import read_record
from stacks.settings import Settings

NO_KEYS = ClusterKeys(staying={}, leaving={})
"""Where the recipients of not all keys are known: what the cluster can read is left open."""
_SHOWN = 12
"""Characters of a recipient, at its beginning."""


@dataclass(frozen=True, kw_only=True)
class StackKeys:
    """The keys of one stack."""

    cluster: ClusterKeys = NO_KEYS
    unknown: tuple[str, ...] = ()
    """Age keys whose recipient neither the stack file nor the record says."""
    of_other_stacks: Mapping[str, str] = field(default_factory=dict)
    """Recipient → `2026-11 of stack dev`."""

    @property
    def is_complete(self) -> bool:
        """Whether it can be said what the cluster can read."""
        return self.cluster is not NO_KEYS and not self.unknown

    def name_of(self, recipient: str) -> str:
        """The name of a key, or the beginning of its recipient."""
        own = {**self.cluster.leaving, **self.cluster.staying}
        named = next((name for name, each in own.items() if each == recipient), None) or self.of_other_stacks.get(recipient)
        if named or recipient in OTHER_KEYS or len(recipient) <= _SHOWN:
            return named or recipient
        kind, space, rest = recipient.rpartition(" ")
        return f"{kind} …{rest[-_SHOWN:]}" if space else f"{recipient[:_SHOWN]}…"

    def is_stranger(self, recipient: str) -> bool:
        """Whether it is no key of this cluster or of another stack, and of none of the stack's people."""
        known = {*self.cluster.staying.values(), *self.cluster.people, *self.cluster.others, *self.of_other_stacks}
        return recipient not in known


def stack_keys(settings: Settings, others: Mapping[str, Settings]) -> StackKeys:
    """The keys of a stack. `others`: stack → settings, of which its own are left out."""
    recorded = _recorded(settings)
    known = {**recorded, **settings.recipients}
    keys = settings.stack.age.keys
    staying = {name: known[name] for name in keys if name in known}
    return StackKeys(
        cluster=ClusterKeys(
            staying=staying,
            leaving={name: each for name, each in recorded.items() if name not in keys and each not in staying.values()},
            people=tuple(settings.stack.age.recipients),
            others=other_keys_of(settings.stack),
        ),
        unknown=tuple(name for name in keys if name not in known),
        of_other_stacks={
            recipient: f"{name} of stack {stack}"
            for stack, each in sorted(others.items())
            if each.stack_name != settings.stack_name
            for name, recipient in {**_recorded(each), **each.recipients}.items()
            if name in each.stack.age.keys
        },
    )


def _recorded(settings: Settings) -> dict[str, str]:
    record = read_record(settings.check_record, [])
    return dict(record.keys) if record else {}
