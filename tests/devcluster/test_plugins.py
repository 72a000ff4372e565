import os
from pathlib import Path

import pytest

from devcluster.messages.errors import DevclusterError
from devcluster.providers.plugin_versions import plugin_version
from devcluster.toolchain import official, plugin_download, plugins
from devcluster.toolchain.build_tools import entry
from devcluster.toolchain.official import official_plugin, this_platform
from devcluster.toolchain.plugin_download import PACKAGES
from devcluster.toolchain.plugins import prepare_pulumi, prepare_pulumi_plugins
from devcluster.toolchain.tool import load_tool

VERSION = plugin_version("kubernetes")


def program(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.fixture(autouse=True)
def nothing_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    monkeypatch.setenv("GITOPS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.delenv("PULUMI_HOME", raising=False)


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    return tmp_path / "calls"


def official_cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: Path, install: str, version: str = "3.300.1") -> Path:
    script = f'echo "$@" >> {calls}\ncase "$1" in version) echo v{version};; plugin) {install};; esac'
    cli = program(tmp_path / "official" / "pulumi", script)
    program(cli.with_name("pulumi-language-python"), "")
    monkeypatch.setenv("PATH", f"{cli.parent}:/usr/bin:/bin")
    return cli


def built_cli(version: str = "3.259.0") -> Path:
    host = entry(load_tool("pulumi-language-python")) / "bin"
    program(host / "pulumi-language-python", "")
    program(host / "pulumi-language-python-exec", "")
    return program(entry(load_tool("pulumi")) / "bin" / "pulumi", f"[ $1 = version ] && echo v{version}")


def installed(home: Path, package: str, content: str = "the real one") -> Path:
    return program(home / "plugins" / f"resource-{package}-v{plugin_version(package)}" / f"pulumi-resource-{package}", content)


def test_without_any_pulumi_the_command_that_builds_one_is_told(tmp_path: Path) -> None:
    with pytest.raises(DevclusterError, match=r"\.venv/bin/python -m devcluster build pulumi pulumi-language-python"):
        prepare_pulumi(tmp_path / "home")


def test_the_built_cli_and_stand_ins_where_nothing_else_is_to_be_had(tmp_path: Path) -> None:
    cli, home = built_cli(), tmp_path / "home"

    chosen = prepare_pulumi(home)

    assert (chosen.cli, chosen.cli_official) == (cli, False)
    assert chosen.description == (
        f"pulumi 3.259.0 (built here); provider plugins: kubernetes {VERSION} (stand-in), random {plugin_version('random')} (stand-in)"
    )
    assert chosen.environment["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] == "true"
    launcher = home / "plugins" / f"resource-kubernetes-v{VERSION}" / "pulumi-resource-kubernetes"
    assert os.access(launcher, os.X_OK)
    assert "-m devcluster.providers.kubernetes" in launcher.read_text()
    (host,) = (home / "plugins").glob("language-python-v*/pulumi-language-python")
    assert host.resolve().is_relative_to(tmp_path / "cache"), "beside the plugins, for the engine warns about one on PATH"
    assert not host.parent.is_symlink(), "the engine overlooks a directory that is a link"


def test_a_cli_that_was_downloaded_instead_of_built_is_told_as_official(tmp_path: Path) -> None:
    cli = built_cli()
    (cli.parents[1] / "official").write_text("https://example.org/pulumi.tar.gz\n")
    assert "pulumi 3.259.0 (official)" in prepare_pulumi(tmp_path / "home").description


def test_a_recent_official_cli_is_used_and_installs_the_real_plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: Path) -> None:
    script = "d=$PULUMI_HOME/plugins/resource-$4-v$5; mkdir -p $d; echo real > $d/pulumi-resource-$4"
    cli = official_cli(tmp_path, monkeypatch, calls, script)

    chosen = prepare_pulumi(tmp_path / "home")

    assert (chosen.cli, chosen.cli_official, chosen.stand_ins) == (cli, True, False)
    assert "pulumi 3.300.1 (official)" in chosen.description
    assert "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION" not in chosen.environment
    assert f"plugin install resource kubernetes {VERSION}" in calls.read_text()


def test_a_plugin_is_installed_with_its_checksum_where_that_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: Path) -> None:
    official_cli(tmp_path, monkeypatch, calls, "exit 1")
    url = official_plugin("kubernetes", VERSION, this_platform()).url
    monkeypatch.setattr(official, "checksums", lambda: {url: "0" * 64})
    prepare_pulumi(tmp_path / "home")
    asked = {line.split()[3]: line.split()[5:] for line in calls.read_text().splitlines() if line.startswith("plugin")}
    assert asked == {"kubernetes": ["--non-interactive", "--checksum", "0" * 64], "random": ["--non-interactive"]}


@pytest.mark.parametrize("version", ["3.258.9", "2.300.0", "nonsense"])
def test_an_old_official_cli_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: Path, version: str) -> None:
    official_cli(tmp_path, monkeypatch, calls, "exit 1", version)
    assert prepare_pulumi_cli_is(built_cli(), tmp_path)


def test_an_official_cli_without_its_language_host_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: Path) -> None:
    official_cli(tmp_path, monkeypatch, calls, "exit 1").with_name("pulumi-language-python").unlink()
    assert prepare_pulumi_cli_is(built_cli(), tmp_path)


def test_our_own_cli_on_path_is_not_taken_for_an_official_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cli = built_cli("3.400.0")
    program(cli.with_name("pulumi-language-python"), "")
    monkeypatch.setenv("PATH", f"{cli.parent}:/usr/bin:/bin")
    assert prepare_pulumi_cli_is(cli, tmp_path)


def prepare_pulumi_cli_is(expected: Path, tmp_path: Path) -> bool:
    chosen = prepare_pulumi(tmp_path / "home", download=False)
    return chosen.cli == expected and not chosen.cli_official


def test_a_failed_download_is_remembered_for_this_home_and_these_versions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: Path
) -> None:
    official_cli(tmp_path, monkeypatch, calls, "exit 1")
    for _ in range(2):
        assert prepare_pulumi(tmp_path / "home").stand_ins
    assert calls.read_text().count("plugin install") == 2, "one try for each of the two plugins, and none in the second run"

    monkeypatch.setattr(plugins, "plugin_version", lambda package: "99.0.0")
    assert prepare_pulumi(tmp_path / "home").stand_ins
    assert calls.read_text().count("plugin install") == 4, "other versions are tried anew"


def test_a_download_that_stays_silent_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: Path) -> None:
    official_cli(tmp_path, monkeypatch, calls, "exec sleep 60")
    monkeypatch.setattr(plugin_download, "SILENCE_SECONDS", 0.5)

    assert prepare_pulumi(tmp_path / "home").stand_ins


def test_a_slow_download_is_waited_for_while_bytes_arrive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: Path) -> None:
    arriving = "for i in 1 2 3 4 5; do sleep 0.3; echo x >> $TMPDIR/$4; done; d=$PULUMI_HOME/plugins/resource-$4-v$5; mkdir -p $d"
    official_cli(tmp_path, monkeypatch, calls, f"{arriving}; echo real > $d/pulumi-resource-$4")
    monkeypatch.setattr(plugin_download, "SILENCE_SECONDS", 1.0)

    assert not prepare_pulumi(tmp_path / "home").stand_ins


def test_plugins_that_the_user_has_already_are_used(tmp_path: Path, calls: Path) -> None:
    built_cli()
    for package in PACKAGES:
        installed(tmp_path / "user" / ".pulumi", package)

    chosen = prepare_pulumi(tmp_path / "home", download=False)

    assert not chosen.stand_ins
    taken = tmp_path / "home" / "plugins" / f"resource-kubernetes-v{VERSION}" / "pulumi-resource-kubernetes"
    assert "the real one" in taken.read_text()


def test_a_launcher_is_renewed_when_the_clone_moved_and_otherwise_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    prepare_pulumi_plugins(home)
    launcher = home / "plugins" / f"resource-kubernetes-v{VERSION}" / "pulumi-resource-kubernetes"
    before = launcher.stat()
    prepare_pulumi_plugins(home)
    assert launcher.stat().st_ino == before.st_ino

    monkeypatch.setattr(plugins, "CLONE", Path("/a clone's new place"))
    prepare_pulumi_plugins(home)

    assert """PYTHONPATH='/a clone'"'"'s new place'""" in launcher.read_text()
    assert not [path for path in launcher.parent.iterdir() if path != launcher]
