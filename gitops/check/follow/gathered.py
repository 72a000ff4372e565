"""What was gathered for a build: the files that kustomize may read, and what is wrong with those that it may not."""

import posixpath
import re
from dataclasses import dataclass, field

from flux.message import Message
from flux.requirement import Requirement
from gitops.check import requirements
from gitops.check.file_finding import FileFinding, error, warning
from gitops.check.follow.kustomization_fields import installs_flux, is_fetched, is_like_an_address
from gitops.check.repository.tree import Tree, joined

_MOST_SEARCHED = 32 * 1024**2
"""Characters that are looked through for the lines of findings: a file may have a hundred thousand wrong entries."""


@dataclass(kw_only=True)
class Gathered:
    """Files and findings of one build."""

    tree: Tree
    who: str
    """Names the Kustomization of Flux in findings."""
    decrypts: bool
    files: dict[str, bytes] = field(default_factory=dict, repr=False)
    """Path → what kustomize reads there."""
    resources: dict[str, None] = field(default_factory=dict)
    """Files with objects, in the order in which they are named."""
    left_out: dict[str, None] = field(default_factory=dict)
    """Of those, the ones that kustomize would refuse or that it was not given."""
    kustomizations: list[str] = field(default_factory=list)
    """The files that say what is built; that of the path itself first."""
    is_whole: bool = True
    """Whether kustomize gets all that Flux would: nothing comes from another server."""
    findings: list[FileFinding] = field(default_factory=list)
    decrypted_inputs: dict[str, str] = field(default_factory=dict)
    secret_inputs: set[str] = field(default_factory=set)
    other_inputs: dict[str, str] = field(default_factory=dict)
    literals: list[tuple[str, str]] = field(default_factory=list)
    encrypted_patches: list[str] = field(default_factory=list)
    """Their marks are their places here."""
    _searched: int = 0

    def complain(
        self,
        file: str,
        wrong: str,
        fix: str,
        requirement: Requirement = requirements.MISSING_PATH,
        line: int = 0,
        consequence: str | None = None,
    ) -> None:
        """Report what keeps Flux from building."""
        repository, path = self.tree.origin(file)
        told = Message(wrong, consequence or f"{self.who} could not be built.", fix)
        self.findings.append(error(requirement, repository, path, told, line))

    def warn(self, file: str, told: Message, line: int, requirement: Requirement = requirements.NOT_CHECKED) -> None:
        """Report what Flux does, but the user may not expect, or what this check cannot see."""
        repository, path = self.tree.origin(file)
        self.findings.append(warning(requirement, repository, path, told, line))

    def not_followed(self, file: str, wrong: str, line: int) -> None:
        """Report what is not part of this build, but of Flux's."""
        self.is_whole = False
        self.warn(file, Message(wrong, "What it brings was not checked.", "Check it yourself."), line)

    def looked_up(self, directory: str, written: str, kustomization: str) -> str | None:
        """The path of the repository that an entry names; None, after a finding, where it is remote or missing."""
        path = joined(directory, written)
        is_there = path in self.tree.shipped or (path in self.tree.directories and not is_fetched(written))
        if not is_there and (is_fetched(written) or is_like_an_address(written)):
            self._remote(written, kustomization)
            return None
        if is_there and not written.startswith("/"):
            return path
        if not self.tree.is_unseen(path):
            why = "the source's `ignore` excludes" if path in self.tree.ignored else "does not exist"
            why = "is not a path of this repository" if written.startswith(("/", "~")) or path.startswith("..") else why
            line, fix = self.line_of(kustomization, written), "Add it, or remove the entry."
            if self.tree.is_linked(path):
                why, fix = "is a link: source-controller leaves links out", "Replace it with what it links to, or name that."
            self.complain(kustomization, f"names {written}, which {why}", fix, line=line)
        else:
            self.is_whole = False
        return None

    def _remote(self, written: str, kustomization: str) -> None:
        known, line = is_fetched(written), self.line_of(kustomization, written)
        self.is_whole = False
        if known and installs_flux(written):
            consequence = "This stack (Pulumi) installs Flux: each would undo the other's changes."
            self.complain(
                kustomization, f"names {written}, a second Flux", "Remove the entry.", requirements.OWNED_BY_STACK, line, consequence
            )
            return
        told = Message(
            f"names {written}, which is on another server"
            if known
            else f"names {written}, an address in a form that kustomize 5 does not know",
            "What it brings was not checked." if known else "It was not checked, and kustomize looks for a file or directory of that name.",
            "Check it yourself." if known else "Write it as https://… or ssh://…, with ?ref=.",
        )
        self.warn(kustomization, told, line)

    def line_of(self, file: str, written: str) -> int:
        """The first line of a file in which a text stands; 0 where it stands nowhere, or once enough was searched."""
        self._searched += len(self.tree.text(file)) if file and written else 0
        if not file or not written or self._searched > _MOST_SEARCHED:
            return 0
        whole = re.compile(rf"(?<![\w./:@-]){re.escape(written)}(?![\w./?=-])")
        lines = [(number, line) for number, line in enumerate(self.tree.text(file).splitlines(), 1) if written in line]
        return next((number for number, line in lines if whole.search(line)), lines[0][0] if lines else 0)

    def copy(self, path: str, content: bytes | None = None) -> None:
        """Give kustomize a file, with what is in it or with `content`."""
        self.files[path] = self.tree.content(path) if content is None else content


def seen_from(directory: str, path: str) -> str:
    """`path` as an entry of a kustomization.yaml in `directory`, in a form that is never an address."""
    relative = posixpath.relpath(f"/{path}", f"/{directory}")
    return relative if relative == ".." or relative.startswith("../") else f"./{relative}"
