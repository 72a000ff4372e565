"""The files of an adoption as text, and where they are written."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from flux.atomic_write import write_atomically
from flux.message import Message
from gitops.adopt.description import Description
from gitops.catalog_in_git import refuse_uncommitted
from gitops.errors import CommandError
from gitops.stack_file import stack_file
from stacks.contract.names import CATALOG

_WIDTH = 130


class _Dumper(yaml.SafeDumper):
    """As a person writes it: texts of several lines as blocks, items of lists indented."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Never `indentless`."""
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        """What is said twice is written twice."""
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


@dataclass(frozen=True, kw_only=True)
class WrittenFiles:
    """What is written."""

    stack: str
    """Name of the stack."""
    stack_text: str
    catalog_text: str


def files_of(stack: str, description: Description) -> WrittenFiles:
    """Both files."""
    return WrittenFiles(
        stack=stack,
        stack_text=_yaml(
            {"config": description.stack},
            "# yaml-language-server: $schema=schema/stack.schema.json",
            f"# Cluster {stack}, as `gitops adopt` found it. What each key means: docs/reference.md",
        ),
        catalog_text=_yaml(
            description.catalog,
            "# yaml-language-server: $schema=schema/catalog.schema.json",
            "# Sources and Kustomizations as `gitops adopt` found them. What each key means: docs/reference.md",
        ),
    )


def write(files: WrittenFiles, folder: Path, *, replace_catalog: bool) -> list[str]:
    """Write them; the names of what was written. A catalog that exists stays, unless it is to be replaced.

    Raises:
        CommandError: the stack file exists, the catalog to be replaced has changes of its own, or a file cannot be written.
    """
    stack, catalog = folder / stack_file(files.stack), folder / CATALOG
    if stack.exists():
        raise _refused(f"{stack} exists", "Choose another --output, or remove the file.")
    stays = catalog.exists() and not replace_catalog
    if catalog.exists() and replace_catalog:
        refuse_uncommitted(folder)
    try:
        write_atomically(stack, files.stack_text)
        if not stays:
            write_atomically(catalog, files.catalog_text)
    except OSError as error:
        raise _refused(f"{folder} cannot be written to ({error.strerror})", "Check its permissions and the free disk space.") from None
    return [stack.name, *([] if stays else [CATALOG])]


def _refused(wrong: str, fix: str) -> CommandError:
    return CommandError(Message(wrong, "Nothing was written.", fix))


def _yaml(document: Mapping[str, Any], *header: str) -> str:
    dumped = yaml.dump(dict(document), Dumper=_Dumper, sort_keys=False, width=_WIDTH, allow_unicode=True, default_flow_style=None)
    return "\n".join([*header, dumped])
