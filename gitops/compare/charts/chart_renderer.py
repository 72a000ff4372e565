"""What a release makes: chart and values go in, objects come out. Helm's own program does it (docs/compare.md says why)."""

import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from flux.bounded_documents import UnreadableError
from gitops.check.repository.documents import items, parse, text
from gitops.compare.charts.chart_files import ChartFiles
from gitops.compare.charts.helm_process import OUTPUT, helm_program, template
from gitops.compare.charts.merged_values import written
from gitops.compare.charts.not_rendered import ChartNotRenderedError
from gitops.compare.charts.pulled_charts import ChartPlace, pulled
from gitops.compare.sentence import say

ALL_SECONDS = 300.0
"""Of all charts of one comparison together."""


@dataclass(frozen=True, kw_only=True)
class Release:
    """How Flux would call Helm."""

    name: str
    namespace: str
    values: Mapping[str, Any] = field(repr=False)
    is_upgrade: bool = False
    with_definitions: bool = False
    """Whether the CRDs of the chart are applied, too."""
    kubernetes: str = ""
    """The version of the cluster, if the stack says it."""
    kinds: tuple[str, ...] = ()
    """What else the cluster serves: `monitoring.coreos.com/v1`."""


class ChartRenderer(Protocol):
    """Pulls charts, and makes objects of them."""

    def pulled(self, place: ChartPlace) -> ChartFiles:
        """The chart. Raises ChartNotRenderedError."""

    def rendered(self, chart: ChartFiles, release: Release) -> Sequence[dict[str, Any]]:
        """The objects. Raises ChartNotRenderedError."""


@dataclass
class HelmRenderer:
    """helm, of this machine."""

    seconds: float = ALL_SECONDS
    _charts: dict[ChartPlace, ChartFiles | ChartNotRenderedError] = field(default_factory=dict)

    def pulled(self, place: ChartPlace) -> ChartFiles:
        """Each chart once."""
        if place not in self._charts:
            try:
                with _Turn(self) as (program, folder):
                    self._charts[place] = pulled(program, place, folder)
            except ChartNotRenderedError as error:
                self._charts[place] = error
        found = self._charts[place]
        if isinstance(found, ChartNotRenderedError):
            raise ChartNotRenderedError(found.why)
        return found

    def rendered(self, chart: ChartFiles, release: Release) -> Sequence[dict[str, Any]]:
        """As `helm template` prints them."""
        with _Turn(self) as (program, folder):
            chart.write(folder / "chart")
            (folder / "values.json").write_bytes(written(release.values))
            return objects_in(template(program, _arguments(release, folder), folder))


class _Turn:
    """One run of helm: its program and a new folder, and the time that it takes."""

    def __init__(self, renderer: HelmRenderer) -> None:
        self._renderer, self._started = renderer, time.monotonic()

    def __enter__(self) -> tuple[str, Path]:
        program = helm_program()
        if program is None:
            raise ChartNotRenderedError(say("helm is not on PATH"))
        if self._renderer.seconds <= 0:
            raise ChartNotRenderedError(say(f"the charts before it took more than {ALL_SECONDS:.0f} s"))
        self._folder = tempfile.TemporaryDirectory(prefix="gitops-chart-", ignore_cleanup_errors=True)
        return program, Path(self._folder.name)

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()
        self._renderer.seconds -= time.monotonic() - self._started


def _arguments(release: Release, folder: Path) -> list[str]:
    """A name may begin with a dash: whatever a stranger wrote stands behind `=` or `--`."""
    given = [
        f"--namespace={release.namespace}",
        f"--values={folder / 'values.json'}",
        *("--skip-tests", "--skip-schema-validation"),
        *(["--is-upgrade"] if release.is_upgrade else []),
        *(["--include-crds"] if release.with_definitions else []),
        *([f"--kube-version={release.kubernetes}"] if release.kubernetes else []),
        *(f"--api-versions={each}" for each in release.kinds),
    ]
    return [*given, "--", release.name, str(folder / "chart")]


def objects_in(printed: str) -> list[dict[str, Any]]:
    """The objects that a chart made; a List is what is in it.

    Raises:
        ChartNotRenderedError: it made no YAML, or more than is read.
    """
    try:
        found = [each.value for each in parse(printed, OUTPUT)]
    except UnreadableError as error:
        raise ChartNotRenderedError(say(f"what it makes {error.wrong.partition(':')[0]}")) from None
    every = [each for one in found for each in (items(one, "items") if text(one, "kind") == "List" else [one])]
    return [each for each in every if isinstance(each, dict) and text(each, "kind") and text(each, "metadata", "name")]
