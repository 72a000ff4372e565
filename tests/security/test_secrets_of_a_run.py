"""What a run reads as a secret it never repeats, even where nothing but the reading tells that it is one."""

import base64
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace

import pytest

from flux.known_secrets import KnownSecrets, masked, secrets_of_this_run
from flux.release.docker_login import docker_login
from gitops.check.fetch.git_login import secret_reader
from gitops.check.follow.built_object import BuiltObject
from gitops.check.keys import cluster_keys
from gitops.cli import main
from gitops.compare.effect.applied_objects import AppliedObject, object_id
from gitops.doctor.parallel import at_once
from gitops.errors import CommandError
from gitops.forges.client import usable_token
from gitops.pulumi_cli import StackName
from gitops.secrets_at_hand import secrets_at_hand
from gitops.terminal import print_json, print_lines, rewrite_line
from live.access.embedding import with_files
from live.access.kubeconfig import User
from live.access.kubeconfig_parser import parse
from tests.engine import attempt, entry_point, run
from tests.flux.test_known_secrets import KEY
from tests.gitops.api_server import FakeApiServer, serving, write_kubeconfig
from tests.gitops.flux_objects import condition, controller, flux_object
from tests.shipped_stacks import READ_PASSWORD, dev, shipped

WEAK = "correct " + "horse"
BARE = "correct" + "horse"
"""As `WEAK`, where a blank is refused."""


def docker(folder: Path) -> None:
    file = folder / "config.json"
    file.write_text(json.dumps({"auths": {"ghcr.io": {"auth": base64.b64encode(f"me:{WEAK}".encode()).decode()}}}))
    assert docker_login("ghcr.io", file) is not None


def credential_helper(folder: Path) -> None:
    file = folder / "config.json"
    file.write_text(json.dumps({"auths": {"ghcr.io": {"identitytoken": WEAK}}}))
    assert docker_login("ghcr.io", file) is not None


def credential_of_git(folder: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GITOPS_SECRET_A_PASSWORD", WEAK)
        assert secret_reader("dev", frozenset(), lambda _: "GITOPS_SECRET_A_PASSWORD", folder)("a-password") == WEAK


def token_of_a_forge(_: Path) -> None:
    usable_token(BARE, "GITEA_TOKEN", "", "")


def user(**fields: object) -> Callable[[Path], None]:
    def read(_: Path) -> None:
        parse(
            json.dumps({"users": [{"name": "a", "user": {key.replace("_", "-"): value for key, value in fields.items()}}]}), shown="config"
        )

    return read


def token_file(folder: Path) -> None:
    (folder / "token").write_text(f"{WEAK}\n")
    with_files(User(name="a", fields={"tokenFile": "token"}, folder=folder), "config")


def client_key_file(folder: Path) -> None:
    (folder / "key.pem").write_text(WEAK)
    with_files(User(name="a", fields={"client-key": "key.pem"}, folder=folder), "config")


READ = {
    "Docker's password": docker,
    "Docker's identity token": credential_helper,
    "a credential for git": credential_of_git,
    "a forge's token": token_of_a_forge,
    "a kubeconfig's token": user(token=WEAK),
    "a kubeconfig's password": user(password=WEAK),
    "a kubeconfig's key": user(client_key_data=base64.b64encode(WEAK.encode()).decode()),
    "an auth provider's token": user(auth_provider={"name": "oidc", "config": {"refresh-token": WEAK}}),
    "an exec plugin's variable": user(exec={"command": "a", "env": [{"name": "AWS_SECRET_ACCESS_KEY", "value": WEAK}]}),
    "a token in a file": token_file,
    "a key in a file": client_key_file,
}


@pytest.mark.parametrize("read", READ.values(), ids=READ)
def test_what_is_read_as_a_secret_is_known_to_the_run_and_to_no_later_one(read: Callable[[Path], None], tmp_path: Path) -> None:
    with secrets_of_this_run():
        read(tmp_path)
        assert masked(WEAK) != WEAK or masked(BARE) != BARE

    assert masked(WEAK) == WEAK
    assert masked(BARE) == BARE


@pytest.mark.harmless
def test_names_in_a_kubeconfig_are_no_secrets() -> None:
    with secrets_of_this_run() as known:
        user(username="administrator", exec={"command": "aws-iam-authenticator", "args": ["--cluster", "my-cluster"]})(Path())
        assert known.masked("administrator aws-iam-authenticator my-cluster") == "administrator aws-iam-authenticator my-cluster"


def test_a_secret_read_in_a_look_of_the_doctor_is_known_to_its_run() -> None:
    with secrets_of_this_run():
        at_once({"a": lambda: usable_token(BARE, "GITEA_TOKEN", "", "")}, 5)
        assert masked(BARE) == "***"


def test_an_identity_in_the_environment_is_known_when_recipients_are_compared(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GITOPS_SECRET_AGE_A", WEAK)
    stack = SimpleNamespace(age=SimpleNamespace(keys={"a": None}, recipients=[]))

    with secrets_of_this_run():
        with pytest.raises(CommandError):
            cluster_keys(stack, StackName("dev"), {}, (), tmp_path)  # type: ignore[arg-type]
        assert masked(WEAK) == "***"


def test_a_command_knows_the_secrets_of_its_environment() -> None:
    environment: Mapping[str, str] = {
        "GITOPS_SECRET_A": "first-secret",
        "GITEA_TOKEN": "second-secret",
        "GH_TOKEN": "third-secret",
        "AWS_SECRET_ACCESS_KEY": "fourth-secret",
        "GITOPS_SECRET_KUBECONFIG": "current-context: a",
        "PULUMI_CONFIG_PASSPHRASE": "gitops-demo",
        "PWD": "/home/ana",
        "OLDPWD": "/home",
        "GITEA_URL": "https://git.example.org",
    }

    assert set(secrets_at_hand(environment)) == {"first-secret", "second-secret", "third-secret", "fourth-secret"}


def test_what_a_command_prints_is_masked_on_every_way(capsys: pytest.CaptureFixture[str]) -> None:
    with secrets_of_this_run() as known:
        known.add(WEAK)
        print_lines(f"said {WEAK}")
        rewrite_line(f"said {WEAK}", sys.stderr)
        print_json({"said": [WEAK, {"again": f"a {WEAK}", "number": 1}], "missing": None})
    out, err = capsys.readouterr()

    assert WEAK not in out + err
    assert (out + err).count("***") == 4
    assert json.loads(out.partition("\n")[2]) == {"said": ["***", {"again": "a ***", "number": 1}], "missing": None}


@pytest.mark.parametrize("form", ["table", "json"])
def test_a_controller_that_repeats_a_secret_of_the_environment_is_not_repeated(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = condition("Ready", "False", "Failed", f"cannot clone: user flux with {WEAK} refused")
    with serving(FakeApiServer(objects=[flux_object("GitRepository", "apps", said), controller("source-controller")])) as server:
        monkeypatch.setenv("KUBECONFIG", str(write_kubeconfig(tmp_path / "config", server.url)))
        monkeypatch.setenv("GITOPS_SECRET_APPS_PASSWORD", WEAK)
        monkeypatch.setattr(sys, "argv", ["gitops", "status", "--output", form])
        with pytest.raises(SystemExit):
            main()
    out, err = capsys.readouterr()

    assert "with *** refused" in out
    assert WEAK not in out + err
    assert masked(WEAK) == WEAK, "the secrets of a command are known when it has ended"


@pytest.mark.parametrize("preview", [True, False])
def test_a_secret_written_where_a_message_quotes_it_is_not_repeated_by_the_program(preview: bool, tmp_path: Path) -> None:
    cluster = {**shipped("dev")["gitops:cluster"], "context": BARE}
    around = dev(tmp_path, config={"gitops:cluster": cluster}, environment={READ_PASSWORD: BARE}) | {"preview": preview}

    record = attempt(entry_point(), **around)

    assert "has no context ***" in record.errors
    assert BARE not in record.errors_as_shown + record.printed + str(record.log)
    assert masked(BARE) == BARE


def test_a_run_of_the_program_keeps_no_secret(tmp_path: Path) -> None:
    run(entry_point(), **dev(tmp_path))

    assert masked("a password made for this test") == "a password made for this test"


def test_a_whole_kubeconfig_as_a_secret_masks_its_secrets_and_not_its_lines(tmp_path: Path) -> None:
    assert KnownSecrets(KEY).masked("current-context: a-long-name") == "current-context: a-long-name"
    text = json.dumps({"current-context": "another-context", "users": [{"name": "a", "user": {"token": BARE}}]}, indent=1)
    cluster = {**shipped("dev")["gitops:cluster"], "kubeconfig": "secret", "context": BARE}

    record = attempt(entry_point(), **dev(tmp_path, config={"gitops:cluster": cluster}, environment={"GITOPS_SECRET_KUBECONFIG": text}))

    assert "has no context ***" in record.errors


def test_no_repr_of_an_object_of_a_repository_shows_what_is_in_it() -> None:
    """One may be a Secret in plain text, and a traceback shows what it was about."""
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}, "stringData": {"password": "hunter2-marker"}}

    built = BuiltObject(body=secret, file="a.yaml", line=1)
    applied = AppliedObject(which=object_id(secret), body=secret, repository="a", file="a.yaml", line=1)

    assert "hunter2-marker" not in repr(built) + repr(applied)
