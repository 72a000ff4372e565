"""A build that has no room is refused before it begins."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from devcluster.messages.errors import DevclusterError
from devcluster.toolchain.build_tools import build_missing_tools
from devcluster.toolchain.cache import cache_root
from devcluster.toolchain.disk import GIGABYTE, refuse_a_full_disk
from devcluster.toolchain.tool import all_tools
from flux.message import Message
from tests.devcluster.toolchain import fake_toolchain


def with_free(gigabytes: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=gigabytes * GIGABYTE) if Path(path).exists() else None)


def test_what_is_needed_what_there_is_and_how_to_move_the_cache_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toolchain = fake_toolchain(tmp_path, monkeypatch)
    toolchain.write("small", go_sum="".join(f"example.org/{number} v1.0.0 h1:x\n" for number in range(100)))
    with_free(1.25, monkeypatch)
    with pytest.raises(DevclusterError) as caught:
        build_missing_tools()
    assert caught.value.message == Message(
        f"building small needs 2 GB of disk space, and the disk of the cache {tmp_path}/cache has 1.2 GB left",
        "Nothing was built.",
        "Free the space, or put the cache on another disk: export GITOPS_CACHE=/another/disk/gitops",
    )
    assert toolchain.calls == []
    assert toolchain.left == set()


def test_the_whole_toolchain_takes_less_than_15_gb(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GITOPS_CACHE", str(tmp_path / "not" / "yet"))
    with_free(15, monkeypatch)
    refuse_a_full_disk(all_tools(), cache_root())


def test_a_build_in_memory_needs_only_the_programs_room_on_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    cache, memory = tmp_path / "cache", tmp_path / "memory"
    monkeypatch.setenv("GITOPS_CACHE", str(cache))
    free = {cache: 1.2, memory: 12.0}
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=free[Path(path)] * GIGABYTE))
    refuse_a_full_disk(all_tools(), memory)
    free[cache] = 0.5
    with pytest.raises(DevclusterError) as caught:
        refuse_a_full_disk(all_tools(), memory)
    assert f"needs 1 GB of disk space, and the disk of the cache {cache} has 0.5 GB left" in caught.value.message.wrong


def test_a_full_directory_of_the_build_is_told_with_the_variable_that_chose_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with_free(3, monkeypatch)
    with pytest.raises(DevclusterError) as caught:
        refuse_a_full_disk(all_tools(), tmp_path / "other")
    assert f"the disk of the build {tmp_path / 'other'} has 3.0 GB left" in caught.value.message.wrong
    assert "export GITOPS_BUILD_DIRECTORY=" in caught.value.message.fix


def test_one_small_tool_needs_little(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GITOPS_CACHE", str(tmp_path))
    with_free(0.1, monkeypatch)
    refuse_a_full_disk([tool for tool in all_tools() if tool.name == "flux-manifests"], cache_root())
