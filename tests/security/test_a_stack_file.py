"""What the author of a pull request tries with a stack file, on the machine of whoever previews it."""

import base64
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flux.keys.age_identity import identity_from_seed
from flux.keys.key_services import fault_of_key_service
from flux.release.distribution import read_distribution
from gitops.check.record import HEADER, _write
from gitops.errors import CommandError
from stacks.contract.credentials.every_type import CREDENTIAL_TYPES
from stacks.reading.record_file import RecordFile
from stacks.words.disclosed_keys import written_secret
from stacks.words.problems import StackProblems, shown
from tests.fuzz.readers import READERS
from tests.keys import certificate, elliptic_key, host_key, pem, public_pem, ssh_key
from tests.manifests import manifests_directory, put_manifests
from tests.shipped_stacks import dev, reviewed, shipped
from tests.stacks.test_settings import mistake

IDENTITY = identity_from_seed("written by somebody")
PEM = pem(elliptic_key("written by somebody"))
TOKEN = "".join(("gh", "p_", "a1B2" * 9))
PRIVATE = {"PULUMI_CONFIG_PASSPHRASE": "hunter2-marker", "GITOPS_SECRET_ANY": "hunter2-marker", "GITEA_TOKEN": "hunter2-marker"}


@pytest.mark.parametrize("name", [*PRIVATE, "HOME", "GITOPS_DEV", "gitops_dev_x", "A\n0 errors", "\x1b[2J"])
def test_a_stack_file_prints_a_variable_of_whoever_previews_it(name: str, tmp_path: Path) -> None:
    variables = {**shipped("dev").get("gitops:variables", {}), "A": {"env": name}}
    around = dev(tmp_path, preview=True, config={"gitops:variables": variables}, environment=PRIVATE)

    text = mistake(around, markers=("hunter2-marker",))

    assert "gitops:variables.A: refers to " in text
    assert "is not read: its name does not begin with GITOPS_DEV_" in text
    assert "\x1b" not in text
    assert "\n0 errors" not in text


@pytest.mark.parametrize("value", [IDENTITY, PEM, TOKEN], ids=["age", "PEM", "token"])
def test_a_variable_that_may_be_read_holds_a_key(value: str, tmp_path: Path) -> None:
    around = dev(tmp_path, preview=True, config={"gitops:variables": {"A": {"env": "GITOPS_DEV_A"}}}, environment={"GITOPS_DEV_A": value})

    assert "gitops:variables.A: holds a" in mistake(around, markers=(value, value[20:40]))


OTHER_FORMS = {
    "PGP": "-----BEGIN PGP PRIVATE KEY BLOCK-----\nbWFkZSB1cA==\n-----END PGP PRIVATE KEY BLOCK-----",
    "PuTTY": "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nPrivate-Lines: 1\nbWFkZSB1cA==",
    "age in base64": base64.b64encode(IDENTITY.encode()).decode(),
    "age in lower case": IDENTITY.lower(),
    "PEM in base64": base64.b64encode(PEM.encode()).decode(),
    "the key of a kubeconfig": "client-key-data: " + base64.b64encode(PEM.replace("PRIVATE", "RSA PRIVATE").encode()).decode(),
    "OpenSSH in base64": base64.b64encode(ssh_key().encode()).decode(),
}
TOKENS_OF_OTHERS = {
    "GitLab, to deploy": ("gl", "dt-" + "abcDEF1234567890xyz_"),
    "GitLab's runner": ("gl", "rt-" + "abcDEF1234567890xyz_"),
    "Slack's app": ("xa", "pp-1-" + "A0123456789-1234567890"),
    "Vault": ("hv", "s." + "CAESIJ1234567890abcdefgh"),
    "Docker Hub": ("dckr", "_pat_" + "abcdefghijkl-12345678_"),
    "npm": ("np", "m_" + "a1B2" * 9),
    "Pulumi": ("pu", "l-" + "a1b2c3d4e5" * 4),
    "a JWT": ("ey", "JhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbmEifQxxxxxxxx.c2lnbmF0dXJlc2lnbmF0dXJl"),
}


@pytest.mark.parametrize("form", OTHER_FORMS)
def test_a_key_of_another_form_stands_in_plain_text_or_is_moved_under_the_name_of_a_password(form: str) -> None:
    value = OTHER_FORMS[form]
    assert "private key in plain text" in str(written_secret(f"x {value} y"))
    assert "is a private key" in str(fault_of_key_service("vault-token", value))
    for entry in secret_entries():
        told = entry.fault_of(value)
        assert told is not None
        assert "is a private key" in told.wrong
        assert value not in str(told)


@pytest.mark.parametrize("of", TOKENS_OF_OTHERS)
def test_a_token_of_another_form_stands_in_plain_text(of: str) -> None:
    value = "".join(TOKENS_OF_OTHERS[of])

    told = str(written_secret(f"x {value} y"))

    assert "access token in plain text" in told
    assert value not in told


@pytest.mark.harmless
def test_public_keys_and_certificates_in_base64_are_no_secrets() -> None:
    for public in (certificate(), host_key(), public_pem(elliptic_key("a"))):
        assert written_secret(f"{public} {base64.b64encode(public.encode()).decode()}") is None


PLACES: dict[str, Any] = {
    "variables": lambda text: {"gitops:variables": {"A": f"x {text} y"}},
    "a patch": lambda text: {"gitops:override": {"git/homelab-k8s2": {"spec": {"ignore": text}}}},
    "a label": lambda text: {"gitops:override": {"git/homelab-k8s2": {"annotations": {"a": text}}}},
    "a name": lambda text: {"gitops:override": {"git/homelab-k8s2": {"annotations": {text: "a"}}}},
}


@pytest.mark.parametrize("value", [IDENTITY, PEM, TOKEN], ids=["age", "PEM", "token"])
@pytest.mark.parametrize("place", PLACES)
def test_a_key_stands_in_plain_text(place: str, value: str) -> None:
    text = mistake(reviewed("production", config=PLACES[place](value)), markers=(value, value[20:40]))

    # As a name, a PEM is no annotation either, which is told instead.
    assert "in plain text" in text or (place, value) == ("a name", PEM)


BESIDE_VALUES: dict[str, tuple[str, Callable[[str, str], str]]] = {
    "another program's key": (
        "stack file",
        lambda file, secret: file.replace("  gitops:use:", f"  aws:a: {json.dumps(secret)}\n  gitops:use:"),
    ),
    "behind `secure`": ("stack file", lambda file, secret: file.replace("{secure: v1:shape-only}", f"{{secure: {json.dumps(secret)}}}", 1)),
    "beside config": ("stack file", lambda file, secret: f"{file}notes: {json.dumps(secret)}\n"),
    "a comment": ("stack file", lambda file, secret: f"# {secret!r}\n{file}"),
    "a comment of lines": ("stack file", lambda file, secret: file + "".join(f"# {line}\n" for line in secret.splitlines())),
    "a comment behind a value": ("stack file", lambda file, secret: file.replace("keepWorkloads", f"keepWorkloads # {secret!r}")),
    "a comment of the catalog": ("catalog", lambda file, secret: "".join(f"# {line}\n" for line in secret.splitlines()) + file),
}


@pytest.mark.parametrize("value", [IDENTITY, PEM, TOKEN], ids=["age", "PEM", "token"])
@pytest.mark.parametrize("place", BESIDE_VALUES)
def test_a_key_stands_in_plain_text_beside_what_is_read(place: str, value: str) -> None:
    reader, put = BESIDE_VALUES[place]
    example = READERS[reader].examples[0]
    text = put(example, value)
    assert text != example
    with READERS[reader].opened() as read:
        read(example)
        with pytest.raises(StackProblems) as caught:
            read(text)
    (problem,) = caught.value.problems
    line = next(number for number, each in enumerate(text.splitlines(), 1) if value.splitlines()[0] in each)
    assert (problem.where.line, "in plain text" in problem.message.wrong) == (line, True)
    assert value[20:40] not in shown(caught.value.problems)


@pytest.mark.harmless
def test_a_comment_explains_what_a_key_begins_with() -> None:
    with READERS["stack file"].opened() as read:
        read(f"# An identity begins with AGE-SECRET-KEY-1, a key with {PEM.splitlines()[0]}.\n{READERS['stack file'].examples[0]}")


# A ciphertext can be moved under the name of another secret: Pulumi binds it to the stack, not to its key.


def secret_entries() -> list[Any]:
    from stacks.contract.credentials.secret_entry import OfHosts, SecretEntry

    given: dict[str, dict[str, Any]] = {
        "BasicCredential": {"type": "basic", "username": "a"},
        "BearerCredential": {"type": "bearer"},
        "RegistryCredential": {"type": "registry", "server": "r.test", "username": "a"},
        "ProxyCredential": {"type": "proxy", "address": "http://p.test:1", "username": "a"},
        "SshCredential": {"type": "ssh", "passphrase": True},
    }
    made = [each.model_validate(given[each.__name__]) for each in CREDENTIAL_TYPES if each.__name__ in given]
    return [entry for each in made for entry in each.entries(OfHosts()) if isinstance(entry, SecretEntry) and entry.field != "identity"]


@pytest.mark.parametrize("entry", secret_entries(), ids=lambda entry: entry.field)
@pytest.mark.parametrize("value", [IDENTITY, f"# created: today\n{IDENTITY}\n", PEM], ids=["age", "file", "PEM"])
def test_a_private_key_is_moved_under_the_name_of_a_password(entry: Any, value: str) -> None:
    told = entry.fault_of(value)

    assert told is not None
    assert "is a private key" in told.wrong
    assert value not in str(told)


def test_a_private_key_is_moved_under_the_name_of_a_key_services_token() -> None:
    assert "is a private key" in str(fault_of_key_service("vault-token", IDENTITY))


# The record of `gitops check`.


@pytest.mark.parametrize(
    "path", ["Makefile", "../x.yaml", "/etc/x.yaml", "checked/../Makefile", "checked/a/b.yaml", "checked/.x.yaml", "checked/x.yml"]
)
def test_a_stack_file_lets_check_write_elsewhere(path: str) -> None:
    text = mistake(reviewed("production", config={"gitops:checkRecord": path}))

    assert "gitops:checkRecord: is not a file in checked/" in text


def record(folder: Path) -> RecordFile:
    return RecordFile(folder / "checked" / "homelab.yaml", "checked/homelab.yaml", within=folder / "checked")


@pytest.mark.parametrize("link", ["file", "directory"])
def test_the_record_is_a_link_to_a_shell_profile(link: str, tmp_path: Path) -> None:
    profile = tmp_path / "home" / "homelab.yaml"
    profile.parent.mkdir()
    profile.write_text("# Written by somebody else\n")
    file = record(tmp_path / "clone")
    file.path.parent.parent.mkdir()
    if link == "directory":
        file.path.parent.symlink_to(profile.parent)
    else:
        file.path.parent.mkdir()
        file.path.symlink_to(profile)

    with pytest.raises(CommandError, match="is a link"):
        _write(file, HEADER)
    assert profile.read_text() == "# Written by somebody else\n"


def test_the_record_would_replace_another_file(tmp_path: Path) -> None:
    file = record(tmp_path)
    file.path.parent.mkdir()
    file.path.write_text("kind: Secret\n")

    with pytest.raises(CommandError, match="is not a record of `gitops check`"):
        _write(file, HEADER)
    assert file.path.read_text() == "kind: Secret\n"


@pytest.mark.harmless
def test_a_record_is_written_anew_and_nothing_else_is_left(tmp_path: Path) -> None:
    _write(record(tmp_path), HEADER + "a\n")
    _write(record(tmp_path), HEADER + "b\n")

    assert [path.name for path in (tmp_path / "checked").iterdir()] == ["homelab.yaml"]
    assert record(tmp_path).path.read_text() == HEADER + "b\n"


# Flux's manifests.


def test_a_directory_is_named_like_the_pinned_artifact(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from stacks.choosing import installation
    from stacks.inputs import project_directory

    pinned = shipped("production")["gitops:flux"]["manifests"]
    put_manifests(tmp_path / pinned, manifests_directory())
    asked: list[str] = []

    def pull(reference: object, _cache: Path) -> dict[str, bytes]:
        asked.append(str(reference))
        return {file.name: file.read_bytes() for file in manifests_directory().glob("*.yaml")}

    monkeypatch.setattr(installation, "pull_manifests", pull)
    monkeypatch.setattr(project_directory, "_chosen", tmp_path)
    from stacks.contract.stack import Stack

    stack = Stack.model_validate(
        {"environment": "production", "cluster": {"name": "a", "context": "a"}, "flux": {"manifests": pinned}, "use": ["base"]}
    )
    installation._distribution(stack, None)

    assert asked == [pinned]


@pytest.mark.parametrize("what", ["the directory", "a file"])
def test_manifests_are_a_link_out_of_the_clone(what: str, tmp_path: Path) -> None:
    outside, clone = tmp_path / "outside" / "v2.9.4", tmp_path / "clone"
    put_manifests(outside, manifests_directory())
    clone.mkdir()
    if what == "the directory":
        (clone / "v2.9.4").symlink_to(outside)
    else:
        put_manifests(clone / "v2.9.4", manifests_directory())
        (clone / "v2.9.4" / "more.yaml").symlink_to(outside / "rbac.yaml")

    with pytest.raises(ValueError, match="which a link places outside this repository"):
        read_distribution(clone / "v2.9.4", inside=clone)
    assert read_distribution(outside, inside=tmp_path).version == "v2.9.4"


def test_a_file_of_manifests_is_a_pipe(tmp_path: Path) -> None:
    put_manifests(tmp_path / "v2.9.4", manifests_directory())
    os.mkfifo(tmp_path / "v2.9.4" / "more.yaml")

    with pytest.raises(ValueError, match="which is not a regular file"):
        read_distribution(tmp_path / "v2.9.4")
