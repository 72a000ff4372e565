"""docs/how-to/share-the-state.md and docs/runbooks/move-the-state.md: their commands, with the real engine and a real S3 server."""

import base64
import json
import os
import re
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.any_server import Answer, Request, any_server
from tests.e2e.s3_server import S3Server, s3_server
from tests.e2e.small_project import QUIET, SmallProject
from tests.engine import REPOSITORY

SHARE = (REPOSITORY / "docs" / "how-to" / "share-the-state.md").read_text(encoding="utf-8")
MOVE = (REPOSITORY / "docs" / "runbooks" / "move-the-state.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(?P<kind>sh|text|console)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES_ENDPOINT, PAGES_VAULT, BUCKET = "https://s3.lab.example", "https://vault.lab.example", "homelab-state"
FIRST, SECOND = ("-".join((word, "passphrase", "of", "a", "test")) for word in ("first", "second"))
TOKEN = "-".join(("the", "token", "of", "a", "test"))
STATE, LOCKS = ".pulumi/stacks/gitops/production.json", ".pulumi/locks/"
UP = ("gitops", "up", "--stack", "production", "--", *QUIET)


def commands(page: str, having: str) -> str:
    """The one block of a page that has these words; of a console, what is typed."""
    (found,) = (block for block in BLOCK.finditer(page) if having in block["text"])
    lines = found["text"].splitlines()
    return "\n".join(line.removeprefix("$ ") for line in lines if found["kind"] != "console" or line.startswith("$ "))


class Team:
    """A bucket, and two persons with the project."""

    def __init__(self, folder: Path, s3: S3Server) -> None:
        """The first person logs in as the page says, and applies the stack."""
        self.s3, self.held = s3, folder / "held"
        s3.new_bucket(BUCKET)
        variables = {**s3.login, "PULUMI_CONFIG_PASSPHRASE": FIRST}
        self.ana, self.ben = SmallProject(folder / "ana", variables), SmallProject(folder / "ben", variables)
        self.ana.shell(self.adapted(commands(SHARE, "AWS_SECRET_ACCESS_KEY=")))
        self.ana.run("pulumi", "config", "set", "--stack", "production", "--secret", "token", TOKEN)
        self.ana.run(*UP)
        self.before = self.ana.values()
        shutil.copy(self.ana.stack_file, self.ben.stack_file)
        login = commands(SHARE, "AWS_SECRET_ACCESS_KEY=").splitlines()[1]
        self.ben.shell(self.adapted(login))

    def adapted(self, script: str) -> str:
        """Commands of a page, for this server."""
        without_login = "\n".join(line for line in script.splitlines() if not line.startswith("export AWS_"))
        assert (PAGES_ENDPOINT in script) == ("s3://" in script)
        return without_login.replace(PAGES_ENDPOINT, self.s3.endpoint)

    def locks(self) -> list[str]:
        """What locks there are in the bucket."""
        return self.s3.objects(BUCKET, LOCKS)


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    folder = tmp_path_factory.mktemp("team")
    with s3_server(folder / "s3") as server:
        made = Team(folder, server)
        try:
            yield made
        finally:
            made.held.unlink(missing_ok=True)
            for person in (made.ana, made.ben):
                person.end_everything()


def test_the_variable_for_the_backend_names_the_one_of_the_login(team: Team) -> None:
    url = commands(SHARE, "PULUMI_BACKEND_URL=").partition("=")[2]
    assert f"pulumi login {url}\n" in commands(SHARE, "AWS_SECRET_ACCESS_KEY=")
    (credentials,) = team.ana.folder.parent.rglob("credentials.json")
    assert json.loads(credentials.read_text())["current"].startswith(f"s3://{BUCKET}?")


def test_of_two_ups_at_once_the_second_is_refused_and_the_first_goes_on(team: Team) -> None:
    first = team.ana.held_up(team.held)
    try:
        (lock,) = team.locks()
        refused = team.ben.run(*UP, expect=None).printed
        team.ben.shows_no_change()
        assert team.locks() == [lock], "the second takes nothing away"
    finally:
        team.held.unlink()
    printed, _ = first.communicate(timeout=60)

    assert first.returncode == 0, printed
    assert team.locks() == []
    sentence, where = commands(SHARE, "the stack is currently locked").splitlines()
    said = refused.splitlines()
    assert said[0] == sentence
    assert re.fullmatch(
        r"  s3://homelab-state/\.pulumi/locks/organization/gitops/production/\S+: created by \S+@\S+ \(pid \d+\) at \S+", said[1]
    )
    assert where.startswith("  s3://homelab-state/.pulumi/locks/organization/gitops/production/")
    assert "Removed" not in refused


def test_the_lock_of_a_killed_up_stays_until_it_is_cancelled(team: Team) -> None:
    killed = team.ana.held_up(team.held)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate()
    team.ana.end_everything()
    team.held.unlink()
    (lock,) = team.locks()

    refused = team.ana.run(*UP, expect=None)
    assert refused.code != 0
    assert Path(lock).stem in refused.printed
    assert team.locks() == [lock], "another machine's process may still run"

    team.ben.shell(commands(SHARE, "pulumi cancel --stack").replace("gitops up --stack production", "true"))
    assert team.locks() == []
    team.ben.run(*UP)
    assert team.ben.values() == team.before


def test_a_state_moves_to_a_file_and_back_and_no_preview_shows_a_change(team: Team, tmp_path: Path) -> None:
    there = team.adapted(commands(MOVE, "pulumi stack export"))
    (login,) = (line for line in there.splitlines() if "s3://" in line)
    back = there.replace(login, f"pulumi login file://{tmp_path}")
    cleanup = commands(MOVE, "--preserve-config --yes").replace("pulumi login file://$HOME\n", "")
    stack_file = team.ana.stack_file.read_text()

    team.ana.shell(back)
    assert list(tmp_path.rglob("production.json"))
    team.ben.shell(cleanup)
    assert STATE not in team.s3.objects(BUCKET)
    shutil.copy(team.ana.stack_file, team.ben.stack_file)
    team.ana.run(*UP)

    assert "2 unchanged" in team.ana.shell(there)
    assert STATE in team.s3.objects(BUCKET)
    assert not list(team.ana.folder.glob("state.json"))
    assert team.ana.stack_file.read_text() == stack_file, "there is nothing to commit"
    team.ben.shows_no_change()
    assert team.ana.values() == team.before


def test_a_state_that_is_gone_from_the_bucket_comes_back_from_a_backup(team: Team) -> None:
    team.ana.shell(commands(SHARE, "--file backup.json"))
    assert not {TOKEN, FIRST} & set(re.findall(r"[\w-]+", (team.ana.folder / "backup.json").read_text())), "secrets are encrypted in it"
    shutil.rmtree(team.s3.directory / BUCKET / ".pulumi")

    team.ana.shell("pulumi stack init production")
    restore, _ = commands(MOVE, "--file backup.json").splitlines()
    team.ana.shell(restore)

    team.ana.shows_no_change()
    assert team.ana.values() == team.before


class VaultDouble:
    """As much of Vault's transit engine as encrypts and decrypts with one key. It stands for a real Vault, which no registry serves."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, request: Request) -> Answer:
        """Its answer. The ciphertext is the plaintext turned round: enough to see that Pulumi keeps only what Vault made."""
        body, action = json.loads(request.body or b"{}"), request.path.removeprefix("/v1/transit/")
        self.asked.append(action)
        if request.headers.get("x-vault-token") != TOKEN:
            return Answer(status=403, body=b'{"errors": ["permission denied"]}')
        if action == "encrypt/gitops":
            made = {"ciphertext": "vault:v1:" + base64.b64encode(body["plaintext"][::-1].encode()).decode()}
        elif action == "decrypt/gitops":
            made = {"plaintext": base64.b64decode(body["ciphertext"].removeprefix("vault:v1:")).decode()[::-1]}
        else:
            return Answer(status=404, body=b'{"errors": []}')
        return Answer(headers={"Content-Type": "application/json"}, body=json.dumps({"data": made}).encode())


def test_secrets_move_to_another_passphrase_to_vault_and_back_and_keep_their_values(team: Team) -> None:
    old = team.ana.stack_file.read_text()
    first_salt = yaml.safe_load(old)["encryptionsalt"]

    rotate = next(block["text"] for block in BLOCK.finditer(SHARE) if "change-secrets-provider passphrase" in block["text"])
    team.ana.shell(rotate, said=f"{SECOND}\n")
    assert "incorrect passphrase" in team.ana.run("pulumi", "preview", "--stack", "production", "--non-interactive", expect=None).printed
    second = {"PULUMI_CONFIG_PASSPHRASE": SECOND}
    team.ana.shows_no_change(**second)
    assert team.ana.values(**second) == team.before
    bucket = team.s3.directory / BUCKET
    assert first_salt not in (bucket / STATE).read_text()
    kept = [key for key in team.s3.objects(BUCKET, ".pulumi/") if first_salt in (bucket / key).read_text()]
    assert kept, "what was encrypted before stays readable with the old passphrase"
    assert all(key.startswith((".pulumi/history/", ".pulumi/backups/", f"{STATE}.bak")) for key in kept), kept
    for key in kept:
        (bucket / key).unlink()

    vault = VaultDouble()
    with any_server(vault) as server:
        script = (
            commands(SHARE, "hashivault://gitops").replace(PAGES_VAULT, f"http://{server.address}").replace("TOKEN=…", f"TOKEN={TOKEN}")
        )
        team.ana.shell(script, **second)
        assert yaml.safe_load(team.ana.stack_file.read_text())["secretsprovider"] == "hashivault://gitops"
        assert "encryptionsalt" not in team.ana.stack_file.read_text()
        login = {"VAULT_SERVER_URL": f"http://{server.address}", "VAULT_SERVER_TOKEN": TOKEN, "PULUMI_CONFIG_PASSPHRASE": ""}
        team.ana.shows_no_change(**login)
        assert team.ana.values(**login) == team.before
        refused = team.ana.run("pulumi", "preview", "--stack", "production", expect=None, **{**login, "VAULT_SERVER_TOKEN": "other"})
        assert "permission denied" in refused.printed
        assert {"encrypt/gitops", "decrypt/gitops"} <= set(vault.asked)
        team.ana.shell(rotate, **{**login, "PULUMI_CONFIG_PASSPHRASE": FIRST})

    assert "secretsprovider" not in team.ana.stack_file.read_text()
    team.ana.shows_no_change()
    assert team.ana.values() == team.before
