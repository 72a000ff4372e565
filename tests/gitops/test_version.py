import tomllib

from typer.testing import CliRunner

from devcluster.toolchain.tool import load_tool
from flux.release.tested import MANIFESTS, TESTED_VERSIONS
from gitops.cli import app
from tests.engine import REPOSITORY
from tests.manifests import VERSION


def test_the_versions_are_those_that_are_installed_and_tested() -> None:
    described = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    pins = dict(pin.split("==") for pin in described["dependencies"] if "==" in pin)

    printed = CliRunner().invoke(app, ["--version"]).stdout.splitlines()

    assert printed == [
        f"gitops {described['version']}",
        f"Flux {TESTED_VERSIONS[0]}, also tested with {', '.join(TESTED_VERSIONS[1:])}",
        f"Pulumi SDK {pins['pulumi']}",
        f"provider kubernetes {pins['pulumi-kubernetes']}",
        f"provider random {pins['pulumi-random']}",
    ]


def test_the_flux_versions_are_those_whose_manifests_the_tests_read() -> None:
    tested = {copy.target.removeprefix("share/") for copy in load_tool("flux-manifests").copies}
    assert set(TESTED_VERSIONS) == tested
    assert TESTED_VERSIONS[0] == VERSION
    assert MANIFESTS.endswith(f":{VERSION}")
