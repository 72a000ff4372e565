"""Charts of a chart repository or a registry. Helm resolves the version, and has no login: the author of the URL must not get one."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flux.addresses import Address, address_of
from flux.bounded_documents import Bounds, content_of
from gitops.check.repository.documents import mapping, text
from gitops.compare.charts.chart_files import ChartFiles, chart_of_archive
from gitops.compare.charts.helm_process import pull
from gitops.compare.charts.not_rendered import ChartNotRenderedError
from gitops.compare.sentence import say

_URL = re.compile(r"(?=.{1,500}$)(https?|oci)://[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?(/[\w~+-][\w.~+-]*)*/?", re.ASCII)
"""Nothing that two programs could read as two servers, and neither a password nor an option."""
_CHART = re.compile(r"(?=.{1,250}$)[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)*", re.ASCII)
_VERSION = re.compile(r"[\w.+^~<>=!*|, -]{1,100}", re.ASCII)
_REFERENCE = re.compile(r"\w[\w.+-]{0,127}|sha256:[0-9a-f]{64}", re.ASCII)
_AN_ARCHIVE = Bounds(size=10 * 1024**2)
"""As source-controller (--helm-chart-max-size)."""
Server = tuple[str, str, int | None]
"""Scheme, host and port."""
RepositoryOfCharts = tuple[Server, str]
"""With the path."""


@dataclass(frozen=True, kw_only=True)
class ChartPlace:
    """A chart that is pulled."""

    url: str
    """Of the repository; of a registry, with the chart: `oci://ghcr.io/org/charts/app`."""
    chart: str = ""
    """Its name in the repository; empty for a registry."""
    version: str = ""
    """Or a range of versions; empty for the newest."""
    reference: str = ""
    """A tag or a digest, in place of a version."""
    is_plain_http: bool = False

    @property
    def server(self) -> Server:
        """Who is asked for it."""
        found = server_of(self.url)
        if found is None:
            raise ChartNotRenderedError(say("its repository has a URL that only Flux itself fetches from"))
        return found


def server_of(url: str) -> Server | None:
    """None for a URL that is not fetched from here."""
    address: Address | None = address_of(url) if _URL.fullmatch(url) else None
    return (address.scheme, address.host, address.port_or_default) if address else None


def repository_of(url: str) -> RepositoryOfCharts | None:
    """None for a URL that is not fetched from here."""
    server = server_of(url)
    return (server, url.partition("://")[2].partition("/")[2].strip("/")) if server else None


def is_in(place: ChartPlace, repositories: Iterable[RepositoryOfCharts]) -> bool:
    """Whether the chart is in one of them; in a registry, also below its path.

    Raises:
        ChartNotRenderedError: its URL is not fetched from here.
    """
    server, path = place.server, (repository_of(place.url) or ("", ""))[1]
    paths = [where for each, where in repositories if each == server]
    return path in paths or (server[0] == "oci" and any(not each or path.startswith(f"{each}/") for each in paths))


def place_in_repository(source: Mapping[str, Any], chart: str, version: str) -> ChartPlace:
    """The chart that a HelmRepository has.

    Raises:
        ChartNotRenderedError: it is not known what would be asked for.
    """
    url, plain = text(source, "spec", "url"), mapping(source, "spec").get("insecure") is True
    if not _CHART.fullmatch(chart) or (version and not _VERSION.fullmatch(version)):
        raise ChartNotRenderedError(say("{} is no name of a chart, or {} no version", chart, version))
    if url.startswith("oci://"):
        return ChartPlace(url=f"{url.rstrip('/')}/{chart}", version=version, is_plain_http=plain)
    return ChartPlace(url=url, chart=chart, version=version)


def place_of_artifact(source: Mapping[str, Any]) -> ChartPlace:
    """The chart that an OCIRepository is.

    Raises:
        ChartNotRenderedError: it is not known what would be asked for.
    """
    spec = mapping(source, "spec")
    url, ref, plain = text(spec, "url"), mapping(spec, "ref"), spec.get("insecure") is True
    digest, semver, tag = text(ref, "digest"), text(ref, "semver"), text(ref, "tag")
    if semver and not digest and _VERSION.fullmatch(semver) and not text(ref, "semverFilter"):
        return ChartPlace(url=url, version=semver, is_plain_http=plain)
    if not (digest or tag) or not _REFERENCE.fullmatch(digest or tag):
        raise ChartNotRenderedError(say("its OCIRepository names no version that can be pulled here"))
    return ChartPlace(url=url, reference=digest or tag, is_plain_http=plain)


def pulled(program: str, place: ChartPlace, folder: Path) -> ChartFiles:
    """The chart, by `helm pull` into `folder`.

    Raises:
        ChartNotRenderedError: the server said no or did not end in time, or sent what is no chart.
    """
    target = folder / "pulled"
    target.mkdir()
    scheme, host, _ = place.server
    reference = f"{'@' if ':' in place.reference else ':'}{place.reference}" if place.reference else ""
    given = [
        f"--destination={target}",
        *([f"--version={place.version}"] if place.version else []),
        *(["--plain-http"] if place.is_plain_http else []),
        *([f"--repo={place.url}"] if scheme != "oci" else []),
    ]
    what = f"{place.url.rstrip('/')}{reference}" if scheme == "oci" else place.chart
    pull(program, [*given, "--", what], folder, host)
    archives = [file for file in target.iterdir() if file.is_file() and not file.is_symlink()]
    if len(archives) != 1:
        raise ChartNotRenderedError(say("helm pulled no archive"))
    content = content_of(archives[0], _AN_ARCHIVE)
    if len(content) > _AN_ARCHIVE.size:
        raise ChartNotRenderedError(say(f"it has more than {_AN_ARCHIVE.size // 1024**2} MiB"))
    return chart_of_archive(content)
