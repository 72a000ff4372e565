"""`gitops deploy-key register` and `list`, against a double of Gitea and of Pulumi's CLI."""

import subprocess
import sys
from pathlib import Path

import pytest

from gitops.messages import NOTHING
from tests.gitops.deploy_keys.conftest import Stack, calls_in
from tests.gitops.deploy_keys.gitea_double import POWERLESS_TOKEN, READ_TOKEN, TOKEN, GiteaDouble
from tests.gitops.deploy_keys.samples import CREDENTIAL, NEW, OLD, PUBLIC, REPOSITORIES, TITLE, TITLES, output
from tests.gitops.test_cli import call_main, run

ROOT, ARGO = REPOSITORIES
BOTH = [f"{TITLE}{name}" for name in (OLD, NEW)]


@pytest.fixture(autouse=True)
def _declared(stack: Stack, gitea: GiteaDouble) -> None:
    stack(output(active=OLD))


def lines(printed: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in printed.splitlines()]


def test_each_key_of_the_stack_reads_each_of_its_repositories_and_no_more_than_reads(gitea: GiteaDouble) -> None:
    code, out, err = run("deploy-key", "register")
    assert (code, err) == (0, "")
    assert {name: gitea.titles(name) for name in REPOSITORIES} == {ROOT: BOTH, ARGO: BOTH}, "one key may serve several repositories"
    assert all(key["read_only"] for keys in gitea.repositories.values() for key in keys)
    assert [key["key"] for key in gitea.repositories[ROOT]] == [PUBLIC[OLD], PUBLIC[NEW]]
    assert lines(out) == [
        ["CREDENTIAL", "KEY", "ACTIVE", "REPOSITORY", "AT THE FORGE"],
        [CREDENTIAL, OLD, "yes", ROOT, "registered: id 1"],
        [CREDENTIAL, NEW, "no", ROOT, "registered: id 2"],
        [CREDENTIAL, OLD, "yes", ARGO, "registered: id 3"],
        [CREDENTIAL, NEW, "no", ARGO, "registered: id 4"],
    ]


def test_a_second_time_changes_nothing(gitea: GiteaDouble) -> None:
    run("deploy-key", "register")
    gitea.changes.clear()
    code, out, _ = run("deploy-key", "register")
    assert (code, gitea.changes) == (0, [])
    assert out.count("already registered: id") == 4


def test_a_key_that_was_retired_does_not_come_back(gitea: GiteaDouble, stack: Stack) -> None:
    stack(output(active=NEW))
    code, out, _ = run("deploy-key", "register")
    assert code == 0
    assert {name: gitea.titles(name) for name in REPOSITORIES} == {ROOT: BOTH[1:], ARGO: BOTH[1:]}, "the old one may be compromised"
    assert out.count("not added: older than the active key") == 2


def test_generated_keys_are_registered_while_a_supplied_one_is_in_use(gitea: GiteaDouble, stack: Stack) -> None:
    stack(output(active="supplied"))
    assert run("deploy-key", "register")[0] == 0
    assert gitea.titles(ROOT) == BOTH


def test_a_dry_run_changes_nothing(gitea: GiteaDouble) -> None:
    code, out, _ = run("deploy-key", "register", "--dry-run")
    assert (code, gitea.changes) == (0, [])
    assert out.count(f"would be registered as {TITLE}") == 4


def test_a_key_that_is_there_under_another_title_or_with_more_rights_is_told_and_left_alone(gitea: GiteaDouble) -> None:
    gitea.put(ROOT, "by hand", f"{PUBLIC[NEW]} somebody@laptop", read_only=False)
    code, out, _ = run("deploy-key", "register")
    assert code == 0
    assert "already registered: id 1 as 'by hand', so `retire` will not remove it; it has write access, which Flux does not need" in out
    assert gitea.titles(ROOT) == ["by hand", BOTH[0]]


def test_a_title_that_another_key_has_is_not_taken_over(gitea: GiteaDouble) -> None:
    gitea.put(ROOT, BOTH[1], PUBLIC["another"])
    code, out, _ = run("deploy-key", "register")
    assert code == 1
    assert f"not registered: key 1 has the title {BOTH[1]} but different content; remove it at Gitea" in out
    assert [key["key"] for key in gitea.repositories[ROOT]] == [PUBLIC["another"], PUBLIC[OLD]]


def test_what_gitea_refuses_of_one_repository_does_not_keep_the_others_from_being_done(gitea: GiteaDouble) -> None:
    del gitea.repositories[ROOT]
    code, out, _ = run("deploy-key", "register")
    assert code == 1
    assert f"not registered: there is no {ROOT} at {gitea.url}, or the token's user may not see it" in out
    assert gitea.titles(ARGO) == BOTH


def test_a_repository_that_the_user_does_not_administer_is_told_with_what_is_needed(gitea: GiteaDouble) -> None:
    gitea.not_administered.add(ROOT)
    code, out, _ = run("deploy-key", "register")
    assert code == 1
    assert "not registered: the token's user must administer the repository (Gitea: user should be an owner" in out


def test_a_key_that_a_person_uses_is_told_in_words(gitea: GiteaDouble) -> None:
    gitea.personal_keys.add(PUBLIC[OLD])
    code, out, _ = run("deploy-key", "register")
    assert code == 1
    assert out.count("not registered: Gitea has this key as a user's own key") == 2


def test_a_token_that_may_only_read_is_told_which_scope_it_lacks(gitea: GiteaDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITEA_TOKEN", READ_TOKEN)
    code, out, _ = run("deploy-key", "register")
    assert (code, gitea.changes) == (1, [])
    assert "not registered: give the token the scope write:repository (Gitea: token does not have" in out


def test_repositories_of_another_server_are_left_alone(gitea: GiteaDouble, stack: Stack) -> None:
    declared = output(active=OLD)
    declared[CREDENTIAL]["repositories"][0] = f"ssh://git@github.com/{ROOT}.git"
    stack(declared)
    code, out, _ = run("deploy-key", "register")
    assert code == 0
    assert gitea.titles(ROOT) == [], "a repository of the same name at this Gitea is another one"
    assert out.count("left alone: it is at github.com") == 2
    assert gitea.titles(ARGO) == BOTH


def test_a_gitea_with_another_name_for_ssh_is_told_by_an_option(gitea: GiteaDouble, stack: Stack) -> None:
    declared = output(active=OLD)
    declared[CREDENTIAL]["repositories"] = [f"ssh://git@ssh.git.example:2222/{ROOT}.git"]
    stack(declared)
    assert run("deploy-key", "register", "--ssh-host", "ssh.git.example")[0] == 0
    assert gitea.titles(ROOT) == BOTH


def test_more_keys_than_fit_into_a_page_are_all_seen(gitea: GiteaDouble) -> None:
    gitea.largest_page = 3
    for number in range(7):
        gitea.put(ROOT, f"key {number}", f"ssh-ed25519 AAAA{number}")
    gitea.put(ROOT, BOTH[1], PUBLIC[NEW])
    assert "already registered: id 8" in run("deploy-key", "register")[1]


def test_one_credential_may_be_chosen(gitea: GiteaDouble, stack: Stack) -> None:
    declared = output(active=OLD)
    declared["other"] = {"active": "a", "keys": {"a": PUBLIC["another"]}, "repositories": declared[CREDENTIAL]["repositories"]}
    stack(declared)
    assert run("deploy-key", "register", "--credential", "other")[0] == 0
    assert gitea.titles(ROOT) == [f"flux/{TITLES.full_name}/other/a"]


def test_the_stack_that_is_named_is_the_one_that_is_asked_and_titled(gitea: GiteaDouble, asked_of_pulumi: Path) -> None:
    run("deploy-key", "register", "--stack", "me/gitops/production")
    asked, whose = [arguments for _, arguments in calls_in(asked_of_pulumi)]
    assert whose[:2] == ["whoami", "--json"]
    assert asked[:6] == ["stack", "output", "deployKeys", "--json", "--stack", "me/gitops/production"]
    assert "--show-secrets" not in asked
    production = TITLE.replace("/dev@", "/production@")
    assert gitea.titles(ROOT) == [f"{production}{name}" for name in (OLD, NEW)]


@pytest.mark.parametrize(
    ("environment", "arguments", "said"),
    [
        ({"GITEA_TOKEN": ""}, [], "The environment variable GITEA_TOKEN is not set"),
        ({"GITEA_TOKEN": "two\nlines"}, [], "GITEA_TOKEN contains a character that no token can have"),
        (
            {"GITEA_TOKEN": "unknown-" + "marker"},
            [],
            "GITEA_TOKEN (401: invalid username, password or token). Nothing was done.",
        ),
        ({"GITEA_TOKEN": POWERLESS_TOKEN}, [], "GITEA_TOKEN (403: token does not have at least one of required scope(s)"),
        (
            {"GITEA_URL": ""},
            [],
            "It is unknown which forge hosts the repositories, which the stack fetches from 127.0.0.1.",
        ),
        ({}, ["--api-url", "http://git.example"], "is not encrypted. Anyone on the network could read the token"),
        ({}, ["--api-url", "https://me:" + "pass-marker@git.example"], "contains a user name or password"),
        ({}, ["--api-url", "git.example"], "not of the form https://HOST[/PATH]"),
        ({}, ["--api-url", "https://[::1"], "not of the form https://HOST[/PATH]. No forge can be asked. Correct --api-url."),
        ({}, ["--api-url", "https://git.example:port"], "not of the form https://HOST[/PATH]"),
        ({"GITEA_URL": "https://[::1"}, [], "Correct GITEA_URL."),
        ({}, ["--api-url", "http://[fd00::1]:3000"], "http://[fd00::1]:3000 is not encrypted"),
        ({}, ["--api-url", "http://127.0.0.1:1"], "None of the repositories"),
        (
            {},
            ["--credential", "typo"],
            "generates no key for typo. There is nothing to do for it. Name one with generated keys: homelab-deploy",
        ),
    ],
)
def test_a_mistake_is_one_message_and_exit_code_2(
    environment: dict[str, str],
    arguments: list[str],
    said: str,
    gitea: GiteaDouble,
    stack: Stack,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if arguments[1:] == ["http://127.0.0.1:1"]:
        declared = output(active=OLD)
        declared[CREDENTIAL]["repositories"] = ["ssh://git@github.com/daviestechlabs/homelab-k8s2.git"]
        stack(declared)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    code, out, err = call_main(monkeypatch, capsys, "deploy-key", "register", *arguments)
    assert (code, out, gitea.changes) == (2, "", [])
    assert err.startswith("gitops: ")
    assert said in " ".join(err.split())
    assert "Traceback" not in err
    assert "marker" not in err, "neither a token nor a password is repeated"


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://[::1]:1"])
def test_a_gitea_that_is_not_there_is_one_message(
    url: str, stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    declared = output(active=OLD)
    declared[CREDENTIAL]["repositories"] = [f"ssh://git@{url.removeprefix('http://').removesuffix(':1')}/{ROOT}.git"]
    stack(declared)
    code, _, err = call_main(monkeypatch, capsys, "deploy-key", "register", "--api-url", url)
    assert code == 2
    assert f"Gitea at {url} cannot be reached:" in err


def test_what_gitea_never_says_is_one_message(
    gitea: GiteaDouble, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gitea.repositories[ROOT] = [{"id": 99}]
    code, out, err = call_main(monkeypatch, capsys, "deploy-key", "register")
    assert (code, out) == (2, "")
    assert "does not answer as Gitea's API does (key 0 of the list: title: is missing)" in " ".join(err.split())


def test_the_list_says_what_gitea_knows_and_what_is_left_of_old_keys(gitea: GiteaDouble) -> None:
    gitea.put(ROOT, BOTH[1], PUBLIC[NEW])
    gitea.put(ROOT, f"{TITLE}2025-11", PUBLIC["another"])
    gitea.put(ROOT, "somebody's", "ssh-ed25519 AAAAC3")
    code, out, err = run("deploy-key", "list")
    assert (code, err, gitea.changes) == (0, "", [])
    assert lines(out)[1:] == [
        [CREDENTIAL, OLD, "yes", ROOT, "not registered"],
        [CREDENTIAL, NEW, "no", ROOT, "id 1, since 2026-11-24"],
        [CREDENTIAL, "2025-11", "no", ROOT, "id 2, since 2026-11-24, no longer a key of the stack"],
        [CREDENTIAL, OLD, "yes", ARGO, "not registered"],
        [CREDENTIAL, NEW, "no", ARGO, "not registered"],
    ]


def test_the_list_without_a_gitea_shows_the_stacks_side(gitea: GiteaDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITEA_URL")
    monkeypatch.delenv("GITEA_TOKEN")
    code, out, err = run("deploy-key", "list")
    assert (code, gitea.asked) == (0, 0)
    assert err.startswith("No forge was asked: neither --api-url nor GITEA_URL is set")
    assert lines(out)[1] == [CREDENTIAL, OLD, "yes", ROOT, NOTHING]


@pytest.mark.thorough
def test_help_loads_no_client_and_names_no_token_option() -> None:
    code = "import sys; sys.argv = ['gitops', 'deploy-key', 'retire', '--help']\n"
    code += "from gitops.cli import main\ntry: main()\nexcept SystemExit: pass\n"
    code += "print([name for name in ('kubernetes', 'rich', 'yaml', 'httpx', 'cryptography') if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3])
    assert result.stdout.splitlines()[-1] == "[]"
    assert "--token" not in result.stdout, "every user of the machine reads arguments"


def test_the_token_is_in_nothing_that_is_printed(gitea: GiteaDouble) -> None:
    gitea.not_administered.add(ROOT)
    printed = [text for verb in ("list", "register") for text in run("deploy-key", verb)[1:]]
    assert TOKEN not in "".join(printed)
