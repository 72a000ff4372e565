"""The exception for input that people can mend."""


class FluxInputError(ValueError):
    """Input that cannot become Flux objects.

    Its text says what is wrong and where, what it would have caused, and what to write instead.
    Never holds a secret value.
    """
