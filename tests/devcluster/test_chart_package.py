"""Packages depend on their files and on nothing else."""

import io
import os
import tarfile
from pathlib import Path

import yaml

from devcluster.gitea.chart_package import package, read_tree, tarball
from devcluster.gitea.sample_repositories import CHART
from flux.release.blob_store import digest_of


def members(content: bytes) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        return {member.name: member for member in archive}


def test_the_same_chart_is_packaged_to_the_same_bytes_wherever_and_whenever(tmp_path: Path) -> None:
    for path, content in reversed(read_tree(CHART).items()):
        copied = tmp_path / "tiny" / path
        copied.parent.mkdir(parents=True, exist_ok=True)
        copied.write_bytes(content)
        os.utime(copied, (1, 1))
        copied.chmod(0o600)
    assert package(tmp_path / "tiny").package == package(CHART).package


def test_another_content_is_another_package(tmp_path: Path) -> None:
    assert tarball({"a": b"1"}) != tarball({"a": b"2"}) != tarball({"b": b"2"})


def test_every_file_of_a_chart_lies_below_its_name() -> None:
    chart = package(CHART)
    assert set(members(chart.package)) == {f"tiny/{path}" for path in read_tree(CHART)}
    assert (chart.name, chart.version) == ("tiny", yaml.safe_load((CHART / "Chart.yaml").read_text())["version"])


def test_a_package_tells_nothing_about_who_made_it() -> None:
    for member in members(package(CHART).package).values():
        assert (member.uid, member.gid, member.uname, member.gname, member.mtime) == (0, 0, "", "", 0)


def test_a_digest_is_written_as_oci_writes_it() -> None:
    assert digest_of(b"") == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
