"""What is said of secrets in a stack file: which credential has one, where it is sent, and what a wrong value stops; never a value."""

from pathlib import Path

import pytest

from tests.gitops.compare.kinds_of_change import Edit, Kind, sealed, with_secrets
from tests.gitops.compare.test_kinds_of_change import comparison_of


def decided(edit: Edit, tmp_path: Path) -> str:
    found = comparison_of(Kind(before={"production": with_secrets(sealed())}, stack=(edit,)), tmp_path)
    return "\n".join(each.text.plain for each in found.decisions)


def test_a_password_that_becomes_a_key_is_sent_to_the_server_of_its_credential(tmp_path: Path) -> None:
    assert decided(sealed(password="cipher-B"), tmp_path) == (
        "The password of credential gitea-read becomes the private age key 2026-11. With the next pulumi up, Flux sends it to "
        "https://git.test, whose operator can then decrypt everything that is encrypted for that key. The login then most likely fails"
    )


def test_a_private_ssh_key_is_never_sent(tmp_path: Path) -> None:
    assert decided(sealed(identity="cipher-B"), tmp_path) == (
        "The identity of credential deploy becomes the private age key 2026-11. "
        "Anyone who can read Secret deploy in the cluster can then decrypt everything that is encrypted for that key"
    )


def test_the_secret_of_a_new_credential_replaces_no_variable(tmp_path: Path) -> None:
    new = sealed(more='  gitops:other-password: {secure: "v1:cipher-F"}\n')
    credential = ("    deploy: {type: ssh}\n", "    deploy: {type: ssh}\n    other: {type: basic, username: flux}\n")
    kind = Kind(before={"production": with_secrets(sealed())}, stack=(new, credential))
    found = comparison_of(kind, tmp_path)

    said = {each.names: each.what.plain for each in found.changes if each.kind == "secret"}
    assert said == {("other-password",): "is new, encrypted in the stack file"}
    assert not found.decisions


def test_the_identity_of_a_key_that_goes_is_asked_of_nobody(tmp_path: Path) -> None:
    with_key = sealed(more='  gitops:age-2026-05: {secure: "v1:cipher-F"}\n')
    edits = (sealed(), ('"2026-05": supplied, ', ""))
    goes = Kind(before={"production": with_secrets(with_key)}, stack=edits)
    said = {each.names: each.what.plain for each in comparison_of(goes, tmp_path).changes if each.kind == "secret"}
    assert said == {("age-2026-05",): "is no longer in the stack file, and nothing uses it any more"}


def test_what_a_wrong_value_stops_is_named(tmp_path: Path) -> None:
    text = decided(sealed(password="cipher-D", identity="cipher-E"), tmp_path)

    assert "The password of credential gitea-read, which is sent to https://git.test, has been re-encrypted. Whether its value" in text
    assert "If it is wrong, Flux can no longer fetch GitRepositories apps, models\n" in text
    assert "The identity of credential deploy has been re-encrypted." in text
    assert text.endswith("If it is wrong, Flux can no longer fetch GitRepository infra")


@pytest.mark.parametrize(
    ("provider", "shown"),
    [
        ("awskms://alias/a?awssdk=v2&profile=somebody", "encrypted with awskms://alias/a instead of a passphrase. "),
        ("hashivault://a", "encrypted with hashivault://a instead of a passphrase. "),
    ],
)
def test_another_provider_is_named_without_its_options(provider: str, shown: str, tmp_path: Path) -> None:
    text = decided(("config:\n", f"secretsprovider: {provider}\n{sealed()[1]}"), tmp_path)

    assert shown in text
    assert "somebody" not in text


def test_another_salt_without_another_ciphertext_is_said_as_that(tmp_path: Path) -> None:
    text = decided(sealed(salt="salt-B"), tmp_path)

    assert text == "encryptionsalt changes, as with a new passphrase, but no secret is re-encrypted: pulumi up cannot decrypt them"
