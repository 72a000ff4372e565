"""A checked-out repository: which files it has, which of them reach the cluster, and what is in them."""

import re
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path, PurePosixPath

from flux.bounded_documents import OutOfBoundsError, UnreadableError, content_of
from gitops.check.repository.documents import A_FILE, YamlDocument, parse
from gitops.check.repository.kept import Kept

KUSTOMIZATION_FILES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
"""The names that kustomize knows, in its order."""
_CONFLICT = re.compile(r"^<{7} ", re.MULTILINE)
_KEPT_BYTES = 32 * 1024**2
"""How much of a repository stays in memory between two questions; all of most."""


class Tree:
    """The files of one repository at one commit. Paths are relative to its root, without `./`."""

    def __init__(
        self,
        name: str,
        root: Path,
        files: Iterable[str],
        ignored: Iterable[str] = (),
        unseen: Iterable[str] = (),
        links: Iterable[str] = (),
    ) -> None:
        """`name` is the source's; `ignored` and `links` are files that source-controller leaves out of the artifact.

        Below `unseen`, there may be more files, which could not be read.
        """
        self.name = name
        self.root = root.resolve()
        self.files = sorted(files)
        self.ignored = frozenset(ignored)
        self.links = frozenset(links)
        """Symbolic links, to files or directories (fluxcd/pkg, artifact/storage: only regular files are archived)."""
        self.unseen = tuple(unseen)
        self.not_read: dict[str, UnreadableError] = {}
        """Of the files that were asked for, those of which more would have to be read than is allowed, or that cannot be opened."""
        self.not_yaml: dict[str, int] = {}
        """Of the files that were asked for, those that are no YAML, and the line where that shows, from 1; 0 where none is known."""
        self._why_not_yaml: dict[str, str] = {}
        self._contents: Kept[bytes] = Kept(_KEPT_BYTES)
        self._documents: Kept[list[YamlDocument] | None] = Kept(_KEPT_BYTES)

    @cached_property
    def shipped(self) -> frozenset[str]:
        """The files that the cluster gets."""
        return frozenset(self.files) - self.ignored - self.links

    @cached_property
    def directories(self) -> frozenset[str]:
        """Every directory that the cluster gets; the root is the empty text."""
        return frozenset(
            {""} | {str(parent) if str(parent) != "." else "" for file in self.shipped for parent in PurePosixPath(file).parents}
        )

    def content(self, file: str) -> bytes:
        """The bytes of `file`; none of one that is a link to somewhere else, and of one in `not_read`."""
        if file not in self._contents:
            content = self._read(file)
            self._contents.keep(file, content, len(content))
        return self._contents[file]

    def _read(self, file: str) -> bytes:
        try:
            path = (self.root / file).resolve()
            if not (path.is_relative_to(self.root) and path.is_file()):
                return b""
            content = content_of(path, A_FILE)
        except RuntimeError:  # as Python before 3.13 tells of a loop
            self.not_read[file] = UnreadableError("is a link that leads back to itself", "Remove it.")
            return b""
        except OSError as error:
            self.not_read[file] = UnreadableError(f"cannot be opened ({error.strerror})", "Rename or remove it.")
            return b""
        if len(content) > A_FILE.size:
            self.not_read[file] = OutOfBoundsError(
                f"is larger than {A_FILE.size // 1024**2} MiB", "Split it, or move it out of the repository."
            )
            return b""
        return content

    def origin(self, file: str) -> tuple[str, str]:
        """The repository in which a file can be changed, and its path there."""
        return self.name, file

    def is_linked(self, path: str) -> bool:
        """Whether `path` is a link, or below one."""
        return any(str(each) in self.links for each in (PurePosixPath(path), *PurePosixPath(path).parents))

    def is_unseen(self, path: str) -> bool:
        """Whether `path` may exist where the check could not look."""
        return any(is_within(path, each) for each in self.unseen)

    def text(self, file: str) -> str:
        """The text of `file`; what is no UTF-8 in it is replaced."""
        return self.content(file).decode("utf-8", errors="replace")

    def documents(self, file: str) -> list[YamlDocument] | None:
        """The YAML documents of `file`; None when it is in `not_yaml` or `not_read`."""
        if file not in self._documents:
            documents = self._parsed(file)
            self._documents.keep(file, documents, len(self.content(file)))
        return self._documents[file]

    def _parsed(self, file: str) -> list[YamlDocument] | None:
        try:
            return parse(self.text(file))
        except OutOfBoundsError as error:
            self.not_read[file] = error
        except UnreadableError as error:
            conflict = _CONFLICT.search(self.text(file))
            self.not_yaml[file] = self.text(file).count("\n", 0, conflict.start()) + 1 if conflict else error.line
            self._why_not_yaml[file] = "is not YAML: a merge conflict was committed" if conflict else error.wrong
        return None

    def why_not_yaml(self, file: str) -> str:
        """What the parser says of a file in `not_yaml`: `is not YAML: did not find expected key`."""
        return self._why_not_yaml.get(file, "is not YAML")

    def kustomization_in(self, directory: str) -> str | None:
        """The kustomization.yaml of a directory."""
        names = (joined(directory, name) for name in KUSTOMIZATION_FILES)
        return next((name for name in names if name in self.shipped), None)

    def below(self, directory: str) -> list[str]:
        """The shipped files below a directory."""
        prefix = f"{directory}/" if directory else ""
        return [file for file in self.files if file.startswith(prefix) and file in self.shipped]


def is_within(path: str, directory: str) -> bool:
    """Whether `path` is `directory`, or below it."""
    return not directory or path == directory or path.startswith(f"{directory}/")


def joined(directory: str, path: str) -> str:
    """`path` seen from `directory`, without `.` and `..`; one that leaves the repository begins with `..`."""
    parts: list[str] = []
    for part in [*directory.split("/"), *path.split("/")]:
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)
