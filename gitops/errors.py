"""The one exception whose text the `gitops` command shows as it stands, without a traceback."""


class CommandError(Exception):
    """Something the person can act on.

    Its text says what is wrong and where, what follows from it, and the command that mends it.
    Never holds a secret value.
    """


class ClusterUnreachableError(CommandError):
    """The API server does not answer: it may come back, so a wait that has already begun goes on."""
