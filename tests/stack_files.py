"""A stack file and its catalog in one text, read and judged by the real program on the engine double."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any, ClassVar
from unittest.mock import patch

from flux.release.distribution import Distribution, distribution_of, read_distribution
from flux.schema import Schemas
from stacks import settings
from stacks.inputs import project_directory
from stacks.judging import check_objects as checks
from stacks.reading.yaml_file import read_yaml
from stacks.words.problems import problems_told_plainly
from tests.engine import attempt, entry_point
from tests.manifests import manifests_directory, put_manifests
from tests.record import Record

SEPARATOR = re.compile(r"^---\s*$", re.MULTILINE)
ARTIFACT_VERSION = re.compile(r"flux-manifests:(v\d+\.\d+\.\d+)")
CLONE = "<clone>"
"""What messages show for the directory in which a test put the files."""


def preview(folder: Path, text: str, *, catalog: str | None, stack: str = "fixture", register: bool = True) -> Record:
    """A preview as a pull request's CI makes it: no secrets, no cluster, no registry.

    `text` is the stack file, and below a line `---` the catalog; without one it is `catalog` (None: there is none).
    Lines are counted as in `text`.
    Without `register` the program ends where it would begin to register resources.
    """
    stack_file, catalog_text = split(text, catalog or "")
    if "./manifests" in text:
        put_manifests(folder / "manifests", manifests_directory().parent)
    (folder / f"Pulumi.{stack}.yaml").write_text(stack_file, encoding="utf-8")
    if catalog is not None or catalog_text:
        (folder / "catalog.yaml").write_text(catalog_text, encoding="utf-8")
    plain, secrets = configuration(read_yaml(folder / f"Pulumi.{stack}.yaml", f"Pulumi.{stack}.yaml").value["config"])
    (folder / f"Pulumi.{stack}.yaml").write_text(_closed(stack_file, secrets.values()), encoding="utf-8")
    version = found[1] if (found := ARTIFACT_VERSION.search(stack_file)) else "v2.9.4"
    with files_in(folder):
        return attempt(
            entry_point() if register else _judged,
            stack=stack,
            config=plain,
            secrets=secrets,
            environment={"GITOPS_FLUX_MANIFESTS": str(manifests_directory(version))},
            preview=True,
        )


def _closed(text: str, secrets: Iterable[str]) -> str:
    """The stack file with ciphertexts, as the program sees it, in place of what a test wrote behind `secure`."""
    for secret in filter(None, secrets):
        text = text.replace(f"secure: {secret}", "secure: v1:closed")
        text = text.replace(f"secure: {json.dumps(secret)}", "secure: v1:closed")
        text = text.replace(f'"secure": {json.dumps(secret)}', '"secure": "v1:closed"')
    return text


def _judged() -> None:
    with problems_told_plainly():
        settings.load_settings()


def shown(record: Record, folder: Path) -> str:
    """What a person sees, the same on every machine, each problem on one line."""
    return record.errors.replace(str(folder), CLONE)


def as_shown(record: Record, folder: Path) -> str:
    """The same with its lines as they are."""
    return record.errors_as_shown.replace(str(folder), CLONE)


def split(text: str, catalog: str) -> tuple[str, str]:
    """The stack file, and the catalog with as many empty lines before it as make its lines those of `text`."""
    separator = SEPARATOR.search(text)
    if separator is None:
        return text, catalog
    lines_before = text[: separator.end()].count("\n")
    return text[: separator.start()], "\n" * lines_before + text[separator.end() :]


def configuration(config: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Plain and secret configuration as the CLI hands it over: a value that holds a secret is secret as a whole."""
    plain: dict[str, Any] = {}
    secrets: dict[str, str] = {}
    for key, value in config.items():
        opened = _opened(value)
        if opened == value:
            plain[key] = value
        else:
            secrets[key] = opened if isinstance(opened, str) else json.dumps(opened)
    return plain, secrets


def _opened(value: Any) -> Any:
    if isinstance(value, dict):
        return value["secure"] if set(value) == {"secure"} else {key: _opened(item) for key, item in value.items()}
    return [_opened(item) for item in value] if isinstance(value, list) else value


_of_the_cache = cache(read_distribution)


def read_once(directory: Path, version: str | None = None, *, inside: Path | None = None) -> Distribution:
    """As `read_distribution`, with one look at the files of the user cache, which no test changes, for all tests."""
    resolved = directory.resolve()
    if inside is None and resolved.is_relative_to(manifests_directory().parent):
        return _of_the_cache(resolved, version)
    return read_distribution(directory, version, inside=inside)


_PARSED: dict[tuple[frozenset[tuple[str, bytes]], str | None, str | None], Distribution] = {}


def parsed_once(files: Mapping[str, bytes], *, shown: str, version: str | None, fallback: str | None = None) -> Distribution:
    """As `distribution_of`; the same files are parsed once for all tests, wherever they lie. What is refused is refused each time."""
    key = (frozenset(files.items()), version, fallback)
    if key not in _PARSED:
        _PARSED[key] = distribution_of(files, shown=shown, version=version, fallback=fallback)
    return _PARSED[key]


class _Schemas:
    """The schemas of a release, compiled once for all tests; no test here patches a CRD."""

    compiled: ClassVar[dict[tuple[str, ...], Schemas]] = {}

    @classmethod
    def of(cls, definitions: Iterable[dict[str, Any]]) -> Schemas:
        listed = list(definitions)
        key = tuple(f"{body['metadata']['name']} {body['metadata']['labels']['app.kubernetes.io/version']}" for body in listed)
        if key not in cls.compiled:
            cls.compiled[key] = Schemas.of(listed)
        return cls.compiled[key]


@contextmanager
def files_in(folder: Path) -> Iterator[None]:
    """Within, the program reads its files from `folder`."""
    with ExitStack() as patches:
        patches.enter_context(patch.object(project_directory, "_chosen", folder))
        patches.enter_context(patch.object(checks, "Schemas", _Schemas))
        yield
