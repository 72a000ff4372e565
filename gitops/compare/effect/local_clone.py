"""A clone of a synced repository: its revisions as trees of the files that the cluster gets."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flux.message import Message
from gitops.check.fetch.clone import NotFetchedError, Source, as_if_committed, check_out
from gitops.check.fetch.git_login import Access
from gitops.check.repository.tree import Tree
from gitops.compare.revision_files import Revision, listed_files
from gitops.errors import CommandError


class LocalClone:
    """Reads revisions of one clone, each once for all stacks that leave out the same files."""

    def __init__(self, name: str, top: Path, folder: Path) -> None:
        """`name`: what the stacks call it; `folder`: where the files may be put."""
        self._name, self._top, self._folder = name, top, folder
        self._trees: dict[tuple[str, str], Tree] = {}

    def tree(self, revision: Revision | None, spec: Mapping[str, Any]) -> Tree:
        """The files of `revision` (None: of the working tree) that a GitRepository with `spec` brings.

        Raises:
            CommandError: they cannot be read.
        """
        key = revision.commit if revision else "", str(spec.get("ignore"))
        if key not in self._trees:
            folder = self._folder / str(len(self._trees))
            try:
                self._trees[key] = self._committed(revision, spec, folder) if revision else self._working_tree(spec, folder)
            except (NotFetchedError, OSError) as error:
                why = str(error) if isinstance(error, NotFetchedError) else error.strerror
                told = Message(f"the files of {self._top} cannot be read: {why}", "Nothing was compared.", "Run this in a clone of it.")
                raise CommandError(told) from None
        return self._trees[key]

    def _committed(self, revision: Revision, spec: Mapping[str, Any], folder: Path) -> Tree:
        chosen = {**spec, "ref": {"commit": revision.commit}}
        return check_out(Source(name=self._name, url=str(self._top), spec=chosen, access=Access()), folder).tree

    def _working_tree(self, spec: Mapping[str, Any], folder: Path) -> Tree:
        folder.mkdir(parents=True)
        for file in listed_files(self._top):
            here, there = self._top / file, folder / file
            if here.is_symlink() or here.is_file():
                there.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(here, there, follow_symlinks=False)
        return as_if_committed(Source(name=self._name, url=str(self._top), spec=spec, access=Access()), folder)
