"""Files in the places where older versions read them: reported with the command that moves them, and not read."""

from pathlib import Path

from flux.message import Message
from stacks.contract.names import CATALOG
from stacks.words.place import Place
from stacks.words.problems import Problem

_CATALOG, _CHECKED = "stacks/catalog.yaml", "stacks/checked"


def moved_files(folder: Path, record: str | None) -> Problem | None:
    """The files of the repository in `folder` that are still in the program's package. `record` is the file that the stack names itself."""
    commands: dict[str, str] = {}
    if (folder / _CATALOG).is_file():
        is_there = (folder / CATALOG).is_file()
        commands[_CATALOG] = f"git rm {_CATALOG}" if is_there else f"git mv {_CATALOG} {CATALOG}"
    if [file for file in (folder / _CHECKED).glob("*.yaml") if file != folder / (record or "")]:
        is_there = (folder / "checked").is_dir()
        commands[_CHECKED] = f"git mv {_CHECKED}/*.yaml checked/" if is_there else f"git mv {_CHECKED} checked"
    if not commands:
        return None
    old = " and ".join(commands)
    text = Message(
        f"{'are' if len(commands) > 1 else 'is'} no longer read, because your files are now in the root of the repository",
        "Their content would have no effect.",
        f"Run: {' && '.join(commands.values())}",
    )
    return Problem(Place(file=old, layer="catalog"), text)
