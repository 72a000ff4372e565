"""The files of a revision in a folder of their own: read from git's objects, so that neither the working tree nor a setting takes part.

As `git archive` would, but without its attributes: with `export-ignore`, a pull request could hide a file from the comparison.
"""

import os
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from flux.message import Message
from gitops.errors import CommandError
from gitops.git_isolation import for_fetching
from gitops.messages import LONGEST_SAID, one_line, redact, trim_middle

SECONDS = 120.0
LARGEST_FILE = 16 * 1024 * 1024
LARGEST_TREE = 512 * 1024 * 1024
WORKING_TREE = "the working tree"
_LENGTH_OF_A_COMMIT = 12
_REGULAR = ("100644", "100755", "100664")
_LINK = "120000"


@dataclass(frozen=True, kw_only=True)
class Revision:
    """A commit of the repository that the project is in."""

    commit: str
    top: Path
    """The repository's root."""
    inside: PurePosixPath
    """Where the project is in it."""


@dataclass(frozen=True, kw_only=True)
class _Entry:
    mode: str
    oid: str
    size: int
    path: PurePosixPath


@dataclass(frozen=True, kw_only=True)
class ChangedFile:
    """A file that comes, goes or changes."""

    path: PurePosixPath
    modes: tuple[str, str]
    """Git's, before and after; zeros where there is no file."""


def resolve(project: Path, name: str) -> Revision:
    """The commit that `name` means.

    Raises:
        CommandError: the project is in no repository, or the commit does not exist.
    """
    top = Path(os.fsdecode(_git(project, ["rev-parse", "--show-toplevel"]).removesuffix(b"\n")))
    try:
        commit = _git(project, ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"]).decode().strip()
    except _GitError:
        if ".." in name:
            fix = "Name two revisions, with a space between them: BASE HEAD"
            told = Message(f"{name!r} is not a revision", "Nothing was compared.", fix)
            raise CommandError(told) from None
        fix = "Fetch it first, as with `git fetch origin main`; CI often fetches one commit only."
        raise CommandError(Message(f"there is no revision {name!r} in {top}", "There is nothing to compare with.", fix)) from None
    return Revision(commit=commit, top=top, inside=PurePosixPath(project.resolve().relative_to(top.resolve())))


def called(name: str | None, revision: Revision | None) -> str:
    """`main (1a2b3c4d5e6f)`; of a commit that was named, that alone."""
    if revision is None or name is None:
        return WORKING_TREE
    short = revision.commit[:_LENGTH_OF_A_COMMIT]
    return short if revision.commit.startswith(name) else f"{name} ({short})"


def write_files(revision: Revision, folder: Path) -> Path:
    """Put the files below `folder`; the project's directory there. Links that lead out of it are left out, and so are submodules."""
    entries = list(_entries(revision))
    if sum(entry.size for entry in entries) > LARGEST_TREE:
        raise CommandError(Message(f"{revision.commit[:12]} holds more than {LARGEST_TREE:,} bytes", "It is not compared.", "Check it."))
    content = _contents(revision, entries)
    for entry, data in zip(entries, content, strict=True):
        if entry.mode != _LINK:
            file = folder / entry.path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
    # Last, so that nothing is written through one of them.
    for entry, data in zip(entries, content, strict=True):
        if entry.mode == _LINK and _stays_inside(entry.path, os.fsdecode(data)):
            link = folder / entry.path
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(os.fsdecode(data))
    return folder / revision.inside


def listed_files(top: Path) -> list[str]:
    """The files of the working tree, without those that git ignores; some may be gone."""
    listed = _git(top, ["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
    return [os.fsdecode(file) for file in listed.split(b"\0") if file]


def changed_files(base: Revision, head: Revision | None) -> list[ChangedFile]:
    """Every file of the repository that differs. `head`: None for the working tree, of which git's index says what belongs to it."""
    revisions = [base.commit, *([head.commit] if head else [])]
    answer = _git(base.top, ["diff", "--raw", "-z", "--no-renames", "--no-ext-diff", "--ignore-submodules=none", *revisions])
    parts = answer.split(b"\0")
    return [
        ChangedFile(path=PurePosixPath(os.fsdecode(path)), modes=(before[1:].decode(), after.decode()))
        for (before, after, *_), path in zip((part.split() for part in parts[:-1:2]), parts[1::2], strict=True)
    ]


def _entries(revision: Revision) -> Iterator[_Entry]:
    for line in _git(revision.top, ["ls-tree", "-r", "-z", "-l", "--full-tree", revision.commit]).split(b"\0"):
        head, tab, path = line.partition(b"\t")
        if not tab:
            continue
        mode, _, oid, size = head.decode().split()
        entry = PurePosixPath(os.fsdecode(path))
        if mode not in (*_REGULAR, _LINK) or entry.is_absolute() or {"..", ".git"} & set(entry.parts) or int(size) > LARGEST_FILE:
            continue
        yield _Entry(mode=mode, oid=oid, size=int(size), path=entry)


def _contents(revision: Revision, entries: Sequence[_Entry]) -> list[bytes]:
    asked = "".join(f"{entry.oid}\n" for entry in entries).encode()
    answer, position, found = _git(revision.top, ["cat-file", "--batch"], asked), 0, []
    for entry in entries:
        end = answer.index(b"\n", position)
        _, kind, size = answer[position:end].split()
        if kind != b"blob" or int(size) != entry.size:
            raise _failed("cat-file", f"{entry.path} is not what the tree says")
        found.append(answer[end + 1 : end + 1 + entry.size])
        position = end + 2 + entry.size
    return found


def _stays_inside(path: PurePosixPath, target: str) -> bool:
    """Whether a link leads no further up than the root: `..` only at its beginning, for behind another link it leads elsewhere."""
    parts = PurePosixPath(target).parts
    up = 0
    while up < len(parts) and parts[up] == "..":
        up += 1
    return bool(parts) and not target.startswith("/") and ".." not in parts[up:] and up <= len(path.parts) - 1 and ".git" not in parts


class _GitError(CommandError):
    """Git says no."""


def _git(folder: Path, arguments: Sequence[str], given: bytes = b"") -> bytes:
    result = _run(folder, arguments, given)
    if result.returncode:
        raise _failed(arguments[0], trim_middle(redact(one_line(result.stderr.decode(errors="replace"))), LONGEST_SAID))
    return result.stdout


def _run(folder: Path, arguments: Sequence[str], given: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    # With a person's settings: `safe.directory` is among them, which CI sets for a clone of another user.
    environment = for_fetching((), with_the_stacks_credential=False) | {"GIT_NO_LAZY_FETCH": "1"}
    try:
        return subprocess.run(
            ["git", *arguments], cwd=folder, env=environment, input=given, capture_output=True, timeout=SECONDS, check=False
        )
    except (FileNotFoundError, NotADirectoryError):
        if not folder.is_dir():
            fix = "Name the directory of a clone: --clone DIRECTORY"
            raise CommandError(Message(f"{folder} is not a directory", "Nothing was compared.", fix)) from None
        raise _failed(arguments[0], "there is no git on PATH") from None
    except subprocess.TimeoutExpired:
        raise _failed(arguments[0], f"it took longer than {SECONDS:g} s") from None


def _failed(command: str, said: str) -> _GitError:
    return _GitError(Message(f"git {command} failed: {said}", "Nothing was compared.", "Run this in a clone of your repository."))
