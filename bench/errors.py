"""The one exception whose text is meant for the person at the terminal."""


class BenchError(Exception):
    """A measurement that could not be made; its text says which, why, and what to do. Shown without a traceback."""
