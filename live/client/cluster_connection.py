"""A connection to one cluster: what every reader and writer of it begins with."""

from collections.abc import Iterator
from contextlib import contextmanager

from flux.message import Message
from live.access.target import Target
from live.client.bounded_client import BoundedClient
from live.client.client_errors import ClientErrors
from live.client.connection import connect
from live.errors import LiveError


class ClusterConnection:
    """The client of a cluster, good for many readings: an exec plugin runs once, not at each of them."""

    def __init__(self, target: Target) -> None:
        """Raises KubeconfigError."""
        self._target = target
        client, said_on_login = connect(target)
        self._client = BoundedClient(client)
        self._answers = ClientErrors(target, said_on_login)

    def close(self) -> None:
        """Give back the connection."""
        self._client.close()

    @contextmanager
    def _reading(self, consequence: str, fix: str) -> Iterator[None]:
        """What is asked for in here is one reading; the client's errors become those of this room, a 403 with this message."""
        self._client.begin_reading()

        def may_not(said: str) -> LiveError:
            return LiveError(self._answers.where, Message(f"refuses: {said}", consequence, fix))

        with self._answers.told(may_not):
            yield
