"""Files whose documents were encrypted each by itself, which Flux reads and sops does not."""

from collections.abc import Iterable, Iterator

from gitops.check.findings.decryption_findings import ALONE
from gitops.check.findings.finding import Finding, Kind, warning
from gitops.check.repository.sops_file import sops_file
from gitops.check.repository.tree import Tree


def document_findings(trees: Iterable[Tree]) -> Iterator[Finding]:
    """A warning for each: `sops updatekeys` makes all but the first document unreadable, for everyone."""
    for tree in trees:
        for path in tree.files:
            file = sops_file(tree, path)
            if file is not None and file.one_by_one:
                text = (
                    "holds documents that were encrypted one by one. Flux decrypts each with its own metadata, sops all of them with those "
                    f"of the first, so after `sops updatekeys` or an edit nobody could read the others; {ALONE}, and encrypt each by itself"
                )
                yield warning(Kind.ENCRYPTED_ONE_BY_ONE, tree.name, path, text)
