"""One file for each object, in a folder for each stack: written whole, and only where nothing of anybody else is in the way."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from flux.atomic_write import write_atomically
from flux.message import Message
from gitops.errors import CommandError
from gitops.render.file_names import file_names
from gitops.rendered.yaml_documents import as_yaml

HEADER = "# Written by `gitops render`, which also replaces it.\n"
KUSTOMIZATION = "kustomization.yaml"
_SUFFIX = ".yaml"


def write_stack(folder: Path, stack: str, bodies: list[Mapping[str, Any]]) -> int:
    """Write the objects of a stack below `folder`, with a kustomization.yaml that lists them; how many there are.

    What an earlier call wrote there and is no longer made is removed. Nothing is written unless all of it can be.

    Raises:
        CommandError: a link or a file of somebody else is in the way, or it cannot be written.
    """
    if stack.startswith(".") or "/" in stack:  # `Pulumi....yaml` is the file of a stack `..`
        raise CommandError(Message(f"a stack called {stack!r} has no folder of its own", "It is not written.", "Rename its file."))
    place = folder / stack
    named = file_names(bodies)
    files = {name: as_yaml(body) for name, body in named.items()}
    resources = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "resources": list(files)}
    files[KUSTOMIZATION] = as_yaml(resources)
    try:
        refuse_what_is_in_the_way(place, files)
        stale = [each for each in _own_files(place) if each.name not in files]
        for name, text in files.items():
            _write(place / name, HEADER + text)
        for each in stale:
            each.unlink()
    except OSError as error:
        raise _unwritable(error, place) from None
    return len(named)


def remove_other_stacks(folder: Path, stacks: list[str]) -> None:
    """Remove what was written for stacks that no longer have a file. Raises CommandError."""
    try:
        for place in sorted(each for each in folder.iterdir() if each.is_dir() and not each.is_symlink() and each.name not in stacks):
            own = list(_own_files(place))
            for each in own:
                each.unlink()
            if own and not any(place.iterdir()):
                place.rmdir()
    except OSError as error:
        raise _unwritable(error, folder) from None


def refuse_what_is_in_the_way(place: Path, files: Mapping[str, str]) -> None:
    """Raises CommandError for a link in place of the folder or of a file, and for a file that is not ours."""
    if place.is_symlink() or (place.exists() and not place.is_dir()):
        raise _in_the_way(place, "is not a folder")
    for name in files:
        file = place / name
        if file.is_symlink() or (file.exists() and not file.is_file()):
            raise _in_the_way(file, "is not a file")
        if file.exists() and not _is_own(file):
            raise _in_the_way(file, "was not written by `gitops render`")


def _own_files(place: Path) -> Iterator[Path]:
    for each in sorted(place.iterdir()) if place.is_dir() else ():
        if each.suffix == _SUFFIX and not each.is_symlink() and each.is_file() and _is_own(each):
            yield each


def _is_own(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(len(HEADER.encode())) == HEADER.encode()


def _write(file: Path, text: str) -> None:
    if not file.exists() or file.read_bytes() != text.encode():
        write_atomically(file, text, survives_power_loss=False)


def _in_the_way(file: Path, what: str) -> CommandError:
    return CommandError(Message(f"{file} {what}", "It would be overwritten.", "Move it, or name another directory: --output-dir DIRECTORY"))


def _unwritable(error: OSError, place: Path) -> CommandError:
    told = Message(
        f"{error.filename or place} cannot be written ({error.strerror})",
        "Files may be missing.",
        "Correct that, or name another directory: --output-dir DIRECTORY",
    )
    return CommandError(told)
