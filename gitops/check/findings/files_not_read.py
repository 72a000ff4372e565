"""Files that the check did not read to the end, so their content was not checked."""

from collections.abc import Iterable, Iterator

from flux.message import Message
from gitops.check import requirements
from gitops.check.file_finding import FileFinding, error
from gitops.check.repository.tree import Tree

_ASKED_ABOUT = (".yaml", ".yml", ".json")


def not_read_findings(trees: Iterable[Tree]) -> Iterator[FileFinding]:
    """An error for each file of YAML or JSON, by whatever path it was reached; last, since it is known once all was judged.

    No warning: a Secret in plain text could be hidden in a file that only looks too large.
    """
    told: set[tuple[str, str]] = set()
    for tree in trees:
        for file, why in sorted(tree.not_read.items()):
            place = tree.origin(file)
            if file.endswith(_ASKED_ABOUT) and place not in told:
                told.add(place)
                message = Message(why.wrong, "Its content was not checked.", why.fix)
                yield error(requirements.NOT_CHECKED, *place, message, why.line)
