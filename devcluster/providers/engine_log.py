"""What a plugin may say to the engine: messages that appear beside a resource in the CLI's output."""

import contextlib

import grpc
import grpc.aio
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

DEBUG = engine_pb2.DEBUG
INFO = engine_pb2.INFO
WARNING = engine_pb2.WARNING


class Engine:
    """The engine's logging service. A message that cannot be delivered is dropped: it must not fail an operation."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._stub: engine_pb2_grpc.EngineStub | None = None
        self._said: set[tuple[str, str]] = set()

    async def log(self, severity: engine_pb2.LogSeverity.ValueType, message: str, urn: str = "", *, passing: bool = False) -> None:
        """Show `message`; a `passing` one only stands in the status column until the next one replaces it."""
        if self._stub is None:
            self._stub = engine_pb2_grpc.EngineStub(grpc.aio.insecure_channel(self._address))
        request = engine_pb2.LogRequest(severity=severity, message=message, urn=urn, ephemeral=passing)
        with contextlib.suppress(grpc.aio.AioRpcError):
            await self._stub.Log(request)

    async def warn_once(self, message: str, urn: str = "") -> None:
        """Show a warning, the first time that it is given."""
        if ("", message) not in self._said:
            self._said.add(("", message))
            await self.log(WARNING, message, urn)
