"""Small things that a person meets at a terminal: a login that is there already, and a question with its mark."""

import pytest

from gitops.pulumi_backend import LOGIN
from tests.engine import REPOSITORY
from tests.gitops.new.clone import ANSWERS, PUBLIC, Clone


def test_who_is_logged_in_is_not_told_to_log_in(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://states")
    assert "pulumi login" not in clone.run("homelab", *ANSWERS, *PUBLIC)[1]


def test_the_tutorial_logs_in_with_the_same_command() -> None:
    assert f"\n{LOGIN}\n" in (REPOSITORY / "docs" / "tutorial.md").read_text(encoding="utf-8")


def test_a_question_mark_stands_alone(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gitops.new.app.is_terminal", lambda: True)
    options = [argument for argument in (*ANSWERS, *PUBLIC[:-2]) if argument != "--yes"]
    err = clone.run("homelab", *options, typed="\nyes\n\nnone\n\n")[2]
    assert "Is there an age key for SOPS-encrypted files? " in err
    assert "?:" not in err


@pytest.mark.parametrize("environment", ["development", "production"])
def test_only_a_key_that_a_command_generates_has_its_command_announced(environment: str, clone: Clone) -> None:
    _, out, err = clone.run("homelab", *ANSWERS, "--environment", environment, *PUBLIC[:-2], "--age-key", "new")
    told = out + err
    assert ("age-keygen" in told) is (environment == "production")
    assert ("the command that generates it is printed below" in told) is (environment == "production")
    assert ("The stack generates the key at the first `pulumi up`." in told) is (environment == "development")


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_what_is_neither_yes_nor_no_is_asked_again(answer: str, clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gitops.new.app.is_terminal", lambda: True)
    options = [argument for argument in (*ANSWERS, *PUBLIC) if argument != "--yes"]
    code, _, err = clone.run("homelab", *options, typed=f"\nmaybe\n{answer}\n\n\n")
    assert "Write yes or no." in err
    assert code == (0 if answer == "yes" else 2), err


def test_all_answers_that_are_invalid_or_missing_are_told_at_once(clone: Clone) -> None:
    options = ("--yes", "--context", "elsewhere", "--git-url", "nowhere", "--path", "../up", "--branch", "a b", "--login", "telepathy")
    code, out, err = clone.run("home_lab", *options)

    assert (code, out) == (2, "")
    assert "6 answers are invalid. Nothing was written. Correct them:\nThe stack's name contains '_'." in err
    for wrong in ("The kubeconfig has no context elsewhere", "The branch is not a valid name", "The path", "--login is not one of"):
        assert wrong in err
    assert "\nMissing, and there is no terminal to ask at:\n  --age-key ANSWER  Is there an age key" in err
    assert err.endswith("SOPS-encrypted files? none, new, existing")
    assert not list(clone.folder.glob("Pulumi.*.yaml"))


@pytest.mark.parametrize(
    ("name", "why"), [("", "is empty"), ("-a", "begins or ends with -"), ("a" * 64, "more than 63 characters"), ("a b", "contains ' '")]
)
def test_a_name_that_cannot_be_the_stacks_is_told_why(name: str, why: str, clone: Clone) -> None:
    assert why in clone.run(*ANSWERS, *PUBLIC, "--", name)[2]


@pytest.mark.parametrize("name", ["PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"])
def test_a_passphrase_that_is_set_is_not_asked_for(name: str, clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "# asks for a new passphrase: keep it\n" in clone.run("homelab", *ANSWERS, *PUBLIC)[1]
    monkeypatch.setenv(name, "somewhere")
    assert f"# with the passphrase in {name}: keep it\n" in clone.run("other", *ANSWERS, *PUBLIC)[1]
