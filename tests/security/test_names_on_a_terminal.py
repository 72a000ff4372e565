"""Names and texts of repositories, servers and files that would write on the terminal of whoever reads them."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from flux.message import Message
from flux.message_lines import lines_of
from gitops.check import requirements
from gitops.check.file_finding import error
from gitops.check.findings.judging import judge
from gitops.check.repository.tree import Tree
from gitops.check.run import Report
from gitops.check.table import print_report
from gitops.errors import CommandError
from gitops.status.groups import Group
from gitops.status.row import Readiness, StatusRow
from gitops.status.table import print_table
from gitops.telling import tell
from gitops.terminal import print_json, print_lines, rewrite_line
from gitops.wait_progress import WaitProgress
from stacks.words.place import Place
from stacks.words.problems import Problem, shown
from tests.gitops.check.samples import facts
from tests.stack_files import preview

FORGED = {
    "a verdict": "a.yaml\n\n0 repositories, 0 encrypted files; 0 errors, 0 warnings",
    "a command for a CI runner": "a.yaml\n::error file=b.yaml::of another",
    "a line written over": "a.yaml\r\x1b[2K0 errors",
    "a title": "\x1b]0;title\x07a.yaml",
    "a sequence of C1": "\x9b2Ja.yaml",
    "a name turned round": "\u202elmay.a\u202c",
    "lines of Unicode": "a\u2028b\u2029c\x85d",
}
NAMES = pytest.mark.parametrize("name", FORGED.values(), ids=FORGED)


def assert_harmless(text: str, name: str) -> None:
    assert name not in text
    for line in text.split("\n"):
        assert line.isprintable(), line
        assert not line.startswith(("::error", "0 errors", "0 repositories"))


@NAMES
@pytest.mark.parametrize("width", [None, 80])
def test_a_file_forges_nothing_in_what_the_check_prints(name: str, width: int | None) -> None:
    finding = error(requirements.PLAIN_SECRET, "repository", name, Message(f"says {name}", f"It {name}.", f"Run: rm {name}"))
    report = Report(stack="s", checkouts={}, urls={}, files=[], findings=[finding], record=None)
    output = io.StringIO()

    print_report(report, Console(file=output, force_terminal=False, width=width or 80))

    *lines, verdict = output.getvalue().splitlines()
    assert "1 error" in verdict
    assert_harmless("\n".join(lines), name)


@NAMES
@pytest.mark.parametrize("terminal", [True, False])
def test_an_object_forges_nothing_in_the_status(name: str, terminal: bool) -> None:
    row = StatusRow(
        api_version="kustomize.toolkit.fluxcd.io/v1",
        kind="Kustomization",
        namespace=name,
        name=name,
        group=Group.KUSTOMIZATIONS,
        ready=Readiness.NO,
        reason=name,
        message=f"failed: {name}",
        revision=name,
    )
    output = io.StringIO()
    console = Console(file=output, force_terminal=terminal, width=100, no_color=True, color_system=None)

    print_table([row], console)

    assert_harmless(output.getvalue(), name)


@NAMES
def test_a_message_forges_nothing(name: str) -> None:
    output = io.StringIO()

    tell(CommandError(Message(f"did not find {name}", f"It is {name}.", f"Run: rm {name}"), details=f"pulumi said {name}"), output)
    print("\n".join(lines_of(Message(name, name, name), name)), file=output)
    print(shown([Problem(Place(file=name, line=1, key=(name,)), Message(name, name, name))]), file=output)

    text = output.getvalue().replace(f"pulumi said {name}".split("\n")[0], "")
    assert "\x1b" not in text
    assert "\r" not in text
    assert "\u202e" not in text
    assert "\x9b" not in text


@NAMES
def test_progress_forges_nothing(name: str) -> None:
    output = io.StringIO()
    WaitProgress(output).say(name)
    rewrite_line(name, output)
    print_lines(name.replace("\n", " "), output)
    assert_harmless(output.getvalue().replace("\r\x1b[K", ""), name)


@NAMES
def test_json_for_scripts_is_the_same_and_harmless(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"file": name})

    printed = capsys.readouterr().out
    assert json.loads(printed) == {"file": name}
    assert all(line.isprintable() for line in printed.split("\n"))


@NAMES
def test_a_key_of_a_stack_file_forges_nothing_in_a_preview(name: str, tmp_path: Path) -> None:
    stack = {"config": {"gitops:environment": "development", f"gitops:{name}": 1, "gitops:use": [name]}}

    record = preview(tmp_path, json.dumps(stack), catalog="{}", register=False)

    assert record.errors
    assert_harmless(record.errors_as_shown, name)


@pytest.mark.thorough
def test_a_command_that_is_suggested_quotes_what_it_names(tmp_path: Path) -> None:
    name = "apps/$(touch ran);.sops.yaml"
    (tmp_path / "apps").mkdir()
    (tmp_path / name).write_text("a: 1\n")

    findings = judge(facts({}), lambda names: {each: Tree(each, tmp_path, [name]) for each in names}).findings

    (told,) = [finding.message.fix for finding in findings if finding.rule == "not-encrypted"]
    assert "sops encrypt --in-place 'apps/$(touch ran);.sops.yaml'" in told
