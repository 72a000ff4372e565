"""The Go commands that a tool is made with: its modules, its programs, and where a module's files lie."""

import os
import re
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path

from devcluster.messages.errors import COMMAND, DevclusterError
from devcluster.toolchain.build_caches import BuildCaches
from devcluster.toolchain.go import go_command
from devcluster.toolchain.go_runs import GoRuns
from devcluster.toolchain.tool import Tool

COMPILER_LINES_SHOWN = 20
ATTEMPTS = 3
PASSING_FAULT = re.compile(r"i/o timeout|connection reset|TLS handshake timeout|unexpected EOF|\b50[0234]\b|no such host|stream error")
COMMON_TAGS = ("netgo", "osusergo", "grpcnotrace", "disable_grpc_modules", "kustomize_disable_go_plugin_support")
"""For every tool, since a package that two tools build with other tags is compiled twice. What each drops: docs/cold-start.md."""
IDLE_PACKAGES = (
    *("cloud.google.com/go/...", "github.com/Azure/...", "github.com/aws/...", "google.golang.org/api/..."),
    *(
        "github.com/DataDog/...",
        "github.com/alecthomas/chroma/...",
        "github.com/andybalholm/brotli/...",
        "github.com/blevesearch/...",
        "github.com/cdevents/...",
        "github.com/google/go-github/...",
        "github.com/google/go-tpm/...",
        "github.com/miekg/dns/...",
        "github.com/olivere/...",
        "github.com/pb33f/...",
        "github.com/pgavlin/goldmark/...",
        "github.com/redis/...",
        "github.com/rhysd/actionlint/...",
        "github.com/tetratelabs/wazero/...",
        "github.com/yuin/goldmark/...",
    ),
    *("github.com/sigstore/...", "gitlab.com/gitlab-org/...", "go.opentelemetry.io/collector/pdata/..."),
    *("code.gitea.io/gitea/...", "github.com/pulumi/pulumi/pkg/v3/cmd/...", "github.com/pulumi/pulumi/pkg/v3/codegen/..."),
    *(f"k8s.io/client-go/{part}/..." for part in ("applyconfigurations", "informers", "kubernetes", "listers")),
    *(f"k8s.io/kubernetes/pkg/{part}/..." for part in ("apis", "controller", "generated", "kubelet", "registry", "scheduler", "volume")),
)
"""Large packages that have little to do in an embedded cluster: compiled without inlining, which takes a third less time."""
BUILD_FLAGS = (
    *("-v", "-trimpath", "-pgo=off", "-gcflags=all=-dwarf=false"),
    *(f"-gcflags={pattern}=-dwarf=false -l" for pattern in IDLE_PACKAGES),
)
COMPILER_ENVIRONMENT = {
    "GOFLAGS": "-mod=readonly -modcacherw -buildvcs=false",
    "GOWORK": "off",
    "GOGC": "off",  # compilers end before they need to collect …
    "GOMEMLIMIT": "1536MiB",  # … except in the largest packages
    "CGO_CFLAGS": "-O0",  # Gitea's SQLite and zstd: 10 s instead of 53, and nothing here keeps them busy
}
PACKAGE = re.compile(r"^[\w.~-]+(/[\w.~-]+)*$")


class GoBuild:
    """One tool's Go commands, run in its directory with the caches of one build."""

    def __init__(self, tool: Tool, caches: BuildCaches, runs: GoRuns) -> None:
        """Run nothing yet."""
        self._tool, self._runs = tool, runs
        self._environment = os.environ | COMPILER_ENVIRONMENT | caches.environment | {"CGO_ENABLED": "1" if tool.cgo else "0"}

    def download_modules(self) -> None:
        """Bring every module that the tool needs into the module cache."""
        if self._tool.modules:
            self._go(["mod", "download", *self._tool.modules])

    def build_programs(self, directory: Path, on_package: Callable[[str], None] = lambda package: None) -> None:
        """Build all programs into `directory`, in one go; `on_package` hears of each package that is about to be compiled."""
        programs = self._tool.programs
        # Of several programs Go names the files itself: a test holds that the names in tool.yaml are those.
        output = directory / next(iter(programs)) if len(programs) == 1 else f"{directory}/"
        tags, ldflags = ",".join([*COMMON_TAGS, *self._tool.tags]), f"-s -w {self._tool.ldflags}".strip()
        self._go(["build", *BUILD_FLAGS, f"-tags={tags}", f"-ldflags={ldflags}", "-o", str(output), *programs.values()], on_package)

    def module_directory(self, module: str, directory: Path) -> Path:
        """Where the files of `module` lie, at the version that the go.mod in `directory` names."""
        self._go(["mod", "download", module], at=directory)
        return Path(self._go(["list", "-m", "-f", "{{.Dir}}", module], at=directory).strip())

    def _go(self, arguments: Sequence[str], on_package: Callable[[str], None] | None = None, at: Path | None = None) -> str:
        command, directory = [go_command(), *arguments], at or self._tool.directory

        def hear(line: str) -> None:
            if on_package and PACKAGE.match(line):
                on_package(line)

        for attempt in range(1, ATTEMPTS + 1):
            done = self._runs.run(command, directory, self._environment, hear)
            if done.returncode == 0:
                return done.stdout
            if attempt == ATTEMPTS or not PASSING_FAULT.search(done.stderr):
                break
        complaints = [line for line in done.stderr.strip().splitlines() if not PACKAGE.match(line)]
        raise DevclusterError(
            f"{self._tool.name} could not be built: `{_short(command)}` in {directory} exited with {done.returncode}",
            "Incomplete files were removed.",
            f"To try again: {COMMAND} build {self._tool.name}",
            said=complaints[-COMPILER_LINES_SHOWN:],
        )


def _short(command: Sequence[str]) -> str:
    return shlex.join(command) if len(command) < 20 else f"{shlex.join(command[:6])} …"
