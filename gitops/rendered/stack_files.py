"""What the files of a stack say besides what the program makes of them: a comparison shows where it changes.

Of a value, only its mark is kept: equal values have equal marks. A mark is keyed with a number that only this process knows, and is never
written anywhere, so that it tells nothing about a value, not even about a ciphertext that is in Git.
"""

import hmac
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from flux.bounded_documents import Bounds
from flux.key_path import KeyPath, dotted
from flux.secret_shapes import redacted
from flux.short_text import trim
from stacks.contract.check_record import CheckRecord
from stacks.contract.names import CATALOG, OWN_PREFIX, PREFIX, PROJECT_FILE
from stacks.inputs.committed_file import CommittedFileError, committed_file
from stacks.inputs.config import RECORDS
from stacks.inputs.project_directory import project_directory
from stacks.reading.document import Document, Places
from stacks.reading.record_file import RecordFile, read_record
from stacks.reading.yaml_file import A_STACK_FILE, read_what_there_is
from stacks.words.place import Place

_LONGEST_MAIN = 200
_KEY = secrets.token_bytes(32)
_CONFIG, _SEALED = "config", "secure"
_A_FILE = Bounds(size=16 * 1024 * 1024)
_NAMES_A_FILE = ("key", "bundle", "trustedRoot")
_READ_FIRST = ("Pulumi.json",)
"""Pulumi takes the first project file in alphabetical order, and stack files with the same ending (pulumi's fsutil.WalkUp)."""


@dataclass(frozen=True, kw_only=True)
class FileValue:
    """A value in a file."""

    mark: bytes = field(repr=False)
    place: Place = field(compare=False)


FileValues = Mapping[str, FileValue]
"""Key, with dots between its parts → its value."""


@dataclass(frozen=True, kw_only=True)
class StackFiles:
    """The files of one stack."""

    is_read: bool = False
    """Whether they are known; else, nothing can be said about them."""
    sealed: FileValues = field(default_factory=dict)
    """Secrets of the stack file, by key without `gitops:`: the mark of each ciphertext."""
    settings: FileValues = field(default_factory=dict)
    """The other keys of its `config`, as Pulumi calls them: `gitops:use`, `kubernetes:context`."""
    beside: FileValues = field(default_factory=dict)
    """What is outside `config`: `encryptionsalt`, `environment`."""
    secrets_provider: str = ""
    """The address that `secretsprovider` names, without what follows a question mark; it is no secret."""
    main: str = ""
    """The program that Pulumi.yaml names, if it names one."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Setting → the environment variable that it takes its value from."""
    project: FileValues = field(default_factory=dict)
    """Keys of Pulumi.yaml."""
    instead: FileValues = field(default_factory=dict)
    """Files that Pulumi reads in place of Pulumi.yaml."""
    catalog: bytes = field(default=b"", repr=False)
    """The mark of the catalog."""
    committed: FileValues = field(default_factory=dict)
    """Files that `flux.verify` names, by their names."""
    record_name: str = ""
    record: CheckRecord | None = None


def files_of(stack: str) -> StackFiles:
    """The files of `stack` in the chosen project. What cannot be read is left out: the program refuses it."""
    folder = project_directory()
    project, file = (_read(folder / name) for name in (PROJECT_FILE, f"Pulumi.{stack}.yaml"))
    if project is None or file is None:
        return StackFiles()
    name = project.value.get("name")
    config = _namespaced(file.value.get(_CONFIG), name if isinstance(name, str) else PREFIX.rstrip(":"))
    places = file.places.at(_CONFIG)
    sealed = {dotted(path): value for path, value in _sealed(config, ())}
    record_name = _record_name(config, stack)
    return StackFiles(
        is_read=True,
        sealed={key.removeprefix(PREFIX): _written(value, places.at(*_key_of(key, places))) for key, value in sealed.items()},
        settings={key: _written(value, places.at(*_key_of(key, places))) for key, value in config.items() if key not in sealed},
        beside=_values(file, but=(_CONFIG,)),
        secrets_provider=_address(file.value.get("secretsprovider")),
        main=trim(redacted(main), _LONGEST_MAIN) if isinstance(main := project.value.get("main"), str) else "",
        variables=dict(_variables(config, ())),
        project={**_values(project, but=(_CONFIG,)), **_project_config(project)},
        instead={each: FileValue(mark=_mark_of(folder / each), place=Place(file=each)) for each in _READ_FIRST if (folder / each).exists()},
        catalog=_mark_of(folder / CATALOG),
        committed={each: FileValue(mark=mark, place=Place(file=each)) for each, mark in _committed(config)},
        record_name=record_name,
        record=read_record(RecordFile(folder / record_name, record_name, within=folder / RECORDS), []),
    )


def _read(file: Path) -> Document | None:
    """None of a file that is no YAML: of what it says, nothing is known."""
    if not file.is_file():
        return Document({}, Places(Place(file=file.name)))
    found = read_what_there_is(file, file.name, A_STACK_FILE, [])
    return found if found is None or isinstance(found.value, dict) else Document({}, Places(Place(file=file.name)))


def _namespaced(config: Any, project: str) -> dict[str, Any]:
    """As Pulumi calls the keys: one without a namespace is one of the project."""
    named = ((str(key), value) for key, value in config.items()) if isinstance(config, dict) else ()
    return {key if ":" in key else f"{project}:{key}": value for key, value in named}


def _key_of(key: str, places: Places) -> KeyPath:
    """How the file has it."""
    short = key.rpartition(":")[2]
    return (key,) if key in places.below or short not in places.below else (short,)


def _written(value: Any, places: Places) -> FileValue:
    return FileValue(mark=_mark(json.dumps(_plain(value)).encode()), place=places.here)


def _plain(value: Any) -> Any:
    """The same for the same value, whatever order its keys have; `1` and `true` differ."""
    if isinstance(value, dict):
        return sorted(([str(key), _plain(item)] for key, item in value.items()), key=json.dumps)
    return [_plain(item) for item in value] if isinstance(value, list) else f"{type(value).__name__} {value}"


def _values(document: Document, but: tuple[str, ...]) -> dict[str, FileValue]:
    return {str(key): _written(value, document.places.at(str(key))) for key, value in document.value.items() if key not in but}


def _address(value: Any) -> str:
    """Its options may name a profile, or more."""
    return redacted(value.partition("?")[0]) if isinstance(value, str) else ""


def _project_config(project: Document) -> dict[str, FileValue]:
    """What Pulumi.yaml gives each stack that does not have it; or, as a text, where the stack files are."""
    config, places = project.value.get(_CONFIG), project.places.at(_CONFIG)
    if isinstance(config, dict):
        return {f"{_CONFIG}.{key}": _written(value, places.at(str(key))) for key, value in config.items()}
    return {_CONFIG: _written(config, places)} if config is not None else {}


def _sealed(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, Any]]:
    if isinstance(value, dict) and set(value) == {_SEALED} and path:
        yield path, value[_SEALED]
        return
    for part, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from _sealed(item, (*path, part))


def _variables(value: Any, path: KeyPath) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and set(value) == {"env"} and str(value["env"]).startswith(OWN_PREFIX):
        yield dotted(path), str(value["env"])
        return
    for part, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from _variables(item, (*path, part))


def _committed(config: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    flux = config.get(f"{PREFIX}flux")
    verify = flux.get("verify") if isinstance(flux, dict) else None
    for key in _NAMES_A_FILE:
        name = verify.get(key) if isinstance(verify, dict) else None
        if isinstance(name, str) and "\n" not in name:
            try:
                yield name, _mark(committed_file(name, _A_FILE)[1])
            except (CommittedFileError, ValueError):
                yield name, b""


def _record_name(config: Mapping[str, Any], stack: str) -> str:
    named = config.get(f"{PREFIX}checkRecord")
    is_in_place = isinstance(named, str) and PurePosixPath(named).parts[:-1] == (RECORDS,)
    return named if isinstance(named, str) and is_in_place else f"{RECORDS}/{stack}.yaml"


def _mark_of(file: Path) -> bytes:
    try:
        return _mark(file.read_bytes()) if file.is_file() else b""
    except OSError:
        return b""


def _mark(value: bytes) -> bytes:
    return hmac.digest(_KEY, value, "sha256")
