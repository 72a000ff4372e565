"""Flux's manifests out of a registry: by digest, or not at all."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from flux.errors import FluxInputError
from flux.release import artifact
from flux.release.artifact import pull_manifests
from flux.release.artifact_reference import ArtifactReference, parse_reference
from flux.release.oci_registry import is_on_this_machine
from tests.flux.oci_server import IMAGE_INDEX, Registry, digest_of, serving, tarball

FILES = {"source-controller.yaml": "kind: Deployment\n", "rbac.yaml": "kind: ClusterRole\n"}


@pytest.fixture(name="registry")
def _registry() -> Iterator[Registry]:
    with serving() as registry:
        yield registry


def reference(registry: Registry, digest: str) -> ArtifactReference:
    return parse_reference(f"{registry.address}/fluxcd/flux-manifests:v2.9.4@{digest}")


def kept(cache: Path) -> set[str]:
    """What is in the cache, by the digest of what is really there."""
    return {digest_of(path.read_bytes()) for path in cache.rglob("*") if path.is_file()}


def is_true_to_its_names(cache: Path) -> bool:
    return all(path.name == digest_of(path.read_bytes()).replace(":", "-") for path in cache.rglob("*") if path.is_file())


def test_an_artifact_is_pulled_verified_and_unpacked(registry: Registry, tmp_path: Path) -> None:
    files = pull_manifests(reference(registry, registry.add(FILES)), tmp_path)

    assert {name: content.decode() for name, content in files.items()} == FILES


def test_the_second_time_nothing_is_asked_of_the_registry(tmp_path: Path) -> None:
    with serving() as registry:
        wanted = reference(registry, registry.add(FILES))
        first = pull_manifests(wanted, tmp_path)

    assert pull_manifests(wanted, tmp_path) == first


def test_a_tag_without_a_digest_is_looked_up_every_time_and_its_files_are_kept_by_digest(registry: Registry, tmp_path: Path) -> None:
    by_tag = parse_reference(f"{registry.address}/fluxcd/flux-manifests:v2.9.4")
    registry.tag("v2.9.4", registry.add(FILES))
    first = pull_manifests(by_tag, tmp_path)
    registry.requests.clear()

    assert pull_manifests(by_tag, tmp_path) == first
    assert {path.rpartition("/")[2] for path in registry.requests} == {"v2.9.4"}

    registry.tag("v2.9.4", registry.add({"moved.yaml": "kind: Deployment\n"}))
    assert list(pull_manifests(by_tag, tmp_path)) == ["moved.yaml"]
    assert set(first) == set(FILES)


def test_a_tag_that_leads_to_an_index_is_pulled_with_a_token_too(registry: Registry, tmp_path: Path) -> None:
    registry.token = "anonymous"
    registry.tag("v2.9.4", registry.add_manifest({"mediaType": IMAGE_INDEX, "manifests": [{"digest": registry.add(FILES)}]}))

    assert pull_manifests(parse_reference(f"{registry.address}/fluxcd/flux-manifests:v2.9.4"), tmp_path)


def test_a_tag_that_is_not_there_is_told_and_nothing_is_taken_from_the_cache(registry: Registry, tmp_path: Path) -> None:
    pull_manifests(reference(registry, registry.add(FILES)), tmp_path)

    with pytest.raises(FluxInputError, match=r"answered 404 for [^ ]*flux-manifests:v2\.9\.4\. .*Check name, tag"):
        pull_manifests(parse_reference(f"{registry.address}/fluxcd/flux-manifests:v2.9.4"), tmp_path)


def test_an_index_leads_to_its_manifest(registry: Registry, tmp_path: Path) -> None:
    inner = registry.add(FILES)
    index = registry.add_manifest({"mediaType": IMAGE_INDEX, "manifests": [{"digest": inner}]})

    assert set(pull_manifests(reference(registry, index), tmp_path)) == set(FILES)


def test_an_anonymous_token_is_fetched_where_the_registry_wants_one(registry: Registry, tmp_path: Path) -> None:
    registry.token = "anonymous"

    assert pull_manifests(reference(registry, registry.add(FILES)), tmp_path)
    assert any(path.startswith("/token?") and "service=test" in path for path in registry.requests)


def test_another_manifest_than_the_digest_says_is_refused(registry: Registry, tmp_path: Path) -> None:
    wanted = reference(registry, registry.add(FILES))
    registry.swap("manifests", b'{"layers": []}')

    with pytest.raises(FluxInputError, match=rf"sent sha256:[0-9a-f]+ for {wanted.digest} .*It was not installed.*write the new digest"):
        pull_manifests(wanted, tmp_path)
    assert kept(tmp_path) == set()


def test_another_layer_than_the_manifest_says_is_refused(registry: Registry, tmp_path: Path) -> None:
    wanted = reference(registry, registry.add(FILES))
    registry.swap("blobs", tarball({"source-controller.yaml": "kind: Evil\n"}))

    with pytest.raises(FluxInputError, match="It was not installed"):
        pull_manifests(wanted, tmp_path)
    assert kept(tmp_path) == {wanted.digest}


def test_an_artifact_that_is_not_there_is_told_with_the_registrys_answer(registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(FluxInputError, match=r"answered 404 for .*flux-manifests:v2\.9\.4@sha256:"):
        pull_manifests(reference(registry, digest_of(b"nothing")), tmp_path)
    assert kept(tmp_path) == set()


def test_an_artifact_of_something_else_is_refused(registry: Registry, tmp_path: Path) -> None:
    wanted = reference(registry, registry.add(FILES, media_type="application/vnd.oci.image.layer.v1.tar+gzip"))

    with pytest.raises(FluxInputError, match="is not a Flux artifact"):
        pull_manifests(wanted, tmp_path)


def test_a_registry_that_cannot_be_reached_is_told_with_what_to_do(tmp_path: Path) -> None:
    with serving() as registry:
        wanted = reference(registry, registry.add(FILES))

    with pytest.raises(FluxInputError, match=r"cannot be reached \(ConnectError\).*name a mirror or a directory"):
        pull_manifests(wanted, tmp_path)
    assert kept(tmp_path) == set()


def test_a_layer_that_is_too_large_is_not_read_to_its_end(registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artifact, "LARGEST_LAYER_BYTES", 1000)
    wanted = reference(registry, registry.add_layer(b"x" * 2000))

    with pytest.raises(FluxInputError, match="larger than 1000 bytes"):
        pull_manifests(wanted, tmp_path)


def test_a_tarball_cannot_write_outside_its_directory(registry: Registry, tmp_path: Path) -> None:
    wanted = reference(registry, registry.add({"../../escaped.yaml": "kind: Deployment\n"}))

    with pytest.raises(FluxInputError, match="cannot be unpacked: it holds a file whose name leads into a directory"):
        pull_manifests(wanted, tmp_path / "cache")
    assert is_true_to_its_names(tmp_path)
    assert not list(tmp_path.rglob("escaped.yaml"))


@pytest.mark.parametrize("layer", [b"no gzip", tarball(FILES)[:60]], ids=["not gzip", "cut off"])
def test_a_layer_that_is_no_tarball_is_told_plainly(registry: Registry, tmp_path: Path, layer: bytes) -> None:
    with pytest.raises(FluxInputError, match=r"cannot be unpacked: it is (not compressed with gzip|cut off)"):
        pull_manifests(reference(registry, registry.add_layer(layer)), tmp_path)


@pytest.mark.parametrize(
    "manifest", [b"no JSON", b"[]", b'{"layers": [{}]}', b'{"manifests": []}'], ids=["no JSON", "a list", "empty layer", "empty index"]
)
def test_a_manifest_that_is_none_is_told_plainly(registry: Registry, tmp_path: Path, manifest: bytes) -> None:
    with pytest.raises(FluxInputError, match=r"is not an OCI manifest|is not a Flux artifact"):
        pull_manifests(reference(registry, registry.add_manifest(manifest)), tmp_path)


DIGEST = digest_of(b"x")


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        (f"ghcr.io/fluxcd/flux-manifests:v2.9.4@{DIGEST}", ("ghcr.io", "fluxcd/flux-manifests", "v2.9.4")),
        (f"oci://ghcr.io/fluxcd/flux-manifests:v2.9.4@{DIGEST}", ("ghcr.io", "fluxcd/flux-manifests", "v2.9.4")),
        (f"127.0.0.1:3000/org/flux@{DIGEST}", ("127.0.0.1:3000", "org/flux", None)),
    ],
)
def test_a_reference_is_parsed(text: str, parsed: tuple[str, str, str | None]) -> None:
    found = parse_reference(text)

    assert (found.registry, found.repository, found.tag) == parsed
    assert found.digest == DIGEST
    assert str(found) == text.removeprefix("oci://")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ghcr.io/fluxcd/flux-manifests", "has neither a tag nor a digest. It would be unclear which Flux to install"),
        (f"user:password@ghcr.io/fluxcd/x@{DIGEST}", "neither a directory nor an OCI artifact"),
        ("flux-manifests", "neither a directory nor an OCI artifact"),
        (f"ghcr.io/Fluxcd/x@{DIGEST}", "neither a directory nor an OCI artifact"),
        ("ghcr.io/fluxcd/x:v1@sha256:abc", "neither a directory nor an OCI artifact"),
        ("", "neither a directory nor an OCI artifact"),
    ],
)
def test_a_reference_that_names_nothing_is_refused(text: str, message: str) -> None:
    with pytest.raises(FluxInputError, match=message) as caught:
        parse_reference(text)
    assert "password" not in str(caught.value)


@pytest.mark.parametrize(("tag", "version"), [("v2.9.4", "v2.9.4"), ("v2.10.0-rc.1", "v2.10.0-rc.1"), ("latest", None), ("v2", None)])
def test_a_tag_names_a_version_or_none(tag: str, version: str | None) -> None:
    assert parse_reference(f"ghcr.io/fluxcd/flux-manifests:{tag}").version == version
    assert parse_reference(f"ghcr.io/fluxcd/flux-manifests@{DIGEST}").version is None


@pytest.mark.parametrize(
    ("registry", "loopback"),
    [("127.0.0.1:5000", True), ("localhost:5000", True), ("[::1]:5000", True), ("ghcr.io", False), ("10.0.0.1", False)],
)
def test_only_loopback_is_spoken_to_without_tls(registry: str, loopback: bool) -> None:
    assert is_on_this_machine(registry) is loopback
