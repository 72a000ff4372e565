"""Stack files read without Pulumi, which takes half a second to load: for completion, and for questions that judge nothing."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flux.bounded_documents import Bounds, only_document
from flux.message import Message
from gitops.errors import CommandError
from gitops.project import project, project_here
from stacks.contract.names import BY_THE_DEMO, OWN_PREFIX, PREFIX

if TYPE_CHECKING:
    from stacks.words.place import Place

MANIFESTS_KEY = (f"{PREFIX}flux", "manifests")
"""Where a stack file says which Flux is installed."""
_VARIABLE = re.compile(rf"{OWN_PREFIX}[A-Za-z0-9_]{{1,60}}")
A_STACKS_FILE = Bounds(size=4 * 1024**2)
"""As `stacks.reading.yaml_file` says."""


def stack_file(stack: str) -> str:
    """`Pulumi.production.yaml`."""
    return f"Pulumi.{stack}.yaml"


def stack_names(folder: Path | None = None) -> list[str]:
    """The stacks that have a file in `folder`, else in the project; none where there is no project."""
    folder = folder or project_here()
    files = folder.glob("Pulumi.?*.yaml") if folder else ()
    return sorted(file.name.removeprefix("Pulumi.").removesuffix(".yaml") for file in files)


def is_of_manifests(where: "Place") -> bool:
    """Whether a problem is with Flux's manifests. An entry of the catalog may have any name, that of their key, too."""
    return where.layer == "stack" and where.key[: len(MANIFESTS_KEY)] == MANIFESTS_KEY


def context_of(stack: str) -> str:
    """The kubeconfig's context that a stack names.

    Raises:
        CommandError: it has no file, or names none, or takes it from a variable that is not set; or there is no project.
    """
    folder = project()
    found = text_at(plain_values(stack, folder), "cluster", "context")
    if found is None:
        raise CommandError(_without_context(stack, folder))
    return found


def _without_context(stack: str, folder: Path) -> Message:
    file, unknown, otherwise = stack_file(stack), "It is unknown which cluster is meant.", "or name the context: --context NAME"
    if not (folder / file).is_file():
        known = ", ".join(stack_names(folder)) or "there is none"
        return Message(f"{file} does not exist", unknown, f"Choose a stack that has a file ({known}), {otherwise}")
    if variable := unset_variable(stack, "cluster", "context", folder=folder):
        wrong = f"{file} takes its context from {variable}, which is not set"
        return Message(wrong, unknown, f"Export it ({BY_THE_DEMO}), {otherwise}")
    return Message(f"{file} names no context", unknown, f"Write `context` under {PREFIX}cluster, {otherwise}")


def unset_variable(stack: str, *path: str, folder: Path | None = None) -> str | None:
    """The environment variable from which a value of the stack file would come, if that is not set; else None."""
    folder = folder or project_here()
    value: Any = _written(stack, folder) if folder else None
    for key in (*path, "env"):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, str) and _VARIABLE.fullmatch(value) and not os.environ.get(value) else None


def plain_values(stack: str, folder: Path | None = None) -> dict[str, Any]:
    """What stands under `gitops:`, with `{env: GITOPS_DEV_…}` taken from the environment; empty where the file cannot be read.

    The checks report what is wrong with the file. A secret stays the mapping `{secure: …}`.
    """
    folder = folder or project_here()
    if folder is None:
        return {}
    return {key: _resolved(value) for key, value in _written(stack, folder).items()}


def _written(stack: str, folder: Path) -> dict[str, Any]:
    document = only_document(folder / stack_file(stack), A_STACKS_FILE)
    config = document.get("config") if isinstance(document, Mapping) else None
    if not isinstance(config, Mapping):
        return {}
    return {str(key).removeprefix(PREFIX): value for key, value in config.items() if str(key).startswith(PREFIX)}


def _resolved(value: Any) -> Any:
    if isinstance(value, Mapping):
        if set(value) == {"env"}:
            name = str(value["env"])
            return os.environ.get(name) if name.startswith(OWN_PREFIX) else None
        return {key: _resolved(item) for key, item in value.items()}
    return [_resolved(item) for item in value] if isinstance(value, list) else value


def text_at(values: Mapping[str, Any], *path: str) -> str | None:
    """A text in nested mappings; None where there is none."""
    found: Any = values
    for key in path:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found if isinstance(found, str) and found else None
