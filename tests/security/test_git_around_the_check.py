"""What surrounds git when the check fetches: a caller's repository, a person's settings, other tools' tokens, and servers that lie."""

import base64
import io
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from gitops.check.fetch import clone, fetching
from gitops.check.fetch.clone import NotFetchedError, Source, check_out
from gitops.check.fetch.fetching import Fetcher
from gitops.check.fetch.git_login import Access, access_for, git_environment
from stacks.contract.credentials.basic import BasicCredential
from tests.any_server import Answer, any_server
from tests.engine import REPOSITORY
from tests.gitops.check.conftest import nobodys_git  # noqa: F401 (a fixture)
from tests.gitops.check.git_server import bare_repository, committed, git, served

pytestmark = [pytest.mark.thorough, pytest.mark.usefixtures("nobodys_git")]
MAIN = {"branch": "main"}
PASSWORD = "".join(("hunter2", "-", "password"))


def source(url: str, access: Access | None = None, ref: dict[str, str] | None = None) -> Source:
    return Source(name="repository", url=url, spec={"ref": ref or MAIN}, access=access or Access())


def as_the_stack(url: str) -> Access:
    credential = BasicCredential(type="basic", username="flux")
    return access_for(url, "gitea-read", credential, {}, {"gitea-read-password": PASSWORD}.get)


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_in_a_hook_of_a_linked_worktree_the_callers_repository_stays_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = str(bare_repository(tmp_path, {"a.yaml": "a: 1"}))
    work = tmp_path / "work"
    git("worktree", "add", "--quiet", "-b", "feature", str(tmp_path / "linked"), at=work)
    git_directory = work / ".git" / "worktrees" / "linked"
    before = {path: path.read_bytes() for path in (work / ".git").rglob("*") if path.is_file()}
    for name, value in {
        "GIT_DIR": git_directory,
        "GIT_COMMON_DIR": work / ".git",
        "GIT_WORK_TREE": tmp_path / "linked",
        "GIT_INDEX_FILE": git_directory / "index",
        "GIT_OBJECT_DIRECTORY": work / ".git" / "objects",
        "GIT_PREFIX": "apps/",
        "GIT_CONFIG_PARAMETERS": "'core.bare'='true'",
    }.items():
        monkeypatch.setenv(name, str(value))

    assert sorted(check_out(source(url), tmp_path / "out").tree.shipped) == ["a.yaml"]

    assert {path: path.read_bytes() for path in (work / ".git").rglob("*") if path.is_file()} == before
    assert (tmp_path / "out" / ".git").is_dir()


def test_no_hook_filter_or_template_of_the_machine_acts_on_what_a_stranger_committed(tmp_path: Path) -> None:
    acted = tmp_path / "acted"
    hook = program(tmp_path / "hooks" / "post-checkout", f"echo hook >> '{acted}'")
    program(tmp_path / "template" / "hooks-go-here", "true")
    (tmp_path / "template" / "hooks").mkdir()
    program(tmp_path / "template" / "hooks" / "post-checkout", f"echo template >> '{acted}'")
    settings = {
        "core.hooksPath": str(hook.parent),
        "init.templateDir": str(tmp_path / "template"),
        "filter.evil.smudge": f"sh -c 'echo filter >> {acted}; cat'",
        "filter.evil.required": "true",
        "core.fsmonitor": f"sh -c 'echo fsmonitor >> {acted}'",
        "core.attributesFile": str(tmp_path / "attributes"),
        "core.autocrlf": "true",
    }
    (tmp_path / "attributes").write_text("*.yaml filter=evil\n")
    for key, value in settings.items():
        git("config", "--file", str(tmp_path / "gitconfig"), key, value, at=tmp_path)
    url = str(bare_repository(tmp_path, {".gitattributes": "* filter=evil text eol=crlf\n", "a.yaml": "a: 1\nb: 2\n"}))

    found = check_out(source(url), tmp_path / "out")

    assert not acted.exists(), acted.read_text()
    assert found.tree.content("a.yaml") == b"a: 1\nb: 2\n", "as it was committed, and as source-controller takes it"


def test_what_git_starts_sees_no_token_of_another_tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = (
        "GH_TOKEN",
        "GITHUB_TOKEN",
        "GITEA_TOKEN",
        "AWS_SECRET_ACCESS_KEY",
        "VAULT_TOKEN",
        "SOPS_AGE_KEY",
        "PULUMI_CONFIG_PASSPHRASE",
        "OTHER",
    )
    for name in names:
        monkeypatch.setenv(name, PASSWORD)
    ssh = program(tmp_path / "bin" / "ssh", f"env > '{tmp_path / 'seen'}'; exit 1")
    monkeypatch.setenv("GIT_SSH_COMMAND", str(ssh))

    with pytest.raises(NotFetchedError):
        check_out(source("ssh://git@git.test/a.git"), tmp_path / "out")

    seen = (tmp_path / "seen").read_text()
    assert "PATH=" in seen
    assert PASSWORD not in seen


def test_the_stacks_login_follows_no_redirect(tmp_path: Path) -> None:
    login = base64.b64encode(f"flux:{PASSWORD}".encode()).decode()
    with any_server() as other:
        real = bare_repository(tmp_path, {"a.yaml": "a: 1"})
        with served(real, f"Basic {login}") as behind:
            other.answer = lambda request: Answer(status=307, headers={"Location": behind.rpartition("/")[0] + request.path})
            url = f"http://{other.address}/repository.git"
            with any_server(lambda _: Answer(status=200)) as foreign:
                other.answer = lambda request: Answer(status=307, headers={"Location": f"http://{foreign.address}{request.path}"})
                with pytest.raises(NotFetchedError):
                    check_out(source(url, as_the_stack(url)), tmp_path / "out")
                assert other.authorizations == [f"Basic {login}"], "it was shown to the server that it is for"
                assert foreign.requests == []


def test_the_check_of_certificates_cannot_be_switched_off_while_the_stacks_login_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "https://git.test/a.git"
    monkeypatch.setenv("GIT_SSL_NO_VERIFY", "1")
    for key in ("http.sslVerify", f"http.{url}.sslVerify", "http.https://git.test.sslVerify"):
        git("config", "--file", str(tmp_path / "gitconfig"), key, "false", at=tmp_path)
    environment = git_environment(as_the_stack(url), tmp_path)

    def verifies() -> str:
        asked = ["git", "config", "--type=bool", "--get-urlmatch", "http.sslVerify", url]
        return subprocess.run(asked, env=environment, capture_output=True, text=True, check=False).stdout.strip()

    assert "GIT_SSL_NO_VERIFY" not in environment
    assert verifies() == "true"


@pytest.mark.parametrize(
    "ref",
    [
        {"commit": "--upload-pack=touch ran"},
        {"commit": "-q"},
        {"branch": "--upload-pack=touch ran"},
        {"tag": "v1:refs/heads/main"},
        {"name": "--upload-pack=touch ran"},
        {"name": "+refs/heads/*:refs/heads/*"},
        {"name": "refs/heads/main refs/heads/other"},
        {"branch": "../../config"},
        {"branch": "main\nother"},
    ],
    ids=str,
)
def test_a_ref_is_a_name_and_nothing_else(ref: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    url = str(bare_repository(tmp_path, {"a.yaml": "a: 1"}))

    with pytest.raises(NotFetchedError, match="neither a commit nor the name of a branch or tag"):
        check_out(source(url, ref=ref), tmp_path / "out")

    assert not list(tmp_path.rglob("ran"))


def test_no_transport_runs_a_program(tmp_path: Path) -> None:
    with pytest.raises(NotFetchedError, match="transport 'ext' not allowed"):
        check_out(source(f"ext::sh -c touch% {tmp_path / 'ran'}"), tmp_path / "out")
    git("config", "--file", str(tmp_path / "gitconfig"), "protocol.ext.allow", "always", at=tmp_path)
    git("config", "--file", str(tmp_path / "gitconfig"), "url.ext::sh.insteadOf", "https://git.test", at=tmp_path)
    with pytest.raises(NotFetchedError):
        check_out(source("https://git.test/a.git", as_the_stack("https://git.test/a.git")), tmp_path / "other")
    assert not (tmp_path / "ran").exists()


SLOW_GIT = """case $1 in
  fetch) echo $$ >> {folder}/started; cat "$GIT_SSH_KEY_FILE" 2>/dev/null; sleep 300 & echo $! >> {folder}/grandchildren; wait ;;
esac"""


@pytest.fixture
def slow_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A git whose fetch starts something and never ends."""
    program(tmp_path / "bin" / "git", SLOW_GIT.format(folder=tmp_path))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    for number in range(20):
        (tmp_path / "out" / str(number) / ".git").mkdir(parents=True)
    return tmp_path


def is_running(number: str) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().split(") ")[1][0] != "Z"
    except OSError:
        return False


def no_longer_running(numbers: list[str]) -> bool:
    for _ in range(50):
        if not any(is_running(number) for number in numbers):
            return True
        time.sleep(0.1)
    return False


def test_what_does_not_end_is_ended_with_all_that_it_started_and_leaves_no_key(slow_git: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clone, "SECONDS", 1.0)
    access = Access(files={"identity": f"{PASSWORD}\n"}, own=True)

    with pytest.raises(NotFetchedError, match="git did not finish within 1 s"):
        check_out(source("ssh://git@git.test/a.git", access), slow_git / "out" / "0")

    assert no_longer_running((slow_git / "grandchildren").read_text().split())
    assert list((slow_git / "temporary").iterdir()) == []


def test_a_server_that_answers_too_slowly_takes_no_more_than_the_time_of_all(slow_git: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "ALL_SECONDS", 1.0)
    names = [str(number) for number in range(20)]
    fetcher = Fetcher({name: source("https://git.test/a.git") for name in names}, slow_git / "out", io.StringIO())

    assert fetcher(names) == {}

    assert len(fetcher.findings) == len(names)
    assert len((slow_git / "started").read_text().split()) <= fetching.AT_ONCE
    assert all("git did not finish within 1 s" in each.text for each in fetcher.findings)


def test_ctrl_c_ends_what_runs_and_what_waits_does_not_start(slow_git: Path) -> None:
    script = (
        # of a test run in the background, a shell has SIGINT ignored, and every child inherits that
        "import signal, sys\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from pathlib import Path\nfrom gitops.check.fetch.clone import Source\n"
        "from gitops.check.fetch.fetching import Fetcher\n"
        "from gitops.check.fetch.git_login import Access\n"
        "names = [str(number) for number in range(20)]\n"
        "sources = {name: Source(name=name, url='https://git.test/a.git', spec={}, access=Access()) for name in names}\n"
        "Fetcher(sources, Path(sys.argv[1]), sys.stderr)(names)\n"
    )
    running = subprocess.Popen([sys.executable, "-c", script, str(slow_git / "out")], cwd=REPOSITORY, stderr=subprocess.PIPE)
    started = slow_git / "grandchildren"
    for _ in range(300):
        if started.exists() and len(started.read_text().split()) == fetching.AT_ONCE:
            break
        time.sleep(0.1)

    running.send_signal(signal.SIGINT)
    running.communicate(timeout=20)

    assert len(started.read_text().split()) == fetching.AT_ONCE, "what waited does not start"
    assert no_longer_running(started.read_text().split())


def test_ctrl_c_while_the_fetches_are_still_being_started_ends_those_that_run(slow_git: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names, started = [str(number) for number in range(20)], slow_git / "grandchildren"

    class Interrupted(ThreadPoolExecutor):
        def submit(self, *given: Any, **more: Any) -> Any:
            if given[1].name == "3":
                while not started.exists():
                    time.sleep(0.01)
                raise KeyboardInterrupt
            return super().submit(*given, **more)

    monkeypatch.setattr(fetching, "ThreadPoolExecutor", Interrupted)
    sources = {name: Source(name=name, url="https://git.test/a.git", spec={"ref": MAIN}, access=Access()) for name in names}

    with pytest.raises(KeyboardInterrupt):
        Fetcher(sources, slow_git / "out", io.StringIO())(names)

    assert no_longer_running(started.read_text().split())


@pytest.mark.harmless
def test_names_of_any_bytes_are_fetched(tmp_path: Path) -> None:
    url = bare_repository(tmp_path, {"a.yaml": "a: 1"})
    name = os.fsdecode(b"\xff.yaml")
    (tmp_path / "work" / name).write_text("b: 2")
    committed(tmp_path / "work", {})
    git("push", "--quiet", str(url), "main", at=tmp_path / "work")

    tree = check_out(source(str(url)), tmp_path / "out").tree

    assert tree.documents(name) is not None
    assert [each.value for each in tree.documents(name) or []] == [{"b": 2}]
