"""`flux.verify` in a whole run: what is verified is what is installed, in previews and in `up`; and what is not verified says so."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from stacks.inputs import project_directory
from stacks.offline import load_settings_offline
from tests.engine import REPOSITORY, attempt, entry_point, run
from tests.flux.oci_server import Registry, digest_of, serving
from tests.flux.private_sigstore import ISSUER, SUBJECT, PrivateSigstore
from tests.flux.signed_artifacts import NAME, another_key, bundle_with_key, our_key, public_pem, put_referrers, sign_as_tag
from tests.manifests import manifests_directory
from tests.record import Record
from tests.shipped_stacks import CONTROLLERS, dev, small

Start = Callable[..., Record]
US = {"matchOIDCIdentity": [{"issuer": f"^{re.escape(ISSUER)}$", "subject": f"^{re.escape(SUBJECT)}$"}]}


@pytest.fixture(name="registry", scope="module")
def _registry() -> Iterator[Registry]:
    with serving() as registry:
        yield registry


@pytest.fixture(name="packed", scope="module")
def _packed(registry: Registry) -> dict[str, bytes]:
    """What the registry has of Flux's own manifests."""
    digest = registry.add({file.name: file.read_text(encoding="utf-8") for file in manifests_directory().glob("*.yaml")})
    registry.tag("v2.9.4", digest)
    return dict(registry.content)


@pytest.fixture(name="digest")
def _digest(registry: Registry, packed: dict[str, bytes]) -> str:
    """Of Flux's own manifests in the registry, without any signature."""
    registry.content.clear()
    registry.content.update(packed)
    registry.requests.clear()
    registry.token = None
    return digest_of(packed["manifests/v2.9.4"])


@pytest.fixture(name="started")
def _started(registry: Registry, digest: str, tmp_path: Path) -> Start:
    """Run the small stack with these keys in `flux.verify`; whatever is read beside the stack file is below `tmp_path`."""

    def started(verify: dict[str, Any], *, tag_only: bool = False, preview: bool = True, **environment: str) -> Record:
        manifests = f"{registry.address}/fluxcd/flux-manifests:v2.9.4{'' if tag_only else f'@{digest}'}"
        flux = {"manifests": manifests, "components": CONTROLLERS, "verify": verify}
        environment["GITOPS_CACHE"] = str(tmp_path / "cache")
        around = small(tmp_path, config={"gitops:flux": flux}, environment=environment, preview=preview)
        return attempt(entry_point(), **around)

    return started


def clone(folder: Path) -> Any:
    """Let the program read from `folder`, which then has the files of the dev stack."""
    for name in ("Pulumi.dev.yaml", "catalog.yaml"):
        (folder / name).write_text((REPOSITORY / name).read_text(encoding="utf-8"), encoding="utf-8")
    return patch.object(project_directory, "_chosen", folder)


def told(record: Record) -> list[str]:
    return [message.text for message in record.log if message.severity == "info"]


@pytest.mark.parametrize("preview", [True, False], ids=["preview", "up"])
def test_signed_manifests_are_installed_and_the_run_says_who_signed(preview: bool, started: Start, registry: Registry, digest: str) -> None:
    sign_as_tag(registry, digest, our_key())

    record = started({"key": public_pem(our_key())}, preview=preview)

    assert record.exception is None
    said = f"{registry.address}/fluxcd/flux-manifests:v2.9.4@{digest} is signed by the key in gitops:flux.verify.key; "
    assert record.exports["fluxVersion"] == "v2.9.4"
    assert f"{said}the signature calls it {NAME}." in told(record)


@pytest.mark.parametrize("preview", [True, False], ids=["preview", "up"])
def test_unsigned_manifests_are_installed_neither_by_a_preview_nor_by_up(
    preview: bool, started: Start, registry: Registry, digest: str
) -> None:
    record = started({"key": public_pem(our_key())}, preview=preview)

    assert record.exit_code == 32
    assert "gitops:flux.verify: finds no signature by cosign" in record.errors
    assert not [resource for resource in record.resources if resource.type.startswith("kubernetes:")]
    assert not [path for path in registry.requests if "/blobs/" in path], "nothing may be fetched that is not signed"


def test_manifests_in_the_cache_are_verified_as_well(started: Start, registry: Registry, digest: str) -> None:
    sign_as_tag(registry, digest, our_key())
    assert started({"key": public_pem(our_key())}).exception is None
    del registry.content[f"manifests/{digest.replace(':', '-')}.sig"]

    assert "finds no signature by cosign" in started({"key": public_pem(our_key())}).errors


def test_what_was_accepted_with_one_key_is_not_accepted_with_another(started: Start, registry: Registry, digest: str) -> None:
    sign_as_tag(registry, digest, our_key())
    assert started({"key": public_pem(our_key())}).exception is None

    assert "it was not made with this key" in started({"key": public_pem(another_key())}).errors


def test_a_tag_that_moves_after_the_signature_was_checked_moves_nothing(started: Start, registry: Registry, digest: str) -> None:
    """The tag is looked up once: the digest that it then has is verified, and is pulled."""
    sign_as_tag(registry, digest, our_key())
    moved = registry.add({"other.yaml": "kind: Deployment\n"})
    find, content = f"manifests/{digest.replace(':', '-')}.sig", registry.content

    class Moving(dict[str, bytes]):
        def get(self, path: str, default: Any = None) -> Any:
            if path == find:
                self["manifests/v2.9.4"] = self[f"manifests/{moved}"]
            return super().get(path, default)

    with patch.object(registry, "content", Moving(content)):
        record = started({"key": public_pem(our_key())}, tag_only=True)

        assert registry.content["manifests/v2.9.4"] == registry.content[f"manifests/{moved}"]
    assert record.exception is None
    assert record.exports["fluxVersion"] == "v2.9.4"


def test_a_tag_without_a_digest_is_refused_where_its_artifact_is_not_signed(started: Start, registry: Registry, digest: str) -> None:
    sign_as_tag(registry, digest, our_key())
    registry.tag("v2.9.4", registry.add({"other.yaml": "kind: Deployment\n"}))

    assert "finds no signature by cosign" in started({"key": public_pem(our_key())}, tag_only=True).errors


def test_a_key_in_a_file_of_the_clone(started: Start, registry: Registry, digest: str, tmp_path: Path) -> None:
    sign_as_tag(registry, digest, our_key())
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "cosign.pub").write_text(public_pem(our_key()))

    with clone(tmp_path):
        for written in ("keys/cosign.pub", "./keys/cosign.pub"):
            assert started({"key": written}).exception is None


def test_bundle_and_trusted_root_of_the_clone_need_nobody_else(started: Start, registry: Registry, digest: str, tmp_path: Path) -> None:
    sigstore = PrivateSigstore()
    (tmp_path / "checked").mkdir()
    (tmp_path / "checked" / "flux.sigstore.json").write_bytes(sigstore.bundle_of_artifact(sigstore.signer(), digest))
    sigstore.trusted_root(tmp_path / "checked" / "trusted_root.json")

    with clone(tmp_path):
        record = started({**US, "bundle": "checked/flux.sigstore.json", "trustedRoot": "checked/trusted_root.json"})

    assert record.exception is None
    assert any(f"is signed by {SUBJECT} (issuer {ISSUER})." in text for text in told(record))
    assert not [path for path in registry.requests if "sig" in path or "referrers" in path]


def test_a_bundle_with_a_key_is_read_of_the_clone(started: Start, digest: str, tmp_path: Path) -> None:
    (tmp_path / "flux.sigstore.json").write_bytes(bundle_with_key(our_key(), digest))

    with clone(tmp_path):
        assert started({"key": public_pem(our_key()), "bundle": "flux.sigstore.json"}).exception is None


@pytest.mark.parametrize("preview", [True, False], ids=["preview", "up"])
def test_an_offline_copy_is_for_previews_alone_and_says_that_nothing_was_verified(preview: bool, started: Start, tmp_path: Path) -> None:
    record = started({"key": public_pem(our_key())}, preview=preview, GITOPS_FLUX_MANIFESTS=str(manifests_directory()))

    warnings = [message.text for message in record.log if message.severity == "warning"]
    unchecked = [text for text in warnings if "digest and signature were not checked" in text]
    assert (len(unchecked), record.exception is None) == ((1, True) if preview else (0, False))


def test_commands_that_install_nothing_do_not_ask_for_the_signature(registry: Registry, digest: str, tmp_path: Path) -> None:
    with clone(tmp_path):
        file = tmp_path / "Pulumi.dev.yaml"
        text = file.read_text(encoding="utf-8").replace(
            "{env: GITOPS_DEV_FLUX_MANIFESTS}", f"{registry.address}/fluxcd/flux-manifests:v2.9.4@{digest}"
        )
        file.write_text(text.replace("    logLevel: info", "    logLevel: info\n    verify: {key: cosign.pub}"), encoding="utf-8")
        environment = {**dev(tmp_path)["environment"], "GITOPS_CACHE": str(tmp_path / "cache")}
        with patch.dict("os.environ", environment):
            assert load_settings_offline("dev").stack.flux.verify is not None

    assert not [path for path in registry.requests if path.endswith(".sig")]


def test_a_stack_without_verify_asks_for_no_signature(registry: Registry, digest: str, tmp_path: Path) -> None:
    manifests = f"{registry.address}/fluxcd/flux-manifests:v2.9.4@{digest}"
    environment, flux = {"GITOPS_CACHE": str(tmp_path / "cache")}, {"manifests": manifests}
    run(entry_point(), **small(tmp_path, config={"gitops:flux": flux}, environment=environment))
    assert not [path for path in registry.requests if path.endswith(".sig") or "referrers" in path]


# Files that a stack file names.


KEYS_OF_FILES: dict[str, dict[str, Any]] = {
    "key": {"key": "it"},
    "bundle": {"key": "-", "bundle": "it"},
    "trustedRoot": {**US, "trustedRoot": "it"},
}


@pytest.mark.parametrize("key", KEYS_OF_FILES)
@pytest.mark.parametrize("what", ["missing", "a directory", "a pipe", "a link outside", "a link inside a link", "too large"])
def test_a_file_that_cannot_be_read_is_named(key: str, what: str, started: Start, tmp_path: Path) -> None:
    file, outside = tmp_path / "it", tmp_path.parent / f"{tmp_path.name}-outside"
    outside.write_text("{}")
    if what == "a directory":
        file.mkdir()
    elif what == "a pipe":
        os.mkfifo(file)
    elif what == "a link outside":
        file.symlink_to(outside)
    elif what == "a link inside a link":
        (tmp_path / "there").symlink_to(tmp_path.parent)
        file.symlink_to(f"there/{outside.name}")
    elif what == "too large":
        file.write_text("{" + " " * 2 * 1024**2 + "}")
    verify = {name: public_pem(our_key()) if value == "-" else value for name, value in KEYS_OF_FILES[key].items()}

    with clone(tmp_path):
        errors = started(verify).errors

    assert f"gitops:flux.verify.{key}: names it, which " in errors
    wrong = {"missing": "cannot be read", "a directory": "not a regular", "a pipe": "not a regular", "too large": "is larger than"}
    assert wrong.get(what, "a link places outside this repository") in errors


@pytest.mark.parametrize("key", ["bundle", "trustedRoot"])
@pytest.mark.parametrize("content", [b"", b"[]", b"text", b"\xff", b"[" * 100_000])
def test_a_file_of_another_kind_is_named(key: str, content: bytes, started: Start, tmp_path: Path) -> None:
    (tmp_path / "it").write_bytes(content)

    with clone(tmp_path):
        errors = started({**US, key: "it"}).errors

    assert re.search(rf"gitops:flux\.verify\.{key}: names it, which is not (a bundle of Sigstore|Sigstore's trusted root)", errors)


def private_pem() -> str:
    return our_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def test_a_private_key_in_the_named_file_is_refused_and_not_repeated(started: Start, tmp_path: Path) -> None:
    private = private_pem()
    (tmp_path / "cosign.key").write_text(private)

    with clone(tmp_path):
        errors = started({"key": "cosign.key"}).errors
    assert "gitops:flux.verify.key: names cosign.key, which contains a private key" in errors
    assert private.splitlines()[1] not in errors


def test_a_private_key_in_the_stack_file_is_refused_and_not_repeated(started: Start) -> None:
    private = private_pem()

    errors = started({"key": private}).errors

    assert "gitops:flux.verify.key: contains a private key" in errors
    assert errors.count("gitops:flux.verify.key") == 1
    assert private.splitlines()[1] not in errors


def test_an_age_identity_in_the_place_of_a_file_is_refused_and_not_repeated(started: Start) -> None:
    identity = "AGE-SECRET-" + "KEY-1" + "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L" * 2

    errors = started({"key": identity[:74]}).errors

    assert errors.count("gitops:flux.verify.key: contains a private key") == 1
    assert errors.startswith("1 problem;")
    assert identity[:40] not in errors


def test_a_keyless_signature_among_the_referrers_is_accepted_in_a_run(
    started: Start, registry: Registry, digest: str, tmp_path: Path
) -> None:
    sigstore = PrivateSigstore()
    put_referrers(registry, digest, sigstore.bundle_of_artifact(sigstore.signer(), digest))
    sigstore.trusted_root(tmp_path / "trusted_root.json")

    with clone(tmp_path):
        assert started({**US, "trustedRoot": "trusted_root.json"}).exception is None
        attackers = {"matchOIDCIdentity": [{"issuer": US["matchOIDCIdentity"][0]["issuer"], "subject": r"^https://github\.com/other/.+$"}]}
        assert f"it was made by {SUBJECT} (issuer {ISSUER})" in started({**attackers, "trustedRoot": "trusted_root.json"}).errors
