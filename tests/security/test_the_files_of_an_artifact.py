"""What the author of an artifact with manifests tries with `gitops check`, which unpacks it."""

import tarfile
import tracemalloc
from pathlib import Path

import pytest

from flux.release.tarball import LARGEST_TREE_BYTES, MOST_FILES_OF_A_TREE, TarballError, tree_files
from gitops.check.fetch.clone import NotFetchedError, Source
from gitops.check.fetch.git_login import Access
from gitops.check.fetch.oci_artifact import pulled
from tests.flux.oci_server import Registry
from tests.security.test_the_layer_of_an_artifact import member, packed

REFUSED = {
    "the directory above": [member("../a.yaml")],
    "the directory above, within": [member("a/../../b.yaml")],
    "an absolute path": [member("/etc/a.yaml")],
    "a double slash": [member("a//etc/a.yaml")],
    "a backslash": [member("..\\a.yaml")],
    "no name": [member("./")],
    "the same file twice": [member("a.yaml"), member("a.yaml", b"kind: B\n")],
    "the same file twice, once with a dot": [member("a/a.yaml"), member("./a/a.yaml")],
    "a file that is a directory, too": [member("a"), member("a/b.yaml")],
    "an endless name": [member("a/" * 600 + "a.yaml")],
    "too many files": [member(f"{number}.yaml", b"") for number in range(MOST_FILES_OF_A_TREE + 1)],
}
LEFT_OUT = {
    "a link": [member("a.yaml", kind=tarfile.SYMTYPE, target="/etc/passwd")],
    "a hard link": [member("b.yaml", kind=tarfile.LNKTYPE, target="/etc/passwd")],
    "a device": [member("a.yaml", kind=tarfile.CHRTYPE)],
    "a pipe": [member("a.yaml", kind=tarfile.FIFOTYPE)],
    "a directory": [member("sub", kind=tarfile.DIRTYPE)],
}


@pytest.mark.parametrize("attack", REFUSED)
def test_an_artifact_holds_what_leads_out_or_never_ends(attack: str) -> None:
    with pytest.raises(TarballError):
        tree_files(packed(*REFUSED[attack]))


@pytest.mark.parametrize("attack", LEFT_OUT)
def test_an_artifact_holds_something_else_than_files(attack: str) -> None:
    assert list(tree_files(packed(*LEFT_OUT[attack], member("kept/x.yaml")))) == ["kept/x.yaml"]


def test_a_file_follows_no_link_that_was_before_it() -> None:
    chain = [member("a", kind=tarfile.SYMTYPE, target="/etc"), member("a/escaped.yaml")]

    assert list(tree_files(packed(*chain))) == ["a/escaped.yaml"], "the link is left out, so that `a` is a directory"


@pytest.mark.thorough
def test_an_artifact_is_a_bomb() -> None:
    layer = packed(member("a.yaml", bytes(LARGEST_TREE_BYTES + 1)))

    tracemalloc.start()
    try:
        with pytest.raises(TarballError, match="larger than"):
            tree_files(layer)
        assert tracemalloc.get_traced_memory()[1] < 3 * LARGEST_TREE_BYTES
    finally:
        tracemalloc.stop()


def test_a_registry_sends_another_layer_than_the_manifest_names(registry: Registry, tmp_path: Path) -> None:
    registry.tag("latest", registry.add({"a.yaml": ""}))
    registry.swap("blobs", b"something else")
    url = f"oci://{registry.address}/fluxcd/flux-manifests"

    with pytest.raises(NotFetchedError, match="sent sha256:"):
        pulled(Source(kind="OCIRepository", name="it", url=url, spec={"url": url}, access=Access()), tmp_path / "out")
    assert not (tmp_path / "out").exists()
