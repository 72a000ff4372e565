"""Pull requests at the real Gitea, with the shipped workflow run by act after each push (docs/how-to/pull-requests.md)."""

import base64
import json
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest

from gitops.comment.comment_text import mark_of
from tests.any_server import Answer, Request, any_server
from tests.e2e.act_runner import ActRunner, Ran
from tests.e2e.gitea_alone import NAME, ORGANISATION, PATH, GiteaAlone, PullRequest, gitea_alone
from tests.e2e.running_stack import CLONE, own_clone
from tests.gitops.comment.comment_runs import run
from tests.gitops.comment.forge_double import ForgeDouble
from tests.gitops.workflow_job import Job

FASTER = ("GitRepository: {interval: 15m", "GitRepository: {interval: 10m")
LESS_STRICT = "**Removes a safeguard** in `production`: The environment changes from `production` to `development` ("
PASSPHRASE = "-".join(("a", "passphrase", "of", "the", "repository"))
COMMENT = "</details>\n```\n# @robot ![x](http://evil.test/x) -->\n::add-path::/evil\n"
LIMIT = (403, {"Retry-After": "1", "X-Message": "You have exceeded a secondary rate limit"})
STEPS = ("Fetch both sides, and check out the target branch", "Install", "Compare", "Comment")


class Forge:
    """Gitea with this repository, and a runner with the shipped workflow."""

    def __init__(self, folder: Path, gitea: GiteaAlone) -> None:
        """Main is what is in this clone, in one commit: each run fetches all of it."""
        self.gitea, self._folder, self.runner = gitea, folder, ActRunner(folder / "runner")
        gitea.call("POST", "/orgs", {"username": ORGANISATION})
        gitea.call("POST", f"/orgs/{ORGANISATION}/repos", {"name": NAME, "default_branch": "main"})
        (folder / "main").mkdir()
        gitea.git("push", "--quiet", f"{gitea.url}/{PATH}", "HEAD:refs/heads/main", at=own_clone(folder / "main"))
        self.token = gitea.user_with_token("robot", "write:issue", "read:repository", "read:user")
        gitea.call("PUT", f"/repos/{PATH}/collaborators/robot", {"permission": "write"})
        self.token_of_a_fork = gitea.user_with_token("stranger", "read:repository")

    def pull_request(self, branch: str, fork_of: str | None = None, title: str = "A change") -> PullRequest:
        """A clone for it; nothing is pushed yet."""
        folder = self._folder / f"clone-{len(list(self._folder.iterdir()))}"
        return PullRequest(self.gitea, folder, branch, fork_of=fork_of, title=title)

    def compared(self, request: PullRequest, token: str) -> Ran:
        """What `compare.yaml` does after a push."""
        return self.ran("compare.yaml", request, token)

    def ran(self, workflow: str, request: PullRequest, token: str) -> Ran:
        """The same of any workflow."""
        variables = {"GITHUB_SERVER_URL": self.gitea.url, "GITHUB_REPOSITORY": PATH, "GITEA_ACTIONS": "true"}
        return self.runner.run(workflow, request.event, variables, {"GITHUB_TOKEN": token, "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE})

    def compared_at_github(self, request: PullRequest, github: str) -> Ran:
        """The same where the server is GitHub's double at the address `github`; git finds the repository here."""
        (self._folder / "runner" / ".gitconfig").write_text(f'[url "{self.gitea.url}/"]\n  insteadOf = {github}/\n')
        variables = {"GITHUB_SERVER_URL": github, "GITHUB_REPOSITORY": PATH}
        return self.runner.run("compare.yaml", request.event, variables, {"GITHUB_TOKEN": self.token})


@pytest.fixture(scope="module")
def forge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forge]:
    folder = tmp_path_factory.mktemp("forge")
    with gitea_alone(folder / "gitea") as gitea:
        yield Forge(folder, gitea)


def results(ran: Ran) -> list[str]:
    return [ran.steps.get(step, "not run") for step in STEPS]


def test_three_pushes_have_one_comment_with_the_words_of_the_last(forge: Forge) -> None:
    request = forge.pull_request("faster")
    seen = []
    for file, old, new in (
        ("catalog.yaml", *FASTER),
        ("Pulumi.production.yaml", "gitops:environment: production", "gitops:environment: development"),
        ("catalog.yaml", *FASTER[::-1]),
    ):
        request.replace(file, old, new)
        request.push()
        ran = forge.compared(request, forge.token)
        assert results(ran) == ["success"] * 4, ran.printed
        assert ran.summary == ""
        seen.append(forge.gitea.comments(request.number))

    assert [len(comments) for comments in seen] == [1, 1, 1]
    first, second, third = (comments[0] for comments in seen)
    assert all(text.startswith(mark_of("compare")) for text in (first, second, third))
    assert "`interval` `15m` → `10m` (in `defaults`, `catalog.yaml:15`)" in first
    assert ("Check before merging" in first, LESS_STRICT in first) == (False, False)
    assert ("Check before merging" in second, LESS_STRICT in second, "`15m` → `10m`" in second) == (True, True, True)
    assert ("Check before merging" in third, LESS_STRICT in third, "10m" in third) == (True, True, False)


def test_three_pushes_have_one_comment_at_a_github_with_pages_and_limits_and_failures(forge: Forge) -> None:
    request = forge.pull_request("at-github")
    double = ForgeDouble("github", login=None, path=PATH, largest_page=100)
    for number in range(150):
        double.put(f"{mark_of('compare')} is what I quote in comment {number}", "somebody")

    def answered(asked: Request) -> Answer:
        said = double(httpx.Request(asked.method, f"https://github.test{asked.path}", headers=asked.headers, content=asked.body))
        return Answer(status=said.status_code, headers=dict(said.headers), body=said.read())

    changes = (FASTER, (FASTER[1], FASTER[1].replace("10m", "5m")), (FASTER[1].replace("10m", "5m"), FASTER[0]))
    with any_server(answered) as server:
        for number, (old, new) in enumerate(changes):
            request.replace("catalog.yaml", old, new)
            request.push()
            double.number = request.number
            double.lose_answers, double.fail_page = int(number == 0), 2 * (number == 2)
            double.failures = [LIMIT] if number == 1 else []
            ran = forge.compared_at_github(request, f"http://{server.address}")
            assert results(ran) == ["success"] * 4, ran.printed
            (own,) = [each["body"] for each in double.comments if each["user"]["login"] == "github-actions[bot]"]
            assert ("`15m` → `10m`" in own, "`15m` → `5m`" in own, "Nothing to report" in own) == tuple(number == n for n in range(3))

    assert len(double.comments) == 151


def test_a_stack_that_is_refused_says_why_and_the_job_fails(forge: Forge) -> None:
    request = forge.pull_request("refused")
    request.replace("Pulumi.production.yaml", "storage,", "storrage,")
    request.push()

    ran = forge.compared(request, forge.token)

    assert results(ran) == ["success", "success", "failure", "success"]
    assert ran.code != 0
    (comment,) = forge.gitea.comments(request.number)
    assert "### `production` would be refused\n\nStack `production` would be refused: `pulumi up`" in comment
    assert "```text\nPulumi.production.yaml:" in comment
    assert "storrage" in comment


def test_a_fork_gets_no_secret_and_is_told_in_the_log_and_the_summary(forge: Forge) -> None:
    request = forge.pull_request("from-a-fork", fork_of="stranger")
    request.replace("catalog.yaml", *FASTER)
    request.push()
    assert request.event["pull_request"]["head"]["repo"]["full_name"] == f"stranger/{NAME}"

    ran = forge.compared(request, forge.token_of_a_fork)

    assert results(ran) == ["success"] * 4, ran.printed
    assert forge.gitea.comments(request.number) == []
    assert "the token may not write" in ran.printed
    assert "the text is in the log of the job" in ran.printed
    assert "`interval` `15m` → `10m`" in ran.printed, "this Gitea shows no summary"
    assert "`interval` `15m` → `10m`" in ran.summary
    assert "GITEA_TOKEN=" in forge.runner.environment_of("comment"), "this test must see a token where there is one"
    assert forge.token_of_a_fork not in forge.runner.environment_of("compare")
    for command in ("compare", "comment"):
        assert PASSPHRASE not in forge.runner.environment_of(command)


def test_a_preview_with_secrets_is_skipped_for_a_fork(forge: Forge) -> None:
    ran = []
    for branch, fork_of in (("own-preview", None), ("preview-of-a-fork", "forker")):
        if fork_of:
            forge.gitea.user_with_token(fork_of, "read:repository")
        request = forge.pull_request(branch, fork_of=fork_of)
        request.replace("catalog.yaml", *FASTER)
        request.push()
        ran.append(forge.ran("preview.yaml", request, forge.token))

    own, of_a_fork = ({step: result for step, result in each.steps.items() if not step.endswith(" job")} for each in ran)
    assert own == {"Check out the commit that was approved": "success", "Install": "failure"}, "Pulumi's CLI cannot be had here"
    assert (of_a_fork, ran[1].code, ran[1].printed) == ({}, 0, "")


def test_drift_has_one_issue_at_the_real_gitea(forge: Forge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITEA_TOKEN", forge.token)
    seen = []
    for text in ("a differs\n", "b differs\n", "", "c differs\n"):
        at = ("--api-url", forge.gitea.url, "--repository", PATH, "--author", "robot")
        assert run(text, "--issue", "Drift of stack production", *at, topic="drift")[0] == 0
        (issue,) = forge.gitea.listed(f"/repos/{PATH}/issues?state=all&type=issues")
        seen.append((issue["state"], issue["title"], issue["body"].splitlines()[1]))

    assert [(state, text) for state, _, text in seen if "differs" in text] == [
        ("open", "a differs"),
        ("open", "b differs"),
        ("open", "c differs"),
    ]
    assert seen[2][0] == "closed"
    assert {title for _, title, _ in seen} == {"Drift of stack production"}


def test_a_push_to_a_synced_repository_starts_check_at_the_real_gitea(forge: Forge, tmp_path: Path) -> None:
    gitea, stacks = forge.gitea, f"{ORGANISATION}/stacks"
    gitea.call("POST", f"/orgs/{ORGANISATION}/repos", {"name": "stacks", "default_branch": "main", "auto_init": True})
    for file in ("check.yaml", "compare.yaml"):
        content = base64.b64encode((CLONE / "workflows" / file).read_bytes()).decode()
        made = {"content": content, "message": f"{file} [skip ci]", "branch": "main"}
        gitea.call("POST", f"/repos/{stacks}/contents/.gitea/workflows/{file}", made)
    token = gitea.user_with_token("starter", "write:repository")
    gitea.call("PUT", f"/repos/{stacks}/collaborators/starter", {"permission": "write"})

    def started(token: str) -> tuple[dict[str, int], list[tuple[str, str]]]:
        folder = tmp_path / token[:8]
        folder.mkdir()
        job = Job(folder, {"GITHUB_API_URL": f"{gitea.url}/api/v1"})
        ended = job.run("synced-repository.yaml", {"vars.GITOPS_REPOSITORY": stacks, "secrets.GITOPS_TOKEN": token})
        runs = gitea.call("GET", f"/repos/{stacks}/actions/runs")["workflow_runs"]
        return ended, [(each["event"], each["path"]) for each in runs]

    assert started(forge.token_of_a_fork) == ({"Start check.yaml": 22}, []), "it may only read"
    assert started(token) == ({"Start check.yaml": 0}, [("workflow_dispatch", "check.yaml@refs/heads/main")])


def test_hostile_names_and_texts_run_nothing_and_forge_nothing(forge: Forge, tmp_path: Path) -> None:
    was_run = tmp_path / "was-run"
    run = f"touch${{IFS}}{was_run}"
    commands = f"$({run})`{run}`;{run};"
    markdown = "<img src=x>@robot[a](http://evil.test)`**b**"
    request = forge.pull_request(f"{commands}#@robot", title=f"{commands}\n\n::add-path::{tmp_path}\n### Approved {markdown}")
    (request.folder / "gitops" / "cli.py").write_text(f"open({str(was_run)!r}, 'w')\n")
    (request.folder / "sitecustomize.py").write_text(f"open({str(was_run)!r}, 'w')\n")
    (request.folder / "Pulumi.$(touch was-run)`touch was-run`\n### Approved.yaml").write_text("config: {}\n")
    (request.folder / f"Pulumi.{markdown.replace('/', '')}.yaml").write_text("config: {gitops:use: [x]}\n")
    request.replace("catalog.yaml", *FASTER)
    request.replace("Pulumi.production.yaml", "CLUSTER_DOMAIN: lab.daviestechlabs.io", f"CLUSTER_DOMAIN: {json.dumps(COMMENT + markdown)}")
    request.push(f"{commands}\n\n::error::{markdown}\n::set-env name=PATH::{tmp_path}")

    ran, in_the_log = forge.compared(request, forge.token), forge.compared(request, forge.token_of_a_fork)

    assert not list(tmp_path.iterdir()), "something was run"
    assert "`interval` `15m` → `10m`" in in_the_log.printed
    for each in (ran, in_the_log):
        assert (each.commands, [line for line in each.printed.splitlines() if line.lstrip().startswith("::")]) == (set(), [])
    assert results(ran) == ["success", "success", "failure", "success"], ran.printed
    (comment,) = forge.gitea.comments(request.number)
    begin = "### `production`, `staging`: 11 changes, trusts somebody else, can delete objects; `"
    assert comment.startswith(f"{mark_of('compare')}\n{begin}"), "the refused stacks are named as code"
    assert "The program itself changes (`gitops/cli.py`, `sitecustomize.py`), and what that does is not shown" in comment
    assert "`interval` `15m` → `10m`" in comment, "this test must see a comparison"
    tags, outside_of_code = in_html(forge.gitea.shown(comment))
    assert tags <= {"code", "details", "div", "h3", "li", "p", "pre", "span", "strong", "summary", "ul"}, "no link, mention or picture"
    assert "CLUSTER_DOMAIN" not in outside_of_code
    assert not [word for word in ("robot", "Approved", "evil", "touch", "</details>", "onerror") if word in outside_of_code]


def in_html(text: str) -> tuple[set[str], str]:
    """The elements, and what stands in none of `code`."""
    reader = Elements()
    reader.feed(text)
    return reader.tags, "".join(reader.outside)


class Elements(HTMLParser):
    """Which elements there are, and what is text in none of `code`."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.outside: list[str] = []
        self._code = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)
        self._code += tag == "code"

    def handle_endtag(self, tag: str) -> None:
        self._code -= tag == "code"

    def handle_data(self, data: str) -> None:
        if not self._code:
            self.outside.append(data)
