"""Serving a provider to the engine over gRPC, the way every Pulumi plugin does.

`pulumi.provider.experimental` could serve a Python provider too. It is not used here because it puts a traceback into
every error text, cannot say that an object exists although waiting for it failed, hides the old inputs from `Diff`, and
answers a changed provider configuration with "no change".
"""

import asyncio
import os
import signal
import sys
import traceback
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import grpc
import grpc.aio
from google.protobuf import any_pb2, empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from devcluster.providers.engine_log import Engine
from devcluster.providers.property_values import to_struct

LARGEST_MESSAGE = 400 * 1024 * 1024
PARENT_CHECK_SECONDS = 2.0
METHODS = ("CheckConfig", "DiffConfig", "Configure", "Check", "Diff", "Create", "Read", "Update", "Delete")

Method = Callable[[Any], Awaitable[Any]]


class ProviderError(Exception):
    """An operation failed; its text is shown to the person at the terminal."""


class NotInitializedError(ProviderError):
    """The object exists, but waiting for it to become ready failed: the engine keeps it in the state with the reasons."""

    def __init__(self, resource_id: str, properties: dict[str, Any], reasons: list[str]) -> None:
        super().__init__(reasons[0])
        self.resource_id = resource_id
        self.properties = properties
        self.reasons = reasons


class Provider:
    """What the server calls. A subclass defines the methods of METHODS that it supports, as coroutines on protobuf requests."""

    version = "0.0.0"

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def cancel(self) -> None:
        """End whatever is waiting: the person pressed Ctrl-C."""

    def redacted(self, message: str, request: Any) -> str:
        """`message` without any secret of `request`."""
        return message


class _Servicer(provider_pb2_grpc.ResourceProviderServicer):
    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        for name in METHODS:
            if method := getattr(provider, _snake(name), None):
                setattr(self, name, _answering(method, provider))

    async def Handshake(self, request: Any, context: Any) -> provider_pb2.ProviderHandshakeResponse:  # noqa: N802
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    async def GetPluginInfo(self, request: Any, context: Any) -> plugin_pb2.PluginInfo:  # noqa: N802
        return plugin_pb2.PluginInfo(version=self._provider.version)

    async def Attach(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: N802
        return empty_pb2.Empty()

    async def Cancel(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: N802
        self._provider.cancel()
        return empty_pb2.Empty()

    async def GetSchema(self, request: Any, context: Any) -> provider_pb2.GetSchemaResponse:  # noqa: N802
        return provider_pb2.GetSchemaResponse(schema="{}")

    async def Invoke(self, request: Any, context: Any) -> None:  # noqa: N802
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, f"the stand-in provider has no function {request.tok}: see devcluster/providers")

    async def _unimplemented(self, request: Any, context: Any) -> None:
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, "not implemented by the stand-in provider: see devcluster/providers")

    Parameterize = Call = Construct = List = StreamInvoke = GetMapping = GetMappings = _unimplemented  # type: ignore[assignment]


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def _answering(method: Method, provider: Provider) -> Callable[[Any, Any], Coroutine[Any, Any, Any]]:
    async def answer(request: Any, context: Any) -> Any:
        try:
            return await method(request)
        except NotInitializedError as error:
            await context.abort(grpc.StatusCode.UNKNOWN, *_not_initialized(error, provider, request))
        except ProviderError as error:
            await context.abort(grpc.StatusCode.UNKNOWN, provider.redacted(str(error), request))
        except Exception as error:
            await context.abort(grpc.StatusCode.INTERNAL, _defect(error))

    return answer


def _not_initialized(error: NotInitializedError, provider: Provider, request: Any) -> tuple[str, tuple[tuple[str, bytes], ...]]:
    reasons = [provider.redacted(reason, request) for reason in error.reasons]
    detail = provider_pb2.ErrorResourceInitFailed(id=error.resource_id, properties=to_struct(error.properties), reasons=reasons)
    packed = any_pb2.Any()
    packed.Pack(detail)
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=reasons[0], details=[packed])
    return reasons[0], (("grpc-status-details-bin", status.SerializeToString()),)


def _defect(error: Exception) -> str:
    places = "".join(f"\n  {frame.filename}:{frame.lineno} in {frame.name}" for frame in traceback.extract_tb(error.__traceback__))
    return f"a defect in the stand-in provider (its text is withheld, it could hold a secret): {type(error).__name__}{places}"


def serve(make_provider: Callable[[Engine], Provider]) -> None:
    """Serve until the engine ends this process, or is gone itself."""
    # The engine ends a plugin by SIGINT, and kills it 5 s later. Ctrl-C does not come here: a plugin is a process group of its own.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: os._exit(0))
    asyncio.run(_serve(make_provider))


async def _serve(make_provider: Callable[[Engine], Provider]) -> None:
    engine_address = next((argument for argument in sys.argv[1:] if not argument.startswith("-")), "")
    server = grpc.aio.server(
        options=[
            ("grpc.max_receive_message_length", LARGEST_MESSAGE),
            ("grpc.max_send_message_length", LARGEST_MESSAGE),
            ("grpc.server_max_unrequested_time_in_server", 1800),
        ]
    )
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(_Servicer(make_provider(Engine(engine_address))), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    parent = os.getppid()
    while os.getppid() == parent:  # the engine kills this process when it is done; a killed engine cannot
        await asyncio.sleep(PARENT_CHECK_SECONDS)
    os._exit(0)
