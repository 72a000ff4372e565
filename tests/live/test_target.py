import shlex
import traceback
from pathlib import Path

import pytest

from live.access.target import find_target
from live.errors import KubeconfigError
from tests.gitops.api_server import TOKEN, write_kubeconfig

SERVER = "https://127.0.0.1:6443"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KUBECONFIG", raising=False)
    return tmp_path


def test_the_option_wins_over_the_environment_and_that_over_the_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / ".kube").mkdir()
    write_kubeconfig(home / ".kube" / "config", SERVER, "of-home")
    assert find_target(None, None).context == "of-home"
    monkeypatch.setenv("KUBECONFIG", str(write_kubeconfig(home / "env", SERVER, "of-env")))
    assert find_target(None, None).context == "of-env"
    assert find_target(write_kubeconfig(home / "option", SERVER, "of-option"), None).context == "of-option"


def test_several_files_are_one_kubeconfig(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = write_kubeconfig(home / "one", SERVER, "first"), write_kubeconfig(home / "two", SERVER, "second")
    monkeypatch.setenv("KUBECONFIG", f"{one}:{home / 'missing'}:{two}")
    assert find_target(None, "first").context == "first"
    target = find_target(None, "second")
    assert target.kubectl("get pods") == "kubectl --context second get pods", "--kubeconfig takes a single file"
    assert find_target(one, None).kubectl("get pods") == f"kubectl --kubeconfig {one} --context first get pods"


def test_the_current_context_of_several_files_is_that_of_the_first_that_names_one(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = write_kubeconfig(home / "one", SERVER, "first"), write_kubeconfig(home / "two", SERVER, "second")
    monkeypatch.setenv("KUBECONFIG", f"{one}:{two}")
    assert find_target(None, None).context == "first"


def test_what_a_context_names_and_the_file_lacks_is_told(home: Path) -> None:
    kubeconfig = home / "config"
    kubeconfig.write_text("current-context: here\ncontexts: [{name: here, context: {cluster: gone}}]\n")
    with pytest.raises(KubeconfigError, match="context here names cluster gone, which does not exist"):
        find_target(kubeconfig, None)


def test_a_command_that_is_shown_can_be_pasted(home: Path) -> None:
    kubeconfig = write_kubeconfig(home / "my config", SERVER, "it's mine")
    assert shlex.split(find_target(kubeconfig, None).kubectl("get pods"))[1:5] == [
        "--kubeconfig",
        str(kubeconfig),
        "--context",
        "it's mine",
    ]


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ("", r"^~/.kube/config \(the default, as neither --kubeconfig nor \$KUBECONFIG is given\): does not exist"),
        ("/nowhere/a:/nowhere/b", r"^/nowhere/a:/nowhere/b \(\$KUBECONFIG\): does not exist\. .*make -s env"),
    ],
)
def test_a_missing_kubeconfig_says_where_it_was_looked_for(environment: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", environment)
    with pytest.raises(KubeconfigError, match=said):
        find_target(None, None)


def test_a_missing_context_comes_with_those_there_are(home: Path) -> None:
    kubeconfig = write_kubeconfig(home / "config", SERVER, "kwok-demo")
    with pytest.raises(KubeconfigError, match=r"config: has no context production\. .* Choose one of kwok-demo with --context\.$"):
        find_target(kubeconfig, "production")


def test_a_current_context_that_is_not_there_is_said_to_be_the_files(home: Path) -> None:
    kubeconfig = home / "config"
    kubeconfig.write_text("current-context: gone\ncontexts: [{name: here, context: {cluster: c}}]\n")
    with pytest.raises(KubeconfigError, match=r"has no context gone, which is its current-context\. .*Choose one of here"):
        find_target(kubeconfig, None)


def test_without_a_current_context_one_has_to_be_chosen(home: Path) -> None:
    kubeconfig = home / "config"
    kubeconfig.write_text("contexts: [{name: here, context: {cluster: c}}]\n")
    with pytest.raises(KubeconfigError, match=r"names no current context\. .*Choose one of here with --context"):
        find_target(kubeconfig, None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"users:\n- token: {TOKEN}\n  - bad", r"config:3: is not YAML"),
        (f"just text with {TOKEN}", "is not a kubeconfig"),
        (f"users: {TOKEN}", "is not a kubeconfig"),
        (f"contexts: [{TOKEN}]", "is not a kubeconfig"),
        ("", "names no current context"),
        ("contexts: null", "names no current context"),
        ("\x00", "is not YAML"),
    ],
)
def test_a_file_that_is_no_kubeconfig_is_named_and_not_quoted(home: Path, text: str, said: str) -> None:
    kubeconfig = home / "config"
    kubeconfig.write_text(text)
    with pytest.raises(KubeconfigError, match=said) as caught:
        find_target(kubeconfig, None)
    assert TOKEN not in str(caught.value)
    assert TOKEN not in "".join(traceback.format_exception(caught.value)), "the parser quotes the line, so it must not be the cause shown"
