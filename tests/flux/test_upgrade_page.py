"""docs/how-to/upgrade-flux.md lists the API versions that a release no longer has."""

import re

import pytest

from tests.engine import REPOSITORY
from tests.manifests import distribution

PAGE = (REPOSITORY / "docs" / "how-to" / "upgrade-flux.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (\d\.\d+) \| (`.*) \|$", re.MULTILINE)


def served(release: str) -> set[tuple[str, str]]:
    """Version and kind of everything that the release serves."""
    definitions = distribution(release).definitions()
    return {
        (version["name"], each["spec"]["names"]["kind"])
        for each in definitions
        for version in each["spec"]["versions"]
        if version["served"]
    }


@pytest.mark.parametrize(("before", "after"), [("v2.7.5", "v2.8.8"), ("v2.8.8", "v2.9.4")])
def test_the_page_lists_the_versions_that_a_release_no_longer_has(before: str, after: str) -> None:
    (written,) = [row for minor, row in ROW.findall(PAGE) if after.startswith(f"v{minor}.")]
    listed = {(version, kind) for version, kinds in re.findall(r"`(\w+)` of ([^;]+)", written) for kind in kinds.split(", ")}

    assert listed == served(before) - served(after)
