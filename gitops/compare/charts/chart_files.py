"""The files of a chart, in memory: whatever an archive or a repository calls them, they are written only below a folder of ours."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from flux.bounded_documents import UnreadableError
from flux.release.tarball import TarballError, tree_files
from gitops.check.repository.documents import items, mapping, parse, text
from gitops.check.repository.tree import Tree, joined
from gitops.compare.charts.merged_values import merged, written
from gitops.compare.charts.not_rendered import ChartNotRenderedError
from gitops.compare.sentence import say

_LARGEST = 32 * 1024**2
_MOST_FILES = 5_000
_MOST_DEPENDENCIES = 50
_BESIDE = "file://"
_RANDOM = re.compile(rb"\b(?:rand[A-Z]\w+|gen(?:CA|SelfSigned|Signed|Private)\w+|uuidv4|now|htpasswd|bcrypt|encryptAES|shuffle)\b")
"""What Sprig calls it (https://masterminds.github.io/sprig)."""


@dataclass(frozen=True, kw_only=True)
class ChartFiles:
    """Path below the chart → content."""

    files: Mapping[str, bytes] = field(repr=False)

    @property
    def name(self) -> str:
        """As Chart.yaml has it."""
        return str(_document(self.files.get("Chart.yaml", b"")).get("name") or "")

    @property
    def version(self) -> str:
        """As Chart.yaml has it."""
        return str(_document(self.files.get("Chart.yaml", b"")).get("version") or "")

    @property
    def values(self) -> dict[str, Any]:
        """Its own, under those of a release."""
        return _document(self.files.get("values.yaml", b""))

    @property
    def is_random(self) -> bool:
        """Whether a template of it may make something else each time: a password, a certificate, the time."""
        return any(_RANDOM.search(content) for path, content in self.files.items() if "templates/" in path)

    def definitions(self) -> frozenset[str]:
        """The names of the CRDs below `crds`, which Helm installs, never deletes, and changes only where a HelmRelease asks for it."""
        found = (path for path in self.files if path.startswith("crds/") or ("/crds/" in path and path.startswith("charts/")))
        return frozenset(text(body, "metadata", "name") for path in found for body in _documents(self.files[path]))

    def with_values(self, paths: list[str], others: Mapping[str, bytes], *, may_lack: bool) -> "ChartFiles":
        """With these files, the last of which wins, in place of its own values. `others`: where they lie, if not in the chart.

        Raises:
            ChartNotRenderedError: one is missing.
        """
        values: dict[str, Any] = {}
        for path in paths:
            content = others.get(joined("", path))
            if content is None and not may_lack:
                raise ChartNotRenderedError(say("its values file {} is missing", path))
            values = merged(values, _document(content or b""))
        return replace(self, files={**self.files, "values.yaml": written(values)}) if paths else self

    def write(self, folder: Path) -> None:
        """Into `folder`, which is new.

        Raises:
            ChartNotRenderedError: a path cannot be written here.
        """
        try:
            for path, content in self.files.items():
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                with (folder / path).open("xb") as file:
                    file.write(content)
        except (OSError, ValueError):
            raise ChartNotRenderedError(say("it has a file that cannot be written here")) from None


def chart_of_archive(archive: bytes) -> ChartFiles:
    """The chart that `helm package` made: its files lie below one folder. Links are left out.

    Raises:
        ChartNotRenderedError: it is no such archive, leads out of itself, or is too large.
    """
    try:
        found = tree_files(archive)
    except TarballError as error:
        raise ChartNotRenderedError(say("it cannot be unpacked: {}", str(error))) from None
    inner = {path.partition("/")[2]: content for path, content in found.items() if "/" in path}
    return _bounded(ChartFiles(files=inner))


def chart_in_tree(tree: Tree, path: str) -> ChartFiles:
    """The chart that lies in a repository, with the charts beside it on which it depends.

    Raises:
        ChartNotRenderedError: there is none, or it is too large.
    """
    files = dict(_below(tree, path))
    if "Chart.yaml" not in files:
        raise ChartNotRenderedError(say("{} has no Chart.yaml", path or "."))
    beside_it = items(_document(files["Chart.yaml"]), "dependencies")
    if len(beside_it) > _MOST_DEPENDENCIES:
        raise ChartNotRenderedError(say(f"it depends on more than {_MOST_DEPENDENCIES} charts"))
    there = {path.split("/")[1] for path in files if path.startswith("charts/")}
    for each in beside_it:
        name, where = text(each, "name"), text(each, "repository")
        beside = joined(path, where.removeprefix(_BESIDE))
        if where.startswith(_BESIDE) and name and name not in there:
            there.add(name)
            files |= {joined(f"charts/{name}", file): content for file, content in _below(tree, beside)}
            _bounded(ChartFiles(files=files))
    return _bounded(ChartFiles(files=files))


def _below(tree: Tree, path: str) -> Iterator[tuple[str, bytes]]:
    for file in tree.below(path)[: _MOST_FILES + 1]:
        yield file.removeprefix(f"{path}/") if path else file, tree.content(file)


def _bounded(chart: ChartFiles) -> ChartFiles:
    if len(chart.files) > _MOST_FILES or sum(map(len, chart.files.values())) > _LARGEST:
        raise ChartNotRenderedError(say(f"it has more than {_MOST_FILES:,} files or {_LARGEST // 1024**2} MiB"))
    if any(part in ("", ".", "..") for path in chart.files for part in path.split("/")):
        raise ChartNotRenderedError(say("it has a file whose path leads out of it"))
    return chart


def _document(content: bytes) -> dict[str, Any]:
    return next((mapping(each) for each in _documents(content)), {})


def _documents(content: bytes) -> list[Any]:
    try:
        return [each.value for each in parse(content.decode("utf-8", errors="replace"))]
    except UnreadableError:
        return []  # helm tells it
