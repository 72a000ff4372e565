"""The plugins as processes, called the way the engine calls them, without an engine."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2 as proto
from pulumi.runtime.proto import provider_pb2_grpc

from devcluster.providers.property_values import Secret, from_struct, to_struct
from devcluster.providers.serving import Provider, _answering
from devcluster.toolchain.plugins import prepare_pulumi_plugins
from tests.devcluster.providers.fake_api import SilentEngine
from tests.sockets import family, reachable

Plugin = tuple["subprocess.Popen[str]", Any]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[str], Plugin]]:
    started = []

    def launch(package: str) -> Plugin:
        (version,) = (plugin.version for plugin in prepare_pulumi_plugins(tmp_path) if plugin.name == package)
        launcher = tmp_path / "plugins" / f"resource-{package}-v{version}" / f"pulumi-resource-{package}"
        (tmp_path / "yaml.py").write_text("raise SystemExit('a module of the program was imported by the plugin')")
        process = subprocess.Popen(
            [launcher, "127.0.0.1:1", "--logtostderr"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert process.stdout
        port = int(process.stdout.readline())
        channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        started.append((process, channel))
        return process, provider_pb2_grpc.ResourceProviderStub(channel)

    yield launch
    for process, channel in started:
        channel.close()
        process.kill()
        process.communicate()


EACH_PACKAGE = pytest.mark.parametrize("package", ["kubernetes", pytest.param("random", marks=pytest.mark.thorough)])
"""Both are served by the same code; a process takes a quarter of a second."""


@pytest.mark.thorough
@EACH_PACKAGE
def test_a_plugin_starts_from_any_directory_and_ends_with_success_when_the_engine_says_so(
    start: Callable[[str], Plugin], package: str
) -> None:
    process, stub = start(package)
    assert stub.Handshake(proto.ProviderHandshakeRequest()).accept_secrets
    assert stub.GetPluginInfo(empty_pb2.Empty()).version

    process.send_signal(signal.SIGINT)

    assert process.wait(timeout=5) == 0
    assert process.stderr
    assert process.stderr.read() == "", "the CLI shows whatever a plugin writes there"


@pytest.mark.thorough
@EACH_PACKAGE
def test_a_plugin_can_be_reached_on_loopback_alone(start: Callable[[str], Plugin], package: str) -> None:
    process, stub = start(package)
    stub.GetPluginInfo(empty_pb2.Empty())

    found = {one for pid in family(process.pid) for one in reachable(pid)}

    assert [(one.protocol, str(one.address)) for one in found] == [("tcp", "127.0.0.1")]


@pytest.mark.thorough
def test_a_password_comes_over_the_wire_as_a_secret(start: Callable[[str], Plugin]) -> None:
    _, stub = start("random")
    urn = "urn:pulumi:dev::small::random:index/randomPassword:RandomPassword::p"

    made = stub.Create(proto.CreateRequest(urn=urn, properties=to_struct({"length": 20})))

    assert made.id == "none"
    assert isinstance(from_struct(made.properties)["result"], Secret)


@pytest.mark.thorough
def test_an_error_is_its_text_alone_and_a_defect_says_that_it_is_one(start: Callable[[str], Plugin]) -> None:
    _, stub = start("random")
    urn = "urn:pulumi:dev::small::random:index/randomPassword:RandomPassword::p"
    with pytest.raises(grpc.RpcError) as refused:
        stub.Create(proto.CreateRequest(urn=urn, properties=to_struct({"length": 0})))
    assert refused.value.details() == "length: a whole number of at least 1 is required"
    with pytest.raises(grpc.RpcError) as defect:
        stub.Create(proto.CreateRequest(urn="no urn", properties=to_struct({})))
    assert "a defect in the stand-in provider" in defect.value.details()


def test_a_defect_tells_its_place_and_withholds_its_text() -> None:
    class Broken(Provider):
        async def check(self, request: object) -> object:
            raise ValueError("hidden-value")

    class Context:
        told = ""

        async def abort(self, code: grpc.StatusCode, details: str) -> None:
            self.told = details

    context, provider = Context(), Broken(SilentEngine())
    asyncio.run(_answering(provider.check, provider)(None, context))

    assert "ValueError" in context.told
    assert "in check" in context.told
    assert "hidden-value" not in context.told


@pytest.mark.thorough
def test_the_plugin_imports_the_protocol_and_not_the_sdk() -> None:
    code = (
        "from devcluster.providers.lean_imports import import_lean; import_lean();"
        "import sys; import devcluster.providers.kubernetes.provider;"
        "print([name for name in sys.modules if name in ('pulumi.resource', 'pulumi.automation', 'rich', 'kubernetes')])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
