"""Stack files that are right, and stack files that are wrong in one way each, with what a person is told.

`tests/fixtures/stacks/valid` and `invalid`: each file is a stack file and, below `---`, the catalog that it chooses from. Its first
line says why it is there; its second what it covers. What an invalid one must print stands beside it, in `<stem>.expected`;
`make goldens` writes those anew.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from flux.finding import GIT, Finding
from flux.requirement import EVERYWHERE
from flux.rules import rules
from flux.rules.rule import Rule
from stacks.judging.policies import policies
from stacks.reading.model_errors import MESSAGES
from stacks.reading.yaml_file import read_yaml
from tests.engine import REPOSITORY
from tests.manifests import distribution
from tests.record import Record, on_one_line_each
from tests.stack_files import as_shown, preview, shown

FOLDER = REPOSITORY / "tests" / "fixtures" / "stacks"
INVALID = sorted((FOLDER / "invalid").glob("*.yaml"))
VALID = sorted((FOLDER / "valid").glob("*.yaml"))
CATALOG = (FOLDER / "catalog.yaml").read_text(encoding="utf-8")
MARKER = "hunter2"
PLACE = re.compile(r"^(Pulumi\.fixture\.yaml|catalog\.yaml)(:\d+)?( (<looks like a secret>|[^ ])+)?: .+")

ONLY_DEVELOPMENT = re.compile(r"only (environment: )?development (allows|may)")

NOT_REACHABLE = {
    "object-has-a-spec": "an object is never made without one",
}
"""Rules that no stack file can break today, and why."""
FOUND_BY_THE_READER = {
    "values-are-written-down": "an environment variable is refused where it is read, before there is a stack to judge",
}
"""Rules that are only for the reference page, and why."""
NOT_IN_YAML = {
    "string_unicode": "YAML is UTF-8; only an environment variable can hold other bytes",
}
"""Errors that no file can raise, and why."""


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The rules that found something, by name."""
    found: set[str] = set()
    judge = Rule.judge

    def judged(rule: Rule[Any], subject: Any) -> Iterator[Finding]:
        for finding in judge(rule, subject):
            found.add(rule.name)
            yield finding

    monkeypatch.setattr(Rule, "judge", judged)
    return found


def covered_by(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines()[1].removeprefix("# covers: ").split(", ")


def previewed(file: Path, folder: Path) -> Record:
    return preview(folder, file.read_text(encoding="utf-8"), catalog=CATALOG)


def covered() -> set[str]:
    return {item for file in INVALID for item in covered_by(file)}


@pytest.mark.parametrize("file", INVALID, ids=lambda file: file.stem)
def test_an_invalid_file_is_told_with_its_place_and_nothing_is_registered(
    file: Path, tmp_path: Path, broken: set[str], update_goldens: bool
) -> None:
    record = previewed(file, tmp_path)
    text = as_shown(record, tmp_path) + "\n"
    expected = file.with_suffix(".expected")
    if update_goldens and not (expected.exists() and on_one_line_each(expected.read_text(encoding="utf-8")) == on_one_line_each(text)):
        expected.write_text(text, encoding="utf-8")

    assert record.exit_code == 32, f"{record.exception!r}"
    assert [resource.type for resource in record.resources] == ["pulumi:pulumi:Stack"], "something was registered"
    assert "Traceback" not in record.errors + record.printed
    assert MARKER not in record.errors + record.printed
    for kind, _, name in (item.partition(" ") for item in covered_by(file)):
        assert kind not in ("rule", "policy") or name in broken | set(FOUND_BY_THE_READER), (
            f"the file does not break the {kind} {name}, which it covers"
        )
    # Where lines break depends on the length of this machine's temporary directory.
    assert on_one_line_each(text) == on_one_line_each(expected.read_text(encoding="utf-8")), "if the change is meant: make goldens"


@pytest.mark.parametrize("file", [file for file in INVALID if file.stem.startswith("policy-")], ids=lambda file: file.stem)
def test_production_and_staging_refuse_alike_what_development_allows(file: Path, tmp_path: Path) -> None:
    text = file.read_text(encoding="utf-8")
    told = {}
    for environment in ("production", "staging", "development"):
        folder = tmp_path / environment
        folder.mkdir()
        changed = re.sub(r"gitops:environment: \w+", f"gitops:environment: {environment}", text)
        told[environment] = shown(preview(folder, changed, catalog=CATALOG, register=False), folder).replace("`", "")

    assert (
        told["production"]
        == told["staging"]
        == on_one_line_each(file.with_suffix(".expected").read_text(encoding="utf-8").replace("`", "").removesuffix("\n"))
    )
    assert ONLY_DEVELOPMENT.search(told["production"])
    assert not ONLY_DEVELOPMENT.search(told["development"])


@pytest.mark.parametrize("file", VALID, ids=lambda file: file.stem)
def test_a_valid_file_is_taken(file: Path, tmp_path: Path) -> None:
    record = previewed(file, tmp_path)

    assert record.exit_code == 0, record.errors
    assert record.of_type("kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition")


@pytest.mark.parametrize("file", INVALID, ids=lambda file: file.stem)
def test_every_problem_has_a_place_and_each_fixture_one_reason(file: Path) -> None:
    why, covers, *_ = file.read_text(encoding="utf-8").splitlines()
    told = file.with_suffix(".expected").read_text(encoding="utf-8").removesuffix("\n")
    count, *problems = on_one_line_each(told).splitlines()

    assert re.match(r"# \S.{8,}", why)
    assert covers.startswith("# covers: ")
    assert count == f"{len(problems)} problem{'s' if len(problems) > 1 else ''}; nothing was changed."
    assert not [problem for problem in problems if not PLACE.match(problem)]


def test_there_are_enough_and_no_expectation_is_left_over() -> None:
    assert len(INVALID) >= 60
    assert {file.stem for file in (FOLDER / "invalid").glob("*.expected")} == {file.stem for file in INVALID}


@pytest.mark.parametrize(
    ("what", "names"),
    [
        ("fault", lambda: set(MESSAGES) - set(NOT_IN_YAML)),
        ("policy", lambda: {policy.name for policy in policies()} | {rule.name for rule in rules() if rule.environments != EVERYWHERE}),
        (
            "rule",
            lambda: {rule.name for rule in rules() if rule.environments == EVERYWHERE and rule.looks_at != GIT} - set(NOT_REACHABLE),
        ),
        ("kind", lambda: {definition["spec"]["names"]["kind"] for definition in distribution().definitions()}),
    ],
    ids=["every error of a model", "every policy", "every rule", "every kind of Flux"],
)
def test_fixtures_cover(what: str, names: Callable[[], set[str]]) -> None:
    found = {item.removeprefix(f"{what} ") for item in covered() if item.startswith(f"{what} ")}

    assert found == names()


def test_every_fixture_is_a_stack_file_of_its_own() -> None:
    for file in (*INVALID, *VALID):
        text = file.read_text(encoding="utf-8").split("\n---\n")[0]
        assert text.count("\nconfig:\n") == 1, file.name
    assert read_yaml(FOLDER / "catalog.yaml", "catalog.yaml").value["git"]
