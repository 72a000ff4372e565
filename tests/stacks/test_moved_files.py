"""What lies where older versions read it is told once, with the command that moves it, and is not read there."""

from pathlib import Path

import pytest

from stacks.reading.moved_files import moved_files
from tests.stack_files import preview, shown
from tests.stacks.test_all_at_once import CATALOG, STACK

WHAT = "no longer read, because your files are now in the root of the repository. Their content would have no effect."
MOVE_CATALOG, MOVE_RECORDS = "git mv stacks/catalog.yaml catalog.yaml", "git mv stacks/checked checked"


def told(folder: Path, *files: str, record: str | None = None) -> str:
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")
    return str(moved_files(folder, record) or "")


@pytest.mark.parametrize(
    ("files", "says"),
    [
        (["stacks/catalog.yaml"], f"stacks/catalog.yaml: is {WHAT} Run: {MOVE_CATALOG}"),
        (["stacks/checked/a.yaml"], f"stacks/checked: is {WHAT} Run: {MOVE_RECORDS}"),
        (
            ["stacks/catalog.yaml", "stacks/checked/a.yaml", "stacks/checked/b.yaml"],
            f"stacks/catalog.yaml and stacks/checked: are {WHAT} Run: {MOVE_CATALOG} && {MOVE_RECORDS}",
        ),
        (["stacks/catalog.yaml", "catalog.yaml"], f"stacks/catalog.yaml: is {WHAT} Run: git rm stacks/catalog.yaml"),
        (["stacks/checked/a.yaml", "checked/b.yaml"], f"stacks/checked: is {WHAT} Run: git mv stacks/checked/*.yaml checked/"),
        (["catalog.yaml", "checked/a.yaml", "stacks/settings.py"], ""),
    ],
)
def test_each_old_place_comes_with_its_command(files: list[str], says: str, tmp_path: Path) -> None:
    assert told(tmp_path, *files) == says


def test_a_record_that_the_stack_keeps_there_by_its_own_wish_stays(tmp_path: Path) -> None:
    assert told(tmp_path, "stacks/checked/a.yaml", record="stacks/checked/a.yaml") == ""


@pytest.mark.parametrize("is_new_one_there", [True, False])
def test_a_preview_tells_it_alone(is_new_one_there: bool, tmp_path: Path) -> None:
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks" / "catalog.yaml").write_text(CATALOG)
    record = preview(tmp_path, STACK, catalog=CATALOG if is_new_one_there else None, register=False)

    assert record.exit_code == 32
    assert shown(record, tmp_path).splitlines()[0] == "1 problem; nothing was changed."
    assert shown(record, tmp_path).splitlines()[1].startswith("stacks/catalog.yaml: is no longer read")
