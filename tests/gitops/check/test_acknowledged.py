"""What the stack file accepts is shown, and does not fail the command; what is told once is told with its number."""

from pathlib import Path

import pytest

from flux.message import Message
from flux.object_reference import ObjectReference
from gitops.check import requirements
from gitops.check.acknowledged import acknowledged
from gitops.check.file_finding import FileFinding, error
from gitops.check.findings.told_once import told_once
from stacks.contract.stack import AcknowledgedFinding
from tests.gitops.check.stack import run, stack_and_repository


def entry(finding: str, file: str | None) -> AcknowledgedFinding:
    return AcknowledgedFinding.model_validate({"finding": finding, "repository": "r", "file": file, "because": "It is a test."})


def plain(file: str = "a.yaml", line: int = 1) -> FileFinding:
    return error(requirements.PLAIN_SECRET, "r", file, Message("contains plain data"), line)


def test_an_entry_is_for_all_findings_of_its_name_in_its_file() -> None:
    found = list(acknowledged([plain(), plain(line=9), plain("b.yaml")], [entry("plain-secret", "./a.yaml")], set()))

    assert [(each.acknowledged, each.breaks) for each in found] == [("It is a test.", False), ("It is a test.", False), (None, True)]


def test_an_entry_that_fits_nothing_is_told_unless_its_repository_could_not_be_read() -> None:
    entries = [entry("plain-secret", "b.yaml"), entry("not-checked", None)]

    assert [(each.rule, each.file) for each in acknowledged([], entries, {"another"})] == [
        ("acknowledges-nothing", "b.yaml"),
        ("acknowledges-nothing", ""),
    ]
    assert list(acknowledged([], entries, {"r"})) == []


@pytest.mark.thorough
def test_the_table_the_document_and_the_exit_code_say_so(tmp_path: Path) -> None:
    with stack_and_repository(tmp_path / "it", "plain-secret") as clone:
        file = clone / "Pulumi.homelab.yaml"
        accepted = "  gitops:acknowledge: [{finding: plain-secret, repository: repository, file: apps/app/login.yaml, because: A test.}]\n"
        before = run("--no-record", "--stack", "homelab")
        file.write_text(file.read_text() + accepted)
        after = run("--no-record", "--stack", "homelab")

    assert (before[0], "error plain-secret repository: apps/app/login.yaml" in before[1]) == (1, True)
    assert "acknowledged plain-secret repository: apps/app/login.yaml" in after[1]
    assert "Acknowledged: A test." in after[1]
    assert ", 1 acknowledged" in after[1]


def test_one_fault_in_many_namespaces_is_one_finding_and_two_faults_are_two() -> None:
    about = [ObjectReference("Secret", f"n{index}", "s") for index in range(4)]
    same = [error(requirements.PLAIN_SECRET, "r", "s.yaml", f"{each} contains plain data (a)", 1, each) for each in about]
    by_who = [error(requirements.NOT_DECRYPTED, "r", "t.yaml", f"is encrypted, but Kustomization {who} applies it") for who in "abc"]
    others = [error(requirements.PLAIN_SECRET, "r", "s.yaml", f"{about[0]} contains plain data (b)", 1, about[0])]

    assert [each.message.wrong for each in told_once([*same, *by_who, *others])] == [
        "Secret/n0/s contains plain data (a) (and 3 more times, for other Kustomizations)",
        "is encrypted, but Kustomization a applies it (and 2 more times, for other Kustomizations)",
        "Secret/n0/s contains plain data (b)",
    ]
