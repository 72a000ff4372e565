"""The one exception whose text is meant for the person at the terminal."""


class DevclusterError(Exception):
    """Something the person can act on; its text says what is wrong and which command mends it. Shown without a traceback."""
