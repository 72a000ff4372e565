"""Encrypting with the real sops: only for the recipients, and only the values."""

import subprocess
import sys
from pathlib import Path

import pyrage
import pytest
import yaml

from devcluster.gitea.encrypted_files import APP_SECRET, encrypt, recipients_of
from devcluster.messages.errors import DevclusterError
from flux.keys.sops_creation_rules import sops_config

SECRET = "plain-" + "value"
PLAIN = yaml.safe_dump({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "it"}, "stringData": {"key": SECRET}}).encode()


@pytest.fixture(scope="module")
def identity() -> pyrage.x25519.Identity:
    return pyrage.x25519.Identity.generate()


@pytest.fixture(scope="module")
def rules(identity: pyrage.x25519.Identity) -> bytes:
    return sops_config([str(identity.to_public())]).encode()


@pytest.mark.thorough
def test_only_the_values_are_encrypted(rules: bytes, identity: pyrage.x25519.Identity) -> None:
    encrypted = encrypt(APP_SECRET, PLAIN, rules)
    assert SECRET.encode() not in encrypted
    body = yaml.safe_load(encrypted)
    assert (body["kind"], body["metadata"]) == ("Secret", {"name": "it"}), "Flux must be able to tell what it is"
    assert recipients_of(encrypted) == {str(identity.to_public())}


@pytest.mark.thorough
def test_the_key_of_the_recipient_opens_it(rules: bytes, identity: pyrage.x25519.Identity, tmp_path: Path) -> None:
    file, key = tmp_path / "it.sops.yaml", tmp_path / "key"
    file.write_bytes(encrypt(APP_SECRET, PLAIN, rules))
    key.write_text(str(identity))
    sops = Path(sys.prefix) / "bin" / "sops"
    done = subprocess.run(
        [sops, "decrypt", file], env={"SOPS_AGE_KEY_FILE": str(key), "HOME": str(tmp_path)}, capture_output=True, check=True
    )
    assert yaml.safe_load(done.stdout)["stringData"] == {"key": SECRET}


@pytest.mark.thorough
def test_a_path_that_no_rule_covers_is_an_error_and_not_a_plain_file(rules: bytes) -> None:
    with pytest.raises(DevclusterError, match=r"sops could not encrypt kubernetes/secrets\.yaml") as told:
        encrypt("kubernetes/secrets.yaml", PLAIN, rules)
    assert SECRET not in str(told.value)


def test_what_is_no_sops_file_has_no_recipients() -> None:
    for content in (b"", b"a: 1", b"sops: {age: 3}", b": : :", PLAIN):
        assert recipients_of(content) == set()
