"""What of a repository decides what runs, and no stack shows: the program, what is installed for it, workflows, and git's attributes."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from gitops.compare.found_changes import Decision
from gitops.compare.own_words import coded
from gitops.compare.revision_files import ChangedFile
from gitops.compare.sentence import Sentence, joined, named

_PARTS = ("__main__.py", "stacks", "components", "flux", "live", "gitops", "requirements", ".venv")
_FILES = (
    "pyproject.toml",
    "uv.lock",
    "poetry.lock",
    "Pipfile",
    "Pipfile.lock",
    "setup.py",
    "setup.cfg",
    ".python-version",
    "PulumiPlugin.yaml",
)
_RUNS = (".py", ".pyc", ".pyd", ".so", ".pth", ".sh")
_NEVER_RUN = ("tests", "bench", "docs")
_NO_FILE = ("120000", "160000")
"""A link, which may stand for a package, and a submodule, whose files are not read."""
_FORGES = (".github", ".gitea", ".forgejo")
_ATTRIBUTES = ".gitattributes"


def decisions_of_program(files: Iterable[ChangedFile], inside: PurePosixPath, *, own_code: bool) -> Iterator[Decision]:
    """`inside`: where the project is in the repository. `own_code`: what the program makes of the stacks is shown."""
    every = list(files)
    if program := [str(path) for each in every if (path := _in_project(each, inside)) is not None and _is_program(path, each.modes)]:
        then = ": what it does besides making these objects is not shown" if own_code else ", and what that does is not shown"
        option = [] if own_code else [coded("; `--with-its-own-code` shows the objects that it makes")]
        yield Decision(kind="program", says=joined([_with_files("The program itself changes", program), coded(then), *option], ""))
    if workflows := [str(each.path) for each in every if each.path.parts[0] in _FORGES]:
        text = _with_files("Workflows change", workflows)
        yield Decision(kind="workflow", says=joined([text, coded("they decide what runs with the secrets of CI")], ": "))
    if attributes := [str(each.path) for each in every if each.path.name == _ATTRIBUTES]:
        then = "git may check out other texts than those that were compared"
        yield Decision(kind="program", says=joined([_with_files("Git's attributes change", attributes), coded(then)], ": "))


def _in_project(file: ChangedFile, inside: PurePosixPath) -> PurePosixPath | None:
    return file.path.relative_to(inside) if file.path.is_relative_to(inside) else None


def _is_program(path: PurePosixPath, modes: Sequence[str]) -> bool:
    if set(modes) & set(_NO_FILE):
        return True
    is_run = path.suffix in _RUNS and path.parts[0] not in _NEVER_RUN
    is_installed = len(path.parts) == 1 and (path.name in _FILES or (path.name.startswith("requirements") and path.suffix == ".txt"))
    return is_run or is_installed or path.parts[0] in _PARTS


def _with_files(words: str, files: list[str]) -> Sentence:
    names = named(files)
    return Sentence(f"{words} ({names.words})", names.values)
