"""The one exception whose text is meant for the person at the terminal."""

from devcluster.messages.errors import DevclusterError


class BenchError(DevclusterError):
    """A measurement that could not be made: which, what follows, what to do. Shown without a traceback."""
