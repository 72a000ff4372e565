"""A build's caches lie in memory only where there is plenty of it, for this user alone."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from devcluster.toolchain import build_place as module
from devcluster.toolchain.build_place import available_memory, build_place, build_places

GIGABYTE = 1_000_000_000
NEEDED = 10 * GIGABYTE


class Machine:
    """The memory of a machine, in files as the kernel has them; sizes in gigabytes."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self._monkeypatch = folder, monkeypatch
        self.groups = folder / "cgroup"
        (folder / "shm").mkdir()
        self.groups.mkdir()
        monkeypatch.delenv("GITOPS_BUILD_DIRECTORY", raising=False)
        monkeypatch.setenv("GITOPS_CACHE", str(folder / "cache"))
        for name, value in {
            "SHARED_MEMORY": folder / "shm",
            "CONTROL_GROUPS": self.groups,
            "MEMORY_INFORMATION": folder / "meminfo",
            "OWN_CONTROL_GROUP": folder / "own",
        }.items():
            monkeypatch.setattr(module, name, value)
        self.has(available=20, shared=20)

    def has(self, *, available: int, shared: int) -> None:
        (self.folder / "meminfo").write_text(f"MemTotal: 99 kB\nMemAvailable: {available * GIGABYTE // 1024 + 1} kB\n")
        found = SimpleNamespace(f_bavail=shared, f_frsize=GIGABYTE)
        self._monkeypatch.setattr(os, "statvfs", lambda path: found)

    def group(self, path: str, limit: str, used: int) -> None:
        directory = self.groups / path
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "memory.max").write_text(f"{limit}\n")
        (directory / "memory.current").write_text(f"{used * GIGABYTE}\n")

    @property
    def memory(self) -> Path:
        return self.folder / "shm" / f"gitops-{os.getuid()}"

    @property
    def cache(self) -> Path:
        return self.folder / "cache"


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def test_with_plenty_of_memory_the_caches_lie_there_for_this_user_alone(machine: Machine) -> None:
    assert build_place(NEEDED) == machine.memory
    assert machine.memory.stat().st_mode & 0o777 == 0o700
    assert build_places() == [machine.cache, machine.memory]


@pytest.mark.parametrize(("available", "shared"), [(15, 20), (20, 9)], ids=["no room for compilers", "a small /dev/shm, as in a container"])
def test_with_less_they_lie_beside_the_cache(machine: Machine, available: int, shared: int) -> None:
    machine.has(available=available, shared=shared)
    assert build_place(NEEDED) == machine.cache
    assert not machine.memory.exists()


@pytest.mark.parametrize("path", ["", "user.slice", "user.slice/shell"], ids=["the container's", "the slice's", "its own"])
def test_the_limit_of_a_control_group_counts(machine: Machine, path: str) -> None:
    (machine.folder / "own").write_text("12:pids:/other\n0::/user.slice/shell\n")
    machine.group("user.slice/shell", "max", 1)
    machine.group(path, str(17 * GIGABYTE), 2)
    assert available_memory() == 15 * GIGABYTE
    assert build_place(NEEDED) == machine.cache


def test_the_limit_of_an_older_kernel_counts(machine: Machine) -> None:
    old = machine.groups / "memory"
    old.mkdir()
    (old / "memory.limit_in_bytes").write_text(f"{4 * GIGABYTE}\n")
    (old / "memory.usage_in_bytes").write_text(f"{GIGABYTE}\n")
    assert available_memory() == 3 * GIGABYTE


def test_a_machine_that_does_not_say_what_it_has_is_taken_for_a_small_one(machine: Machine) -> None:
    (machine.folder / "meminfo").unlink()
    assert build_place(NEEDED) == machine.cache


@pytest.mark.parametrize("trap", ["a link", "readable", "a file"])
def test_a_directory_in_memory_that_somebody_else_could_have_made_is_not_used(machine: Machine, tmp_path: Path, trap: str) -> None:
    if trap == "a link":
        (tmp_path / "elsewhere").mkdir(mode=0o700)
        machine.memory.symlink_to(tmp_path / "elsewhere")
    elif trap == "readable":
        machine.memory.mkdir()
        machine.memory.chmod(0o755)
    else:
        machine.memory.touch()
    assert build_place(NEEDED) == machine.cache
    assert build_places() == [machine.cache]


def test_a_directory_of_the_users_choice_is_used_whatever_there_is(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GITOPS_BUILD_DIRECTORY", str(tmp_path / "chosen"))
    assert build_place(NEEDED) == tmp_path / "chosen"
    assert tmp_path / "chosen" in build_places()
