"""Objects as YAML: the same text for the same objects, on every machine and in every run."""

from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from flux.visible_text import visible

_Base: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
"""Written in C, ten times as fast; PyYAML may have been built without."""


class _Dumper(_Base):  # type: ignore[misc]
    """Text of several lines as it is, and no anchors: the same list in two places is written twice."""

    def ignore_aliases(self, data: Any) -> bool:
        """No anchors."""
        return True


def _text(dumper: Any, text: str) -> yaml.ScalarNode:
    node: yaml.ScalarNode = dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)
    return node


_Dumper.add_representer(str, _text)


def as_yaml(body: Mapping[str, Any]) -> str:
    """One document, its keys sorted."""
    return yaml.dump(dict(body), Dumper=_Dumper, sort_keys=True, width=1000, allow_unicode=True)


def as_documents(bodies: Iterable[Mapping[str, Any]], comment: str = "") -> str:
    """Several documents, one after the other; `comment` stands at the beginning."""
    head = f"# {visible(comment)}\n" if comment else ""
    return head + "".join(f"---\n{as_yaml(body)}" for body in bodies)
