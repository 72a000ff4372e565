"""docs/compare.md and README.md show what the command prints, and the first lists every decision; and the table, in colours and without."""

import io
import re
from pathlib import Path
from typing import Literal

import pytest
from rich.console import Console

from gitops.compare.app import CompareOutput
from gitops.compare.found_changes import StackOutcome
from gitops.compare.markdown import markdown
from gitops.compare.risks import RISKS, Risk
from gitops.compare.table import print_comparison, render
from tests.engine import REPOSITORY
from tests.gitops.compare.kinds_of_change import KINDS
from tests.gitops.compare.test_kinds_of_change import comparison_of
from tests.hygiene.source_code import modules

PAGE, README = REPOSITORY / "docs" / "compare.md", REPOSITORY / "README.md"
SHOWN = re.compile(r"^```(?P<form>\w+) kind=(?P<kind>\S+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
DECIDED = re.compile(r'(?:Decision|_decision)\(\s*(?:pair, )?(?:kind=)?"([a-z-]+)"|STACK_GOES = "([a-z-]+)"|yield "([a-z-]+)", ')


def printed(kind: str, folder: Path, width: int | None = None) -> str:
    return render(comparison_of(KINDS[kind], folder), width).plain + "\n"


@pytest.mark.parametrize("file", [PAGE, README], ids=lambda file: file.name)
def test_a_page_shows_what_is_printed(file: Path, tmp_path: Path, update_goldens: bool) -> None:
    page = file.read_text(encoding="utf-8")

    def now(found: re.Match[str]) -> str:
        folder = tmp_path / found["kind"]
        folder.mkdir()
        text = printed(found["kind"], folder, 120) if found["form"] == "text" else markdown(comparison_of(KINDS[found["kind"]], folder))
        text = re.sub(r"<details>.*?</details>\n", "", text, flags=re.DOTALL).rstrip("\n") + "\n"
        if file == README:
            text = text.partition("\nTakes effect ")[0]
            if "**Check before merging**" in text:
                text = text.partition("\n**Changes**")[0]
            text = text.rstrip("\n") + "\n"
        return found[0].replace(found["text"], text)

    becomes = SHOWN.sub(now, page)
    if update_goldens:
        file.write_text(becomes, encoding="utf-8")
        return
    assert becomes == page, "if the change is meant: pytest --update-goldens"


def test_the_page_lists_every_decision_and_every_word_of_the_json() -> None:
    page = PAGE.read_text(encoding="utf-8")
    asking = [file for file in modules("gitops") if file.startswith("gitops/compare/")]
    text = "".join((REPOSITORY / file).read_text(encoding="utf-8") for file in asking)
    kinds = {kind for found in DECIDED.findall(text) for kind in found if kind}

    assert len(kinds) > 30
    assert set(RISKS) == kinds, "gitops/compare/risks.py has the risk of every kind"
    assert not [kind for kind in kinds if f"`{kind}`" not in page]
    rows = [line.split("|")[1:3] for line in page.partition("| kind |")[2].partition("\n\n")[0].splitlines()[2:]]
    shown = {kind: risk.strip() for row, risk in rows for kind in re.findall("`([a-z-]+)`", row)}
    assert shown == {kind: risk.words or "none" for kind, risk in RISKS.items()}
    assert not [risk for risk in Risk if f"`{risk}`" not in page]
    assert not [state for state in StackOutcome if f"`{state.value}`" not in page]


@pytest.mark.parametrize("kind", ["flux-upgrade", "stack-is-refused", "hostile-values", "stack-goes", "nothing"])
def test_the_table_has_colours_on_a_terminal_and_says_the_same_without(kind: str, tmp_path: Path) -> None:
    comparison = comparison_of(KINDS[kind], tmp_path)
    seen = {}
    for terminal in (True, False):
        output = io.StringIO()
        colours: Literal["standard"] | None = "standard" if terminal else None
        console = Console(file=output, force_terminal=terminal, width=100, color_system=colours, legacy_windows=False)
        print_comparison(comparison, console)
        seen[terminal] = output.getvalue()

    assert "\x1b[" in seen[True]
    assert "\x1b" not in seen[False]
    plain = re.sub(r"\x1b\[[0-9;]*m", "", seen[True])
    assert "".join(plain.split()).replace("!", "") == "".join(seen[False].split()).replace("!", "")
    if kind == "flux-upgrade":
        assert all(len(line) <= 100 for line in plain.splitlines())


def test_every_output_has_a_word_in_the_help() -> None:
    from gitops.compare.help import COMPARE

    assert {each.value for each in CompareOutput} == {"table", "json", "markdown"}
    assert "-o markdown" in COMPARE
    assert "-o json" in COMPARE
