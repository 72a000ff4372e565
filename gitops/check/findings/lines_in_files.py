"""The line of a field in the file that an object was read from."""

import yaml

from flux.bounded_documents import UnreadableError, loader_of, nodes
from flux.key_path import KeyPath
from gitops.check.repository.documents import A_FILE
from gitops.check.repository.tree import Tree

_MOST_READ = 32 * 1024**2
"""Characters of all files together, of which one may be asked for again and again; after that, the line is that of the object."""


class LinesInFiles:
    """Where fields stand. The last file is kept, since findings come file by file."""

    def __init__(self) -> None:
        self._of: tuple[str, str] | None = None
        self._documents: dict[int, yaml.Node] = {}
        self._left = _MOST_READ

    def line(self, tree: Tree, file: str, document: int, path: KeyPath) -> int:
        """The line of the field at `path` of the object that begins at the line `document`, or of the nearest field above it.

        What a patch or a generator added stands in another file: then that of the object itself.
        """
        if self._of != (tree.name, file):
            self._of, text = (tree.name, file), tree.text(file)
            self._left -= len(text)
            self._documents = _documents(text) if self._left >= 0 else {}
        node, line = self._documents.get(document), document
        for part in path:
            if isinstance(node, yaml.MappingNode):
                key, node = next(((key, value) for key, value in reversed(node.value) if key.value == part), (None, None))
            elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
                key = node = node.value[part]
            else:
                break
            line = key.start_mark.line + 1 if key else line
        return line


def _documents(text: str) -> dict[int, yaml.Node]:
    """Line of each document → what is in it; empty for a text that cannot be read."""
    try:
        loader = loader_of(text, yaml.CSafeLoader)
        try:
            return {node.start_mark.line + 1: node for node in nodes(loader, text, A_FILE)}
        finally:
            loader.dispose()
    except UnreadableError:
        return {}
