"""The one exception whose text is meant for the person at the terminal, and how it spells a command."""

COMMAND = ".venv/bin/python -m devcluster"
"""How a message spells this package's command: nothing says that the virtual environment is on PATH."""


class DevclusterError(Exception):
    """Something the person can act on; its text says what is wrong and which command mends it. Shown without a traceback."""
