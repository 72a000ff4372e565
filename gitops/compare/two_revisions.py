"""Two revisions of a project, read and compared.

By default, this program's code reads the files of both, and nothing in them is run: a pull request's author decides what its files say, and
must not decide what runs on the machine that compares it. Where the program itself differs, that is to decide.
"""

import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path

from flux.message import Message
from gitops.compare.changed_program import decisions_of_program
from gitops.compare.comparing import compared
from gitops.compare.found_changes import RevisionComparison
from gitops.compare.own_code import OwnCodeError, views_by_own_code
from gitops.compare.preview_messages import with_messages
from gitops.compare.preview_steps import read_preview, with_preview
from gitops.compare.revision_files import WORKING_TREE, Revision, called, changed_files, resolve, write_files
from gitops.compare.sentence import Sentence, say
from gitops.errors import CommandError
from gitops.rendered.read_folder import files_in, views_in
from gitops.rendered.stack_files import StackFiles
from gitops.rendered.stack_view import StackView


@dataclass(frozen=True, kw_only=True)
class _Reading:
    only: str | None
    own_code: bool
    notes: list[Sentence] = field(default_factory=list)

    def of(self, folder: Path, revision: str) -> dict[str, StackView]:
        """The stacks in a folder."""
        if self.own_code:
            try:
                files = files_in(folder, self.only)
                views = views_by_own_code(folder, self.only)
                return {name: replace(view, files=files.get(name, StackFiles())) for name, view in views.items()}
            except OwnCodeError as error:
                self.notes.append(say("{} was read by this program's code: {}", revision, str(error)))
        return views_in(folder, self.only)


def compare_revisions(
    project: Path, base: str, head: str | None, *, only: str | None = None, own_code: bool = False, preview: Path | None = None
) -> RevisionComparison:
    """What changes from `base` to `head` (None: the working tree), in every stack or in `only` that one.

    `preview`: a file with what `pulumi preview --json` says of one of the stacks at `head`.

    Raises:
        CommandError: the revision or the stack does not exist, git cannot be run, or the preview cannot be used.
    """
    previewed = read_preview(preview) if preview else None
    before = resolve(project, base)
    after = resolve(project, head) if head is not None else None
    reading = _Reading(only=only, own_code=own_code)
    of_all = list(decisions_of_program(changed_files(before, after), before.inside, own_code=own_code))
    old = _views(before, reading, base)
    new = _views(after, reading, head or "") if after else reading.of(project, WORKING_TREE)
    if only is not None and only not in {*old, *new}:
        told = Message(f"there is no stack {only!r} in either revision", "Nothing was compared.", "Name a stack that has a file: -s NAME")
        raise CommandError(told)
    found = compared(old, new, base=called(base, before), head=called(head, after), notes=reading.notes, of_all=of_all)
    return with_messages(with_preview(found, previewed.steps, old, new), previewed, old, new) if previewed else found


def _views(revision: Revision, reading: _Reading, name: str) -> dict[str, StackView]:
    with tempfile.TemporaryDirectory(prefix="gitops-compare-") as scratch:
        return reading.of(write_files(revision, Path(scratch)), name)
