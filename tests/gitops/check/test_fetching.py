"""Fetching with the real git: the commit that Flux would take, as whom the stack says, and no secret where others could read it."""

import base64
import io
import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from gitops.check import requirements
from gitops.check.fetch import clone, fetching
from gitops.check.fetch.clone import NotFetchedError, Source, check_out
from gitops.check.fetch.fetching import Fetcher, FetchProgress
from gitops.check.fetch.git_login import Access, Instead, access_for, git_environment
from gitops.check.fetch.git_process import Deadline
from gitops.check.file_finding import Severity
from stacks.contract.credentials.basic import BasicCredential
from stacks.contract.credentials.bearer import BearerCredential
from stacks.contract.credentials.github_app import GithubAppCredential
from stacks.contract.credentials.ssh import SshCredential
from stacks.contract.credentials.tls import TlsCredential
from tests.gitops.check.git_server import bare_repository, committed, git, served
from tests.keys import certificate

PASSWORD = "hunter2-" + "password"
KEY = "hunter2-" + "key"


pytestmark = pytest.mark.usefixtures("nobodys_git")


def source(url: str, access: Access | None = None, **spec: Any) -> Source:
    return Source(name="repository", url=url, spec=spec, access=access or Access())


def files(found: clone.Checkout) -> list[str]:
    return sorted(found.tree.shipped)


@pytest.mark.thorough
def test_without_a_ref_it_is_master_as_flux_takes_it(tmp_path: Path) -> None:
    url = str(bare_repository(tmp_path, {"a.yaml": "a: 1"}, branch="master"))
    assert files(check_out(source(url), tmp_path / "out")) == ["a.yaml"]
    with pytest.raises(NotFetchedError, match=r"git says: fatal: couldn't find remote ref refs/heads/main"):
        check_out(source(url, ref={"branch": "main"}), tmp_path / "none")


@pytest.mark.thorough
def test_branch_tag_name_and_commit_are_what_they_say(tmp_path: Path) -> None:
    first = committed_twice(tmp_path)
    url = str(tmp_path / "repository.git")
    for ref in ({"tag": "v1"}, {"name": "refs/tags/v1"}, {"commit": first}, {"branch": "main", "commit": first}, {"branch": "old"}):
        found = check_out(source(url, ref=ref), tmp_path / "-".join(ref.values()).replace("/", "-"))
        assert (found.commit, files(found)) == (first, ["a.yaml"]), ref
    newest = check_out(source(url, ref={"branch": "main"}), tmp_path / "newest")
    assert files(newest) == ["a.yaml", "b.yaml"]


def committed_twice(folder: Path) -> str:
    repository = bare_repository(folder, {"a.yaml": "a: 1"})
    work = folder / "work"
    first = git("rev-parse", "HEAD", at=work)
    git("tag", "v1", at=work)
    git("branch", "old", at=work)
    committed(work, {"b.yaml": "b: 1"})
    git("push", "--quiet", str(repository), "main", "old", "v1", at=work)
    return first


@pytest.mark.thorough
def test_what_source_controller_leaves_out_does_not_reach_the_cluster(tmp_path: Path) -> None:
    content = {
        ".sops.yaml": "a: 1",
        ".github/ci.yaml": "a: 1",
        "kubernetes/a.yaml": "a: 1",
        "talos/b.yaml": "b: 1",
        "kubernetes/c.zip": "c",
    }
    url = str(bare_repository(tmp_path, content))
    main = {"branch": "main"}
    assert files(check_out(source(url, ref=main), tmp_path / "default")) == ["kubernetes/a.yaml", "talos/b.yaml"]
    found = check_out(source(url, ref=main, ignore="# all but one\n/*\n!/kubernetes\n"), tmp_path / "own")
    assert files(found) == ["kubernetes/a.yaml", "kubernetes/c.zip"]
    assert found.tree.files == sorted(content), "the check looks at the whole repository"


@pytest.mark.thorough
@pytest.mark.parametrize(("written", "left"), [("# nothing yet\n\n", []), ("docs/\n", ["apps/.sops.yaml"])])
def test_a_sourceignore_file_with_a_pattern_takes_the_place_of_the_default_exclusions(
    tmp_path: Path, written: str, left: list[str]
) -> None:
    url = str(bare_repository(tmp_path, {".sourceignore": written, "apps/.sops.yaml": "a: 1"}))

    assert files(check_out(source(url, ref={"branch": "main"}), tmp_path / "out")) == [".sourceignore", *left]


def test_a_sourceignore_file_counts_where_it_lies(tmp_path: Path) -> None:
    url = str(bare_repository(tmp_path, {"apps/.sourceignore": "secret.yaml\n", "apps/secret.yaml": "a: 1", "secret.yaml": "a: 1"}))
    assert files(check_out(source(url, ref={"branch": "main"}), tmp_path / "out")) == ["apps/.sourceignore", "secret.yaml"]


@pytest.mark.thorough
def test_a_link_out_of_the_repository_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside").write_text(PASSWORD)
    bare_repository(tmp_path, {"a.yaml": "a: 1"})
    (tmp_path / "work" / "link.yaml").symlink_to(tmp_path / "outside")
    committed(tmp_path / "work", {})
    git("push", "--quiet", str(tmp_path / "repository.git"), "main", at=tmp_path / "work")
    tree = check_out(source(str(tmp_path / "repository.git"), ref={"branch": "main"}), tmp_path / "out").tree
    assert tree.content("link.yaml") == b""
    assert (set(tree.links), set(tree.shipped)) == ({"link.yaml"}, {"a.yaml"}), "source-controller leaves links out"


@pytest.mark.thorough
def test_a_password_goes_over_http_and_into_no_argument(tmp_path: Path) -> None:
    login = base64.b64encode(f"flux:{PASSWORD}".encode()).decode()
    started: list[str] = []
    start = subprocess.Popen

    def noting(command: list[str], **more: Any) -> Any:
        started.extend(command)
        return start(command, **more)

    with served(bare_repository(tmp_path, {"a.yaml": "a: 1"}), f"Basic {login}") as url:
        credential = BasicCredential(type="basic", username="flux")
        access = access_for(url, "gitea-read", credential, {}, {"gitea-read-password": PASSWORD}.get)
        with patch("gitops.check.fetch.git_process.subprocess.Popen", noting):
            found = check_out(source(url, access, ref={"branch": "main"}), tmp_path / "out")
    assert files(found) == ["a.yaml"]
    assert "fetch" in started
    assert PASSWORD not in " ".join(started)
    assert login not in " ".join(started)
    written = [path for path in (tmp_path / "out").rglob("*") if path.is_file() and login.encode() in path.read_bytes()]
    assert not written, "git's own configuration of the clone holds the login"


def test_a_refused_login_is_one_sentence_and_names_no_secret(tmp_path: Path) -> None:
    with served(bare_repository(tmp_path, {"a.yaml": "a: 1"}), "Basic another") as url:
        credential = BasicCredential(type="basic", username="flux")
        access = access_for(url, "gitea-read", credential, {}, {"gitea-read-password": PASSWORD}.get)
        with pytest.raises(NotFetchedError) as told:
            check_out(source(url, access, ref={"branch": "main"}), tmp_path / "out")
    assert str(told.value).startswith("git says: ")
    assert len(str(told.value).splitlines()) == 1
    assert PASSWORD not in str(told.value)


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["basic", "bearer"])
def test_with_the_stacks_credential_the_persons_own_logins_are_not_asked(kind: str, tmp_path: Path) -> None:
    # The stack's login is refused here. A helper that git could ask would answer with the person's, and be told to forget it.
    helper = f"!f() {{ echo \"$1\" >> '{tmp_path / 'asked'}'; echo username=person; echo password={PASSWORD}; }}; f"
    git("config", "--file", str(tmp_path / "gitconfig"), "credential.helper", helper, at=tmp_path)
    persons = base64.b64encode(f"person:{PASSWORD}".encode()).decode()
    credential = BasicCredential(type="basic", username="flux") if kind == "basic" else BearerCredential(type="bearer")
    with served(bare_repository(tmp_path, {"a.yaml": "a: 1"}), f"Basic {persons}") as url:
        access = access_for(url, "gitea-read", credential, {}, lambda key: KEY)
        assert access.own
        with pytest.raises(NotFetchedError):
            check_out(source(url, access, ref={"branch": "main"}), tmp_path / "out")
        assert not (tmp_path / "asked").exists()
        assert files(check_out(source(url, ref={"branch": "main"}), tmp_path / "own")) == ["a.yaml"], "the helper would answer"


def test_git_gets_no_secret_but_the_one_it_needs_and_writes_no_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Whatever git starts (helpers, hooks, ssh) inherits its environment; a trace would hold the login that it is told there.
    for name in ("GITOPS_SECRET_OTHER", "PULUMI_CONFIG_PASSPHRASE", "PULUMI_ACCESS_TOKEN", "SOPS_AGE_KEY"):
        monkeypatch.setenv(name, PASSWORD)
    for name in ("GIT_TRACE", "GIT_TRACE2_EVENT", "GIT_TRACE_CURL", "GIT_CURL_VERBOSE"):
        monkeypatch.setenv(name, str(tmp_path / "trace"))
    monkeypatch.setenv("GIT_TRACE_REDACT", "0")
    seen = git_environment(Access(), tmp_path)
    assert PASSWORD not in seen.values()
    assert not [name for name in seen if name.startswith(("GIT_TRACE", "GIT_CURL"))]


def test_a_certificate_authority_of_ones_own_counts_beside_those_of_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # As for Flux, which adds `ca.crt` to the authorities of its image: a credential may serve a server with a public certificate, too.
    (tmp_path / "system.pem").write_text("SYSTEM")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "system.pem"))
    access = access_for("https://git.test/a.git", "", None, {"ca.crt": "PEM"}, lambda _: None)
    assert access.files == {"GIT_SSL_CAINFO": "PEM"}
    assert not access.own
    assert Path(git_environment(access, tmp_path)["GIT_SSL_CAINFO"]).read_text() == "PEM\nSYSTEM"


def test_a_certificate_of_the_clients_own_is_shown_to_the_server(tmp_path: Path) -> None:
    credential = TlsCredential(type="tls", certificate=certificate("a"), ca=certificate("b"))
    entries = {"ca.crt": certificate("b")}
    access = access_for("https://git.test/a.git", "client", credential, entries, {"client-private-key": KEY}.get)
    assert access.files == {"GIT_SSL_CAINFO": certificate("b"), "GIT_SSL_CERT": certificate("a"), "GIT_SSL_KEY": KEY}
    assert (access.own, access.secrets) == (True, (KEY,))
    paths = git_environment(access, tmp_path)
    assert Path(paths["GIT_SSL_KEY"]).stat().st_mode & 0o777 == 0o600
    assert access_for("https://git.test/a.git", "client", credential, entries, lambda _: None).own is False


def test_without_the_secret_git_fetches_as_the_person(tmp_path: Path) -> None:
    for credential in (SshCredential(type="ssh"), BasicCredential(type="basic", username="flux"), None):
        access = access_for("ssh://git@git.test/a.git", "it", credential, {}, lambda _: None)
        assert replace(access, instead=Instead.OF_NONE) == Access()


def test_a_person_learns_why_their_own_credentials_were_used() -> None:
    url, app = "https://git.test/a.git", GithubAppCredential(type="githubApp", appId="1", installationId="2")
    cases = ((None, Instead.OF_NONE), (BasicCredential(type="basic", username="flux"), Instead.NOT_SET), (app, Instead.UNUSABLE))
    for credential, why in cases:
        assert access_for(url, "it", credential, {}, lambda _: None).instead is why


@pytest.mark.thorough
def test_one_repository_that_fails_does_not_hide_the_others(tmp_path: Path) -> None:
    good = bare_repository(tmp_path, {"a.yaml": "a: 1"})
    main = {"branch": "main"}
    sources = {
        "good": Source(name="good", url=str(good), spec={"ref": main}, access=Access()),
        "gone": Source(name="gone", url=str(tmp_path / "gone.git"), spec={"ref": main}, access=Access()),
        "range": Source(name="range", url=str(good), spec={"ref": {"semver": "1.x"}}, access=Access()),
    }
    fetcher = Fetcher(sources, tmp_path / "out", io.StringIO())

    fetched = fetcher(["gone", "good", "range"])

    assert list(fetched) == ["good"]
    assert fetcher(["good", "gone"])["good"] is fetched["good"], "it was fetched twice"
    found = {each.repository: each for each in fetcher.findings}
    assert {(each.requirement, name, each.severity) for name, each in found.items()} == {
        (requirements.NOT_CHECKED, "gone", Severity.ERROR),
        (requirements.NOT_CHECKED, "range", Severity.WARNING),
    }
    assert "could not be fetched with your own credentials (the stack has none for it): git says: " in found["gone"].text
    assert "Nothing in it was checked." in found["gone"].text
    assert ".." not in found["gone"].text.replace(str(tmp_path), "")
    assert "asks for a version range (ref.semver)" in found["range"].text


@pytest.mark.thorough
def test_a_person_is_told_what_to_do_about_what_git_says(tmp_path: Path) -> None:
    good = bare_repository(tmp_path, {"a.yaml": "a: 1"})
    with served(good, "Basic another") as url:
        refused = access_for(url, "it", BasicCredential(type="basic", username="flux"), {}, {"it-password": "refused"}.get)
        sources = {
            "refused": Source(name="refused", url=url, spec={"ref": {"branch": "main"}}, access=refused),
            "branch": Source(name="branch", url=str(good), spec={}, access=Access()),
            "login": Source(name="login", url=url, spec={"ref": {"branch": "main"}}, access=Access()),
        }
        fetcher = Fetcher(sources, tmp_path / "out", io.StringIO())
        assert fetcher(["branch", "login", "refused"]) == {}
    found = {each.repository: each.text for each in fetcher.findings}
    assert "The branch or tag does not exist. Correct `ref`; without one, Flux uses master" in found["branch"]
    assert "The server requires a login. Give the source a `credential`" in found["login"]
    assert "The server does not accept the credential. Renew its password or token" in found["refused"]


def test_git_that_is_missing_or_does_not_end_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "git").write_text("#!/bin/sh\nexec sleep 5\n")
    (tmp_path / "bin" / "git").chmod(0o755)
    monkeypatch.setattr(clone, "SECONDS", 0.2)
    with (
        patch.dict(os.environ, {"PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"}),
        pytest.raises(NotFetchedError, match="did not finish"),
    ):
        check_out(source("x"), tmp_path / "out")
    with patch.dict(os.environ, {"PATH": str(tmp_path)}), pytest.raises(NotFetchedError, match="git is not on PATH"):
        check_out(source("x"), tmp_path / "out")


def test_a_fetch_that_takes_long_says_what_it_waits_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "SILENT_SECONDS", 0.01)
    stream = io.StringIO()
    progress = FetchProgress(stream, 120)
    with progress.of(["one", "other"]):
        progress.finished("one")
        said = "1 of 2 repositories fetched; waiting for other"
        for _ in range(500):
            if said in stream.getvalue():
                break
            progress._ended.wait(0.01)
    assert said in stream.getvalue()


def test_a_fetch_that_is_quick_says_nothing() -> None:
    stream = io.StringIO()
    progress = FetchProgress(stream, 120)
    with progress.of(["one"]):
        progress.finished("one")
    assert stream.getvalue() == ""


def test_a_deadline_that_is_over_starts_nothing(tmp_path: Path) -> None:
    deadline = Deadline(60)
    deadline.end()
    with pytest.raises(NotFetchedError, match="was interrupted"):
        check_out(source(str(bare_repository(tmp_path, {"a.yaml": "a: 1"}))), tmp_path / "out", deadline)
    assert list((tmp_path / "out").iterdir()) == []
