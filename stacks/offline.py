"""A stack's settings without Pulumi's engine: for commands that need to know what a stack is, and change nothing."""

import asyncio
import contextvars
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pulumi.runtime.config
import pulumi.runtime.settings

from flux.close_names import close_to
from flux.listing import suggestion
from flux.message import Message
from flux.schema.explain_values import MISSING
from stacks.contract.names import PREFIX, PROJECT_FILE
from stacks.inputs.project_directory import project_directory, stack_names
from stacks.reading.yaml_file import read_yaml
from stacks.settings import Settings, load_settings
from stacks.words.place import Place, dotted
from stacks.words.problems import Problem, StackProblems

_ESC = "environment"
"""The key under which the Pulumi CLI finds what a stack takes from Pulumi ESC."""


def load_settings_offline(stack: str, *, against_record: bool = False, machines_record: bool = True) -> Settings:
    """The settings of `stack` as a preview without secrets reads them: what it refuses, this refuses.

    The secrets of the stack file stay closed: they are absent here, and unknown in the settings. `{env: NAME}` and
    GITOPS_SECRET_… are read from the environment, as in the engine. Neither the cluster nor its kubeconfig is looked at, nor a signature.
    `against_record`: as a preview, refuse to remove a key that the record of `gitops check` shows as needed; `machines_record`: also where
    the environment names that record.

    Raises:
        StackProblems: all that is wrong in the files.
    """
    plain, with_secrets_inside = _configuration(stack)

    found: list[Settings] = []  # no result of the task: when asyncio.run ends, Python formats that, for a message that nobody sees

    async def load() -> None:  # Outputs want a running loop, even those that are never awaited
        found.append(load_settings(offline=True, against_record=against_record, machines_record=machines_record))

    def run() -> Settings:
        runtime = pulumi.runtime.settings.Settings(_project(), stack, dry_run=True, root_directory=str(project_directory()))
        pulumi.runtime.settings.configure(runtime)
        pulumi.runtime.config.set_all_config({**plain, **with_secrets_inside}, list(with_secrets_inside))
        asyncio.run(load())
        return found[0]

    # In a context of its own: whatever else of Pulumi this process does keeps its own settings.
    try:
        return contextvars.copy_context().run(run)
    except StackProblems as error:
        raise StackProblems(_perhaps_from_esc(stack, error.problems)) from None


def _perhaps_from_esc(stack: str, problems: Sequence[Problem]) -> Iterable[Problem]:
    """In a stack with `environment:`, what is missing may come from Pulumi ESC: one problem for all of it."""
    file = f"Pulumi.{stack}.yaml"
    document = read_yaml(project_directory() / file, file)
    if not (isinstance(document.value, Mapping) and document.value.get(_ESC)):
        return problems
    missing = [each for each in problems if each.where.file == file and len(each.where.key) == 1 and each.message.wrong == MISSING]
    if not missing:
        return problems
    names = ", ".join(dotted(each.where.key) for each in missing)
    told = Message(
        f"takes configuration from Pulumi ESC, and {names} {'is' if len(missing) == 1 else 'are'} not in this file",
        "Only the Pulumi CLI reads ESC: this command knows what the stack file has, and nothing else.",
        "Copy what is missing into `config`: `pulumi config` shows the values.",
    )
    return [Problem(document.places.of((_ESC,)), told), *(each for each in problems if each not in missing)]


def _project() -> str:
    """The project's name, which is part of the owner's mark."""
    file = project_directory() / PROJECT_FILE
    value = read_yaml(file, PROJECT_FILE).value if file.is_file() else None
    name = value.get("name") if isinstance(value, Mapping) else None
    return name if isinstance(name, str) and name else PREFIX.rstrip(":")


def secret_keys_in_file(stack: str) -> frozenset[str]:
    """The keys, without `gitops:`, whose value the stack file holds encrypted."""
    return frozenset(key.removeprefix(PREFIX) for key, value in _config_of(stack).items() if _is_secret(value))


def _configuration(stack: str) -> tuple[dict[str, str], dict[str, str]]:
    """The stack file's configuration as the CLI would hand it over, without secrets; and values that wrongly hold one inside."""
    plain: dict[str, str] = {}
    inside: dict[str, str] = {}
    for key, value in _config_of(stack).items():
        if not _is_secret(value):
            kept = inside if _holds_secret(value) else plain
            kept[key] = value if isinstance(value, str) else json.dumps(value)
    return plain, inside


def _config_of(stack: str) -> dict[str, Any]:
    file = f"Pulumi.{stack}.yaml"
    _refuse_unknown(stack)
    value = read_yaml(project_directory() / file, file).value
    config = value.get("config") if isinstance(value, Mapping) else None
    return {_namespaced(str(key)): item for key, item in config.items()} if isinstance(config, Mapping) else {}


def _namespaced(key: str) -> str:
    """As the CLI reads a key without a namespace: as one of the project."""
    return key if ":" in key else f"{_project()}:{key}"


def _refuse_unknown(stack: str) -> None:
    """Raises StackProblems for a stack without a file, where others have one."""
    file = f"Pulumi.{stack}.yaml"
    names = stack_names()
    if names and stack not in names:
        meant = suggestion(close_to(stack, names))
        told = Message("is missing", f"There is no stack {stack} to read.", f"{meant} There are: {', '.join(names)}.".lstrip())
        raise StackProblems([Problem(Place(file=file), told)])


def _is_secret(value: Any) -> bool:
    return isinstance(value, Mapping) and set(value) == {"secure"}


def _holds_secret(value: Any) -> bool:
    items = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return any(_is_secret(item) or _holds_secret(item) for item in items)
