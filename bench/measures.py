"""What is measured of a contender in one round."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Took:
    """What a command took."""

    seconds: float
    """From its start to its end."""
    processor: float
    """Seconds of processor time of all its processes: on a busy machine, the only times that can be compared."""


@dataclass(frozen=True, kw_only=True)
class Measures:
    """One contender on a fresh cluster; None where it has no such thing."""

    up: Took
    """From an empty cluster to every object made and every Deployment available."""
    fast_up: Took | None = None
    """The same on another cluster, in the mode that writes the state once."""
    first_preview: Took | None = None
    """A preview before that."""
    preview: Took | None = None
    """A preview right after that, with nothing to do."""
    state: float | None = None
    """Megabytes of the state."""
    memory: float | None = None
    """Megabytes at the peak of what people wrote: of the Python program, without Pulumi and its plugins."""
    memory_of_all: float | None = None
    """Megabytes at the peak of all processes together."""
