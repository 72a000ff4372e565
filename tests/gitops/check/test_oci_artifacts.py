"""Artifacts with manifests, of a registry on loopback: fetched as source-controller fetches them, and judged as repositories are."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flux.release.docker_login import RegistryLogin
from gitops.check.fetch.clone import Checkout, NotFetchedError, Source
from gitops.check.fetch.fetching import Fetcher
from gitops.check.fetch.git_login import Access, Instead, registry_access
from gitops.check.fetch.git_process import Deadline
from gitops.check.fetch.oci_artifact import pulled
from stacks.contract.credentials.basic import BasicCredential
from stacks.contract.credentials.registry import RegistryCredential
from tests.flux.oci_server import Registry, serving

pytestmark = pytest.mark.usefixtures("nobodys_git")
PASSWORD = "hunter2-" + "password"
FILES = {
    "./deploy/a.yaml": "a: 1\n",
    "deploy/.github/b.yaml": "b: 1\n",
    "README.md": "",
    ".git/config": "",
    ".sourceignore": "docs/\n",
    "docs/c.yaml": "",
}


@pytest.fixture
def registry() -> Iterator[Registry]:
    with serving() as registry:
        yield registry


def checkout(registry: Registry, folder: Path, access: Access | None = None, **spec: Any) -> Checkout:
    url = f"oci://{registry.address}/fluxcd/flux-manifests"
    return pulled(
        Source(kind="OCIRepository", name="OCIRepository/it", url=url, spec={"url": url, **spec}, access=access or Access()), folder
    )


def test_files_in_directories_are_fetched_but_for_what_source_controller_leaves_out(registry: Registry, tmp_path: Path) -> None:
    digest = registry.add(FILES)
    registry.tag("latest", digest)

    found = checkout(registry, tmp_path / "out")

    assert f"sha256:{found.commit}" == digest
    assert sorted(found.tree.shipped) == [".sourceignore", "README.md", "deploy/.github/b.yaml", "deploy/a.yaml"]
    assert found.tree.text("deploy/a.yaml") == "a: 1\n"
    assert "docs/c.yaml" in found.tree.files


@pytest.mark.thorough
def test_tag_digest_and_layer_are_what_they_say(registry: Registry, tmp_path: Path) -> None:
    of_type = "application/vnd.test.layer"
    registry.tag("v1", registry.add({"one.yaml": ""}))
    two = registry.add({"two.yaml": ""}, of_type)
    registry.tag("v2", two)
    for index, (ref, selector, file) in enumerate(
        (
            ({"tag": "v1"}, {}, "one.yaml"),
            ({"tag": "v1", "digest": two}, {}, "two.yaml"),
            ({"tag": "v2"}, {"layerSelector": {"mediaType": of_type, "operation": "extract"}}, "two.yaml"),
        )
    ):
        assert list(checkout(registry, tmp_path / str(index), ref=ref, **selector).tree.files) == [file]  # type: ignore[arg-type]
    with pytest.raises(NotFetchedError, match="has no layer of type"):
        checkout(registry, tmp_path / "none", ref={"tag": "v1"}, layerSelector={"mediaType": of_type})


@pytest.mark.parametrize(
    "spec",
    [
        {"ref": {"semver": "1.x"}},
        {"ref": {"tag": "v1@sha256:0"}},
        {"ref": {"digest": "sha256:0"}},
        {"layerSelector": {"operation": "copy"}},
        {"provider": "aws"},
        {"certSecretRef": {"name": "ca"}},
        {"insecure": True},
    ],
    ids=str,
)
def test_what_only_the_cluster_can_do_is_a_warning(spec: dict[str, Any], registry: Registry, tmp_path: Path) -> None:
    url = f"oci://{registry.address}/fluxcd/flux-manifests"
    source = Source(kind="OCIRepository", name="OCIRepository/it", url=url, spec={"url": url, **spec}, access=Access())
    fetcher = Fetcher({"OCIRepository/it": source}, tmp_path, io.StringIO())

    assert fetcher(["OCIRepository/it"]) == {}
    assert [(each.rule, each.severity.value) for each in fetcher.findings] == [("not-checked", "warning")]
    assert registry.requests == []


def test_a_registry_that_says_no_is_told_in_a_sentence(registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(NotFetchedError, match=r"answered 404 for .*/fluxcd/flux-manifests:gone"):
        checkout(registry, tmp_path / "out", ref={"tag": "gone"})


def test_the_check_does_not_wait_for_a_registry_once_it_is_interrupted(registry: Registry, tmp_path: Path) -> None:
    deadline = Deadline(60)
    deadline.end()
    url = f"oci://{registry.address}/fluxcd/flux-manifests"

    with pytest.raises(NotFetchedError, match="was interrupted"):
        pulled(Source(kind="OCIRepository", name="it", url=url, spec={"url": url}, access=Access()), tmp_path / "out", deadline)


def test_the_login_of_the_stack_is_for_its_own_registry_alone() -> None:
    credential = RegistryCredential(type="registry", server="registry.test:5000", username="flux")
    hub = RegistryCredential(type="registry", server="https://index.docker.io/v1/", username="flux")
    login = RegistryLogin(username="flux", password=PASSWORD)

    assert registry_access("oci://registry.test:5000/a/b", credential, lambda _: PASSWORD).registry == login
    assert registry_access("oci://docker.io/a/b", hub, lambda _: PASSWORD).registry == login
    for url in (
        "oci://registry.test/a",
        "oci://evil.test/a",
        "oci://registry.test:5000.evil.test/a",
        "oci://registry.test:5000@evil.test/a",
    ):
        assert registry_access(url, credential, lambda _: PASSWORD) == Access()
    assert registry_access("oci://registry.test:5000/a", BasicCredential(type="basic", username="x"), lambda _: PASSWORD) == Access()
    assert registry_access("oci://registry.test:5000/a", credential, lambda _: None) == Access(instead=Instead.NOT_SET)
    assert PASSWORD not in repr(registry_access("oci://registry.test:5000/a", credential, lambda _: PASSWORD))
