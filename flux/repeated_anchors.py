"""YAML in which an anchor is defined again: YAML 1.2 (7.1) and the parsers of Go take it, PyYAML does not."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import yaml
from yaml.composer import Composer, ComposerError


def composed(loader: yaml.CSafeLoader, text: str, count: Callable[[], None]) -> Iterator[yaml.Node]:
    """The documents of `text`, which `loader` was made of, as nodes.

    Where an anchor is defined again, Python composes them. That recurses as deeply as the text: `count` refuses one that is too deep.

    Raises:
        yaml.YAMLError: it is not YAML.
    """
    done = 0
    try:
        while loader.check_node():
            node = loader.get_node()
            if node is None:  # where there was none after all
                return
            yield node
            done += 1
        return
    except ComposerError as error:
        if not (error.context or "").startswith("found duplicate anchor"):
            raise
    count()
    again = _composing(type(loader))(text)
    try:
        for index in itertools.count():
            if not again.check_node():
                return
            node = again.get_node()
            if index >= done and node is not None:
                yield node
    finally:
        again.dispose()


def _composing(loader_class: type[yaml.CSafeLoader]) -> type[yaml.CSafeLoader]:
    """The loader with a composer of Python's, for which an alias stands for what was given its name last; scalars mean what they meant."""

    def compose_node(self: Any, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()
        if isinstance(event, yaml.NodeEvent) and not isinstance(event, yaml.AliasEvent):
            self.anchors.pop(event.anchor, None)
        return Composer.compose_node(self, parent, index)

    def begin(self: Any, text: str) -> None:
        loader_class.__init__(self, text)
        Composer.__init__(self)

    return type(loader_class.__name__, (Composer, loader_class), {"__init__": begin, "compose_node": compose_node})
