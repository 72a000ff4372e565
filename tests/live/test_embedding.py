import base64
from pathlib import Path
from typing import Any

import pytest
import yaml

from live.access.embedding import LARGEST, embedded, token
from live.access.kubeconfig_parser import read_files
from live.errors import KubeconfigError


def write(folder: Path, user: dict[str, Any], cluster: dict[str, Any] | None = None) -> Path:
    folder.mkdir(exist_ok=True)
    document = {
        "contexts": [{"name": "a", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": "https://10.0.0.1:6443", **(cluster or {})}}],
        "users": [{"name": "u", "user": user}],
    }
    (folder / "config").write_text(yaml.safe_dump(document))
    return folder / "config"


def of(*files: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Cluster and user, with their files in them."""
    found = read_files(files, shown="KUBECONFIG")
    assert found is not None
    part = embedded(found.reached("a"), "KUBECONFIG")
    return part["clusters"][0]["cluster"], part["users"][0]["user"]


def test_files_are_looked_for_beside_the_file_that_names_them(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    first, second = write(one, {"tokenFile": "token"}), write(two, {"tokenFile": "token"})
    (one / "token").write_text("of one\n")
    (two / "token").write_text("of two\n")
    assert of(first, second)[1] == {"token": "of one"}
    assert of(second, first)[1] == {"token": "of two"}


def test_content_wins_over_the_file_that_stands_beside_it(tmp_path: Path) -> None:
    data = base64.b64encode(b"content").decode()
    cluster, _ = of(write(tmp_path, {}, {"certificate-authority": "gone.crt", "certificate-authority-data": data}))
    assert cluster == {"server": "https://10.0.0.1:6443", "certificate-authority-data": data}


def test_a_token_stands_in_where_its_file_is_gone(tmp_path: Path) -> None:
    kubeconfig = write(tmp_path, {"tokenFile": "token", "token": "kept"})
    assert of(kubeconfig)[1] == {"token": "kept"}
    (tmp_path / "token").write_text("newer")
    assert of(kubeconfig)[1] == {"token": "newer"}
    found = read_files([kubeconfig], shown="KUBECONFIG")
    assert found is not None
    assert token(found.reached("a").user, "KUBECONFIG") == "newer"


def test_a_program_beside_the_kubeconfig_is_found_from_anywhere_and_one_on_the_path_stays(tmp_path: Path) -> None:
    assert of(write(tmp_path, {"exec": {"command": "./login"}}))[1] == {"exec": {"command": str(tmp_path / "login")}}
    assert of(write(tmp_path, {"exec": {"command": "aws"}}))[1] == {"exec": {"command": "aws"}}


@pytest.mark.parametrize("key", ["certificate-authority", "client-certificate", "client-key", "tokenFile"])
def test_a_file_that_cannot_be_read_is_named(key: str, tmp_path: Path) -> None:
    kubeconfig = write(tmp_path, {key: "gone"}, {key: "gone"})
    with pytest.raises(KubeconfigError, match=rf"KUBECONFIG: names \S+/gone as {key}, which cannot be read \(No such file or directory\)"):
        of(kubeconfig)
    (tmp_path / "gone").write_bytes(b"x" * (LARGEST + 1))
    with pytest.raises(KubeconfigError, match="too large"):
        of(kubeconfig)


def test_a_folder_in_place_of_a_kubeconfig_is_told(tmp_path: Path) -> None:
    with pytest.raises(KubeconfigError, match=r"cannot be read \(Is a directory\)"):
        read_files([tmp_path], shown="KUBECONFIG")
    assert read_files([tmp_path / "gone"], shown="KUBECONFIG") is None
