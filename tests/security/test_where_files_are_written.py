"""What somebody who may write to the same directory tries with a file that is about to be written there."""

import ast
import os
from pathlib import Path

import pytest

from flux.atomic_write import UNFINISHED, write_atomically
from tests.hygiene.source_code import dotted, modules, tree, walked


def test_the_name_of_the_unfinished_file_cannot_be_guessed_or_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = iter([bytes(8), bytes(8)])
    monkeypatch.setattr("secrets.token_hex", lambda _: next(names).hex())
    victim = tmp_path / "profile"
    victim.write_text("mine")
    (tmp_path / f".token.{bytes(8).hex()}").symlink_to(victim)

    with pytest.raises(FileExistsError):
        write_atomically(tmp_path / "token", "secret", 0o600)

    assert victim.read_text() == "mine"
    assert not (tmp_path / "token").exists()
    assert (tmp_path / f".token.{bytes(8).hex()}").is_symlink(), "what others put there is left alone"


@pytest.mark.harmless
def test_two_unfinished_files_have_different_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    replace = Path.replace

    def remembered(self: Path, target: Path) -> Path:
        seen.append(self.name)
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", remembered)
    for _ in range(2):
        write_atomically(tmp_path / "token", "secret")
    assert len(set(seen)) == 2
    assert all(UNFINISHED.fullmatch(name) for name in seen)


def test_the_file_to_be_written_is_a_link_to_a_shell_profile(tmp_path: Path) -> None:
    victim = tmp_path / "profile"
    victim.write_text("mine")
    (tmp_path / "token").symlink_to(victim)

    write_atomically(tmp_path / "token", "secret", 0o600)

    assert (victim.read_text(), (tmp_path / "token").read_text()) == ("mine", "secret")
    assert not (tmp_path / "token").is_symlink()


def test_others_read_a_secret_while_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "token").write_text("old")
    modes: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda handle: modes.append(os.fstat(handle).st_mode & 0o777))

    write_atomically(tmp_path / "token", "secret", 0o600)

    assert modes == [0o600]
    assert (tmp_path / "token").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("error", [OSError("full"), KeyboardInterrupt()])
def test_a_disk_that_is_full_leaves_half_a_file(error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "token").write_text("old")

    def full(_: int) -> None:
        raise error

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(type(error)):
        write_atomically(tmp_path / "token", "new")

    assert [path.name for path in tmp_path.iterdir()] == ["token"]
    assert (tmp_path / "token").read_text() == "old"


def test_another_module_renames_a_file_of_its_own_into_place() -> None:
    """Whoever writes a file in one step does it by the one module that knows how."""
    own = {"flux/atomic_write.py"}
    links_and_directories = {f"devcluster/toolchain/{name}.py" for name in ("build_caches", "cache", "plugins")}
    found = []
    for file in modules("components", "devcluster", "flux", "gitops", "live", "stacks"):
        for node in walked(tree(file)):
            if isinstance(node, ast.Call) and dotted(node.func) in ("os.replace", "os.rename", "tempfile.mkstemp"):
                found.append(file)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                renames = node.func.attr == "rename" or (node.func.attr == "replace" and len(node.args) == 1)
                found += [file] if renames else []
    assert set(found) <= own | links_and_directories
