"""docs/troubleshooting.md shows what the program prints: each change is made to the shipped file, and the program is run."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.engine import REPOSITORY
from tests.stack_files import preview, shown

PAGE = REPOSITORY / "docs" / "troubleshooting.md"
CASE = re.compile(r"```diff\n--- (?P<file>\S+)\n(?P<diff>.*?)```\n\n```text\n(?P<printed>.*?)```", re.DOTALL)
HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
STACK = "production"


@dataclass(frozen=True)
class Case:
    """One mistake of the page."""

    heading: str
    file: str
    removed: list[str]
    added: list[tuple[str, str]]
    """After which removed line → what stands there instead."""
    printed: str


def cases() -> Iterator[Case]:
    page = PAGE.read_text(encoding="utf-8")
    for found in CASE.finditer(page):
        headings = [heading[1] for heading in HEADING.finditer(page, 0, found.start())]
        removed: list[str] = []
        added: list[tuple[str, str]] = []
        for line in found["diff"].splitlines():
            if line.startswith("-"):
                removed.append(line[1:])
            else:
                assert line.startswith("+"), f"neither - nor +: {line}"
                added.append((removed[-1], line[1:]))
        yield Case(heading=headings[-1], file=found["file"], removed=removed, added=added, printed=found["printed"])


def changed(text: str, case: Case) -> str:
    for line in case.removed:
        assert text.count(f"{line}\n") == 1, f"{case.file} has not exactly one line like this: {line}"
        instead = "".join(f"{new}\n" for old, new in case.added if old == line)
        text = text.replace(f"{line}\n", instead)
    return text


def printed(case: Case, folder: Path) -> str:
    files = {name: (REPOSITORY / name).read_text(encoding="utf-8") for name in (f"Pulumi.{STACK}.yaml", "catalog.yaml")}
    files[case.file] = changed(files[case.file], case)
    record = preview(folder, files[f"Pulumi.{STACK}.yaml"], catalog=files["catalog.yaml"], stack=STACK)
    assert record.exit_code == 32, case.heading
    assert "correct-horse" not in record.errors
    return f"error: {shown(record, folder)}\n"


@pytest.mark.parametrize("case", list(cases()), ids=lambda case: f"{case.heading} ({case.file})")
def test_the_page_shows_what_is_printed(case: Case, tmp_path: Path, update_goldens: bool) -> None:
    now = printed(case, tmp_path)
    if update_goldens:
        page = PAGE.read_text(encoding="utf-8")
        before = next(found for found in CASE.finditer(page) if _is(found, case))
        PAGE.write_text(page[: before.start("printed")] + now + page[before.end("printed") :], encoding="utf-8")
    else:
        assert now == case.printed, "if the change is meant: make goldens"


def _is(found: re.Match[str], case: Case) -> bool:
    lines = found["diff"].splitlines()
    return (
        found["file"] == case.file
        and [line[1:] for line in lines if line.startswith("-")] == case.removed
        and all(f"+{new}" in lines for _, new in case.added)
    )


def test_the_page_has_at_least_ten_mistakes() -> None:
    assert len(list(cases())) >= 10
