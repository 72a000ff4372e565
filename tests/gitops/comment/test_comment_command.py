"""`gitops comment` against doubles of Gitea's and GitHub's APIs."""

import json
from pathlib import Path

import pytest

from flux.markdown_text import NOTHING_TO_SAY
from gitops.comment.comment_text import mark_of
from tests.gitops.comment.comment_runs import TOKENS, URLS, run, summary
from tests.gitops.comment.forge_double import ForgeDouble


def test_there_is_one_comment_after_three_pushes_and_one_for_each_topic(forge: ForgeDouble) -> None:
    for number in range(3):
        assert run(f"push {number}\n")[0] == 0
    assert run("another\n", topic="preview")[0] == 0
    assert run("push 2\n")[2] == "comment compare at org/name #7: already up to date\n"

    assert forge.bodies() == [f"{mark_of('compare')}\npush 2\n", f"{mark_of('preview')}\nanother\n"]
    assert sum(each.startswith(("POST", "PATCH")) for each in forge.asked) == 4


def test_it_is_found_behind_many_others_on_every_page(forge: ForgeDouble) -> None:
    forge.largest_page = 10
    for number in range(35):
        forge.put(f"comment {number}", "somebody")
    run("first\n")
    run("second\n")
    assert len(forge.comments) == 36
    assert forge.bodies()[-1].endswith("second\n")


def test_a_comment_of_somebody_else_with_the_same_mark_is_left_alone(forge: ForgeDouble) -> None:
    forge.put(f"{mark_of('compare')}\nNothing changes, merge it.", "mallory")
    forge.put(f"quoted:\n{mark_of('compare')}\n", "robot")
    run("true\n")
    assert len(forge.comments) == 3
    assert forge.bodies()[0].endswith("merge it.")


def test_when_nothing_is_left_to_say_it_is_folded_and_none_is_written_for_nothing(forge: ForgeDouble) -> None:
    quiet = f"{NOTHING_TO_SAY}### Nothing changes\n"
    assert run(quiet)[2].endswith("not needed: there is nothing to say\n")
    assert forge.comments == []
    run("something\n")
    assert "folded" in run(quiet)[2]
    assert forge.bodies() == [
        f"{mark_of('compare')}\n<details><summary>Nothing to report for the last commit</summary>\n\n### Nothing changes\n\n</details>\n"
    ]
    assert "up to date" in run(quiet)[2]
    assert "folded" in run("\n")[2]
    assert "updated" in run("something\n")[2]


@pytest.mark.parametrize(
    ("failures", "waits"),
    [
        ([(500, {})], [1.0]),
        ([(502, {}), (503, {}), (504, {})], [1.0, 2.0, 4.0]),
        ([(429, {"Retry-After": "7"})], [7.0]),
        ([(429, {"Retry-After": "0"}), (429, {})], None),
    ],
)
def test_a_busy_forge_is_asked_again_later(
    failures: list[tuple[int, dict[str, str]]], waits: list[float] | None, forge: ForgeDouble, waited: list[float]
) -> None:
    forge.failures = list(failures)
    assert run("text\n")[0] == 0
    assert len(forge.comments) == 1
    assert waits is None or waited == waits


def test_an_answer_that_was_lost_makes_no_second_comment(forge: ForgeDouble, waited: list[float]) -> None:
    forge.lose_answers = 1
    assert run("text\n")[0] == 0
    assert (len(forge.comments), waited) == (1, [1.0])


def test_a_forge_that_stays_busy_or_asks_for_an_hour_ends_the_command(forge: ForgeDouble, waited: list[float]) -> None:
    forge.failures = [(500, {})] * 9
    code, _, err = run("text\n")
    assert (code, waited) == (2, [1.0, 2.0, 4.0, 8.0])
    assert "answers 500: not now" in err
    forge.failures = [(429, {"Retry-After": "3600"})]
    assert "Wait 3600 s" in run("text\n")[2]
    assert len(waited) == 4


def test_the_token_of_a_workflow_writes_as_the_forges_robot(forge: ForgeDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    forge.login = None
    run("first\n")
    run("second\n")
    assert len(forge.comments) == 1
    monkeypatch.delenv("GITHUB_ACTIONS")
    monkeypatch.delenv("GITEA_ACTIONS", raising=False)
    assert "Name its user, whose comments are updated: --author LOGIN" in run("third\n")[2]
    author = forge.comments[0]["user"]["login"]
    assert run("third\n", "--author", author)[0] == 0
    assert len(forge.comments) == 1


def test_without_a_token_that_may_write_the_text_is_where_the_forge_shows_it(
    forge: ForgeDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_gitea, place = forge.kind == "gitea", {"gitea": "log", "github": "summary"}[forge.kind]
    forge.read_only = True
    code, out, err = run("text\n")
    assert (code, out, summary(tmp_path), forge.comments) == (0, "text\n" * is_gitea, "text\n", [])
    assert err.startswith("no comment: the token may not write (")
    assert err.endswith(f"; the text is in the {place} of the job\n")
    monkeypatch.delenv(TOKENS[forge.kind])
    assert run("more\n")[::2] == (0, f"no comment: there is no token; the text is in the {place} of the job\n")
    assert summary(tmp_path) == "text\nmore\n"
    assert run(NOTHING_TO_SAY)[:2] == (0, "")
    monkeypatch.delenv("GITHUB_STEP_SUMMARY")
    assert run("shown\n")[1:] == ("shown\n", "no comment: there is no token; the text is in the log of the job\n")
    monkeypatch.setenv("GITEA_STEP_SUMMARY", str(tmp_path / "summary.md"))
    run("again\n")
    assert summary(tmp_path) == "text\nmore\nagain\n"


def test_outside_of_a_job_the_text_is_printed_as_it_is(forge: ForgeDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (TOKENS[forge.kind], "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name)
    monkeypatch.delenv("GITEA_ACTIONS", raising=False)
    assert run("::text\n")[1:] == ("::text\n", "no comment: there is no token; this is the text\n")


def test_what_a_log_shows_is_no_command_for_the_runner(forge: ForgeDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(TOKENS[forge.kind])
    monkeypatch.delenv("GITHUB_STEP_SUMMARY")
    told = run(
        "::add-path::/x\n  ::x::y\n \u00a0> ::error::no\na ##[group]b\nstd::vector\n\x1b[2J::notice::\r::warning::\n\n"
        + "é" * 16_001
        + "::\n"
    )[1]

    assert told.split("\n") == [
        *("\\::add-path::/x", "  \\::x::y", " \\xa0> ::error::no", "a ##\\[group]b", "std::vector", "\\x1b[2J::notice::\\r::warning::", ""),
        *("é" * 16_000, "é::", ""),
    ]
    assert max(len(line.encode()) for line in told.split("\n")) < 64 * 1024


def test_a_long_text_is_cut_where_everything_is_closed_and_the_whole_is_where_the_forge_shows_it(
    forge: ForgeDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "### Head\n\n<details><summary>Fields</summary>\n\n````diff\n" + "+ line ```\n" * 20_000 + "````\n\n</details>\n"
    is_gitea, run_of_it = forge.kind == "gitea", f"<{URLS[forge.kind]}/org/name/actions/runs/42>"
    code, out, _ = run(text)
    body = forge.bodies()[0]

    assert code == 0
    assert len(body.encode()) <= 65_000
    before, _, tail = body.rpartition("````\n\n</details>\n")
    assert before.endswith("+ line ```\n")
    assert tail.startswith("\n**Cut here.** ")
    assert tail.endswith(f"more lines, in the {'log' if is_gitea else 'summary'} of the job: {run_of_it}\n")
    assert (summary(tmp_path), out) == (text, text if is_gitea else "")

    assert run(text * 6)[1] == text * 6, "a summary shows 1 MiB"
    assert forge.bodies()[0].endswith(f"more lines, in the log of the job: {run_of_it}\n")
    assert summary(tmp_path).endswith(" more lines, in the log of the job.\n")


def test_a_text_that_a_comment_cannot_show_as_its_mark_has_no_room_is_kept_too(forge: ForgeDouble, tmp_path: Path) -> None:
    text = "word\n" * (65_000 // 5)
    run(text)
    assert "**Cut here.**" in forge.bodies()[0]
    assert summary(tmp_path) == text


def test_a_token_that_does_not_work_is_a_mistake_whose_message_names_what_comments_need(
    forge: ForgeDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs = {"gitea": "with the scope write:issue, as a user who may read", "github": "with the permission Pull requests: write for"}
    forge.failures = [(401, {})]
    code, _, unknown = run("text\n")
    monkeypatch.setenv(TOKENS[forge.kind], "with a space")
    impossible = run("text\n")[2]

    assert (code, summary(tmp_path), forge.comments) == (2, "", [])
    assert f"does not accept the token in {TOKENS[forge.kind]}" in unknown
    assert f"{TOKENS[forge.kind]}" in impossible
    for told in (unknown, impossible):
        assert needs[forge.kind] in told
        assert "administer" not in told.lower(), "that is what deploy keys need"


def test_a_workflow_of_an_enterprise_server_of_any_name_speaks_to_github(monkeypatch: pytest.MonkeyPatch, forge: ForgeDouble) -> None:
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://code.test")
    assert run("text\n")[0] == 0
    assert len(forge.comments) == 1
    assert forge.authorization == {"gitea": "token", "github": "Bearer"}[forge.kind]


def test_the_pull_request_is_known_from_the_event_or_named(forge: ForgeDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_REF", "refs/heads/main")
    assert "it is unknown which pull request is meant" in run("text\n")[2]
    event = tmp_path / "event.json"
    monkeypatch.setenv("GITHUB_EVENT_PATH", str(event))
    for wrong in ("", "[]", '{"pull_request": {"number": true}}', '{"pull_request": {"number": "7"}}', '{"pull_request": []}'):
        event.write_text(wrong)
        assert run("text\n")[0] == 2, wrong
    event.write_text(json.dumps({"pull_request": {"number": 7}}))
    assert run("text\n")[0] == 0
    monkeypatch.delenv("GITHUB_EVENT_PATH")
    monkeypatch.delenv("GITHUB_REPOSITORY")
    assert run("text\n", "--number", "7", "--repository", "org/name")[0] == 0
    assert len(forge.comments) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("--topic", "A topic -->"),
        ("--file", "/nowhere/at/all"),
        ("--forge", "gitlab"),
        ("--repository", "nothing"),
        ("--api-url", "http://git.test"),
    ],
)
def test_what_cannot_be_meant_is_a_mistake(arguments: tuple[str, ...], forge: ForgeDouble) -> None:
    assert run("text\n", *arguments)[0] == 2
    assert forge.comments == []


def test_a_plain_text_is_code_and_secrets_in_it_are_masked(forge: ForgeDouble, tmp_path: Path) -> None:
    file = tmp_path / "preview.txt"
    file.write_text("@all ```\n</details>\x1b[2J\n")
    run("", "--file", str(file), "--plain")
    assert forge.bodies()[0] == f"{mark_of('compare')}\n````text\n@all ```\n</details>\\x1b[2J\n````\n"
