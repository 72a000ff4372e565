"""Files whose documents were encrypted separately, which Flux can read but sops cannot."""

from collections.abc import Iterable, Iterator

from flux.message import Message
from gitops.check import requirements
from gitops.check.file_finding import FileFinding, warning
from gitops.check.findings.decryption_findings import ALONE
from gitops.check.repository.sops_file import sops_file
from gitops.check.repository.tree import Tree


def document_findings(trees: Iterable[Tree]) -> Iterator[FileFinding]:
    """A warning for each: `sops updatekeys` makes all but the first document unreadable, for everyone."""
    for tree in trees:
        for path in tree.files:
            file = sops_file(tree, path)
            if file is not None and file.one_by_one:
                told = Message(
                    "contains documents that were encrypted separately",
                    "Flux decrypts each with its own metadata, but sops uses the first one's for all: after `sops updatekeys` or an edit, "
                    "the others could no longer be decrypted.",
                    f"{ALONE[0].upper()}{ALONE[1:]}, and encrypt each file.",
                )
                yield warning(requirements.ENCRYPTED_ONE_BY_ONE, tree.name, path, told)
