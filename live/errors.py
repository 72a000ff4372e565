"""Errors of the live cluster, or of the way to it. Commands and stacks show them in their own ways."""

from flux.message import Message


class LiveError(Exception):
    """An error with the place where a person corrects it. Never holds a secret value, nor a line of a kubeconfig."""

    def __init__(self, where: str, told: Message) -> None:
        """`where`: a file, a variable, or a server; `told` follows it."""
        self.where = where
        self.message = told
        super().__init__(f"{where}: {told}" if where else str(told))


class KubeconfigError(LiveError):
    """A kubeconfig, or what one of its contexts names, is missing or cannot be used."""


class UnreachableError(LiveError):
    """The API server does not answer: it may come back, so a wait that has already begun goes on."""
