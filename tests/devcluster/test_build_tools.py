"""A tool is built once from what its key names; a build that fails or is killed leaves nothing that looks like one."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from devcluster.machine.processes import StartedProcess
from devcluster.messages.errors import DevclusterError
from devcluster.toolchain import tool
from devcluster.toolchain.build_tools import build_missing_tools, entry, missing_tools
from devcluster.toolchain.go import go_command
from devcluster.toolchain.tool import load_tool
from tests.devcluster.toolchain import SUCCEED, FakeToolchain, fake_toolchain
from tests.engine import REPOSITORY


@pytest.fixture
def toolchain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeToolchain]:
    yield fake_toolchain(tmp_path, monkeypatch, in_background=True)
    go_command.cache_clear()


def key() -> str:
    return load_tool("small").key


def build_in_a_process(toolchain: FakeToolchain) -> "subprocess.CompletedProcess[str]":
    script = (
        # Under nohup, SIGHUP is ignored, and children inherit that.
        "import signal; signal.signal(signal.SIGHUP, signal.SIG_DFL)\n"
        "import sys; from pathlib import Path; from devcluster.toolchain import tool\n"
        f"tool.TOOLS_DIRECTORY = Path({str(toolchain.tools)!r})\n"
        "from devcluster.toolchain.build_tools import build_missing_tools\n"
        "build_missing_tools()"
    )
    return subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("go_mod", "module small // newer"),
        ("go_sum", "other sums"),
        ("tool_yaml", "programs: {small: example.org/other}\n"),
        ("tool_yaml", "programs: {small: example.org/small}\ntags: [sqlite]\n"),
        ("tool_yaml", "programs: {small: example.org/small}\nldflags: -X main.Version=2\n"),
        ("tool_yaml", "programs: {small: example.org/small}\ncgo: true\n"),
    ],
)
def test_another_module_sum_or_flag_is_another_entry(file: str, content: str, toolchain: FakeToolchain) -> None:
    before = key()
    toolchain.write("small", **{file: content})
    assert key() != before, f"a cache would keep the program that the old {file.replace('_', '.')} made"


def test_the_go_mod_that_a_copied_file_comes_from_is_in_the_key(toolchain: FakeToolchain) -> None:
    toolchain.write("other", go_mod="module other", go_sum="", tool_yaml="programs: {}\n")
    copied = "programs: {}\ncopy:\n  - {tool: other, module: example.org/data, from: data, to: share/data}\n"
    toolchain.write("small", tool_yaml=copied)
    before = key()
    toolchain.write("other", go_mod="module other // newer")
    assert key() != before


def test_the_generation_is_in_every_key(toolchain: FakeToolchain, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [key()]
    for generation in (tool.KEY_GENERATION + 1, tool.KEY_GENERATION + 2):
        monkeypatch.setattr(tool, "KEY_GENERATION", generation)
        keys.append(key())
    assert len(set(keys)) == 3


COMMON = {
    4: {
        "arguments": [
            *("build", "-v", "-trimpath", "-pgo=off", "-gcflags=all=-dwarf=false"),
            *(
                f"-gcflags={pattern}/...=-dwarf=false -l"
                for pattern in (
                    *("cloud.google.com/go", "github.com/Azure", "github.com/aws", "google.golang.org/api", "github.com/DataDog"),
                    *("github.com/alecthomas/chroma", "github.com/andybalholm/brotli", "github.com/blevesearch", "github.com/cdevents"),
                    *("github.com/google/go-github", "github.com/google/go-tpm", "github.com/miekg/dns", "github.com/olivere"),
                    *("github.com/pb33f", "github.com/pgavlin/goldmark", "github.com/redis", "github.com/rhysd/actionlint"),
                    *("github.com/tetratelabs/wazero", "github.com/yuin/goldmark", "github.com/sigstore", "gitlab.com/gitlab-org"),
                    *("go.opentelemetry.io/collector/pdata", "code.gitea.io/gitea", "github.com/pulumi/pulumi/pkg/v3/cmd"),
                    *("github.com/pulumi/pulumi/pkg/v3/codegen", "k8s.io/client-go/applyconfigurations", "k8s.io/client-go/informers"),
                    *("k8s.io/client-go/kubernetes", "k8s.io/client-go/listers", "k8s.io/kubernetes/pkg/apis"),
                    *("k8s.io/kubernetes/pkg/controller", "k8s.io/kubernetes/pkg/generated", "k8s.io/kubernetes/pkg/kubelet"),
                    *("k8s.io/kubernetes/pkg/registry", "k8s.io/kubernetes/pkg/scheduler", "k8s.io/kubernetes/pkg/volume"),
                )
            ),
            "-tags=netgo,osusergo,grpcnotrace,disable_grpc_modules,kustomize_disable_go_plugin_support,a,b",
            *("-ldflags=-s -w -X main.Version=2", "example.org/small"),
        ],
        "CGO_CFLAGS": "-O0",
        "CGO_ENABLED": ["0", "1"],
        "GOFLAGS": "-mod=readonly -modcacherw -buildvcs=false",
        "GOWORK": "off",
    }
}
"""What every build of a KEY_GENERATION has."""


@pytest.mark.thorough
def test_the_flags_of_every_build_belong_to_the_generation_of_the_keys(toolchain: FakeToolchain) -> None:
    described = "programs: {small: example.org/small}\ntags: [a, b]\nldflags: -X main.Version=2\n"
    for cgo in ("false", "true"):
        toolchain.write("small", tool_yaml=f"{described}cgo: {cgo}\n")
        build_missing_tools()
    environments = [call["environment"] for call in toolchain.calls]
    arguments = [[word for word in call["arguments"] if word != "-o" and "/bin/" not in word] for call in toolchain.calls]
    assert arguments[0] == arguments[1]
    seen = {
        "arguments": arguments[0],
        "CGO_CFLAGS": environments[0]["CGO_CFLAGS"],
        "CGO_ENABLED": [environment["CGO_ENABLED"] for environment in environments],
        "GOFLAGS": environments[0]["GOFLAGS"],
        "GOWORK": environments[0]["GOWORK"],
    }
    assert seen == COMMON.get(tool.KEY_GENERATION), (
        "no file of a tool shows this change, so machines would keep what the old flags made: raise KEY_GENERATION in "
        "devcluster/toolchain/tool.py and write the new flags here under its number; every machine then builds everything once more"
    )


@pytest.mark.thorough
def test_a_built_tool_is_there_and_the_caches_of_its_build_are_not(toolchain: FakeToolchain) -> None:
    build_missing_tools()
    assert (entry(load_tool("small")) / "bin" / "small").read_text() == "a program"
    assert toolchain.left_at_last({f"tools/{key()}"}) == {f"tools/{key()}"}
    assert [path.name for path in entry(load_tool("small")).iterdir()] == ["bin"]
    build_missing_tools()
    assert len(toolchain.calls) == 1, "what is there is not built again"


@pytest.mark.thorough
def test_a_failed_build_shows_the_compilers_last_lines_and_how_to_try_again(toolchain: FakeToolchain) -> None:
    toolchain.then("sys.exit('\\n'.join(f'fault {number} of the compiler' for number in range(1, 101)))")
    with pytest.raises(DevclusterError) as caught:
        build_missing_tools()
    message = str(caught.value)
    assert "small could not be built" in message
    assert "fault 80 of" not in message
    assert "  fault 81 of the compiler\n" in message
    assert message.index("fault 81") < message.index("  fault 100 of the compiler\n")
    assert message.endswith("To try again: .venv/bin/python -m devcluster build small"), "on a fresh machine the environment is not on PATH"
    assert len(toolchain.calls) == 1, "a fault of the code does not pass"
    assert toolchain.left_at_last(set()) == set(), "neither a half-built tool nor a cache of its build"
    assert [missing.name for missing in missing_tools()] == ["small"]


@pytest.mark.thorough
def test_a_passing_fault_of_the_network_is_tried_again(toolchain: FakeToolchain) -> None:
    third = "len((here / 'calls').read_text().splitlines()) == 3"
    toolchain.then(f"sys.exit('dial tcp: i/o timeout') if not {third} else {SUCCEED}")
    build_missing_tools()
    assert len(toolchain.calls) == 3


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGHUP, marks=pytest.mark.thorough)])
def test_an_ended_build_takes_its_caches_and_its_compilers_with_it(number: signal.Signals, toolchain: FakeToolchain) -> None:
    start = "import subprocess; c = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])"
    toolchain.then(
        f"{start}; (here / 'compiler').write_text(str(c.pid)); os.kill(os.getppid(), {int(number)}); import time; time.sleep(60)"
    )
    done = build_in_a_process(toolchain)
    assert done.returncode == 128 + number, done.stderr
    assert toolchain.left_at_last(set()) == set(), "gigabytes would stay that nobody looks for"
    compiler = int((toolchain.folder / "compiler").read_text())
    assert StartedProcess.of(compiler) is None, "it would go on, and write into what is being removed"


@pytest.mark.thorough
def test_what_a_killed_build_left_is_never_used_and_the_next_one_removes_it(toolchain: FakeToolchain) -> None:
    noted = "(here / 'go').write_text(str(os.getpid()))"
    toolchain.then(f"{SUCCEED}; {noted}; import signal, time; os.kill(os.getppid(), signal.SIGKILL); time.sleep(60)")
    assert build_in_a_process(toolchain).returncode == -signal.SIGKILL
    go = int((toolchain.folder / "go").read_text())
    until = time.monotonic() + 20
    while StartedProcess.of(go):
        assert time.monotonic() < until, "a Go without its build would go on for half an hour, in caches that the next build removes"
        time.sleep(0.01)
    assert any("go-caches-" in path for path in toolchain.left), "this test needs a build that could not clean up"
    assert any(".part-" in path for path in toolchain.left)
    assert [missing.name for missing in missing_tools()] == ["small"], "half a tool must not be taken for one"

    old = key()
    toolchain.then(SUCCEED)
    toolchain.write("small", go_mod="module small // newer: nobody asks for the old entry any more")
    build_missing_tools()
    assert key() != old
    assert toolchain.left_at_last({f"tools/{key()}"}) == {f"tools/{key()}"}
