"""A home keeps its ports, hides its secrets, and is distinguished from somebody's directory."""

import os
import subprocess
from pathlib import Path

import pytest

from devcluster.embedded_cluster import Devcluster
from devcluster.machine.home import SERVERS, Home, free_ports
from devcluster.messages.errors import DevclusterError
from flux.atomic_write import write_atomically

MARK = "0123456789abcdef"


def test_ports_are_chosen_once_and_all_different(tmp_path: Path) -> None:
    home = Home(directory=tmp_path / "home", name="unit")
    home.make()
    home.choose_ports()
    chosen = {server: home.port(server) for server in SERVERS}
    home.choose_ports()
    assert {server: home.port(server) for server in SERVERS} == chosen
    assert len(set(chosen.values())) == len(SERVERS)


def test_no_port_is_given_twice_at_once() -> None:
    assert len(set(free_ports(200))) == 200


def test_a_secret_file_is_for_its_owner_alone_from_the_start(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("old")
    file.chmod(0o644)
    write_atomically(file, "new", mode=0o600)
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("new", 0o600)


def test_directories_with_secrets_are_closed_to_others(tmp_path: Path) -> None:
    home = Home(directory=tmp_path / "home", name="unit")
    home.make()
    assert {folder.stat().st_mode & 0o777 for folder in (home.directory, home.secrets)} == {0o700}


def test_a_home_inside_a_repository_is_never_added_to_it(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    home = Home(directory=tmp_path / ".tutorial", name="unit")
    home.make()
    (home.secrets / "gitea-admin-token").write_text("made for this test")

    seen = subprocess.run(["git", "-C", str(tmp_path), "status", "--porcelain"], check=True, capture_output=True, text=True)
    assert seen.stdout == ""
    assert home.foreign == []


def test_a_directory_with_somebody_elses_files_is_neither_used_nor_removed(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    cluster = Devcluster(tmp_path, "unit")
    with pytest.raises(DevclusterError, match=r"(?s)contains\s+thesis\.tex.*--home"):
        cluster.stop()
    assert (tmp_path / "thesis.tex").exists()


def test_a_record_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, synced = tmp_path / "cluster.json", []
    write_atomically(file, "old")

    def sync(descriptor: int) -> None:
        synced.append((Path(f"/proc/self/fd/{descriptor}").read_text(), file.read_text()))

    monkeypatch.setattr(os, "fsync", sync)
    write_atomically(file, "new")
    assert synced == [("new", "old")], "a machine that loses power would have an empty file of that name"
    assert file.read_text() == "new"


def test_what_a_killed_start_was_writing_is_not_somebody_elses(tmp_path: Path) -> None:
    for name in (f".cluster.json.{MARK}", f".kubeconfig.{MARK}", f".thesis.tex.{MARK}"):
        (tmp_path / name).touch()
    assert Home(directory=tmp_path, name="unit").foreign == [f".thesis.tex.{MARK}"]


def test_stopping_what_never_started_is_fine(tmp_path: Path) -> None:
    Devcluster(tmp_path / "absent", "unit").stop()


def test_a_half_made_home_without_its_record_is_still_removed(tmp_path: Path) -> None:
    home = Home(directory=tmp_path / "home", name="unit")
    home.make()
    Devcluster(home.directory, "unit").stop()
    assert not home.directory.exists()


def test_a_path_that_kwokctl_would_cut_off_is_refused_before_anything_starts(tmp_path: Path) -> None:
    cluster = Devcluster(tmp_path / "my clone", "unit")
    with pytest.raises(DevclusterError, match=r"(?s)contains\s+'\s+'\.\s.*kwokctl would truncate the path.*--home"):
        cluster.refuse_unusable()
    assert not cluster.home.directory.exists()
