"""docs/how-to/adopt.md: the command of its example is run on the cluster that it describes, and prints and writes what the page shows."""

import re
from pathlib import Path
from unittest.mock import patch

import pytest
import yaml
from typer.testing import CliRunner

from gitops.cli import app
from gitops.errors import CommandError
from live.flux_objects.running_flux import RunningFlux
from tests.engine import REPOSITORY
from tests.gitops.adopt.prepared import by_bootstrap
from tests.gitops.api_server import write_kubeconfig
from tests.manifests import manifests_directory, put_manifests
from tests.stack_files import files_in

PAGE = REPOSITORY / "docs" / "how-to" / "adopt.md"
BLOCK = re.compile(r"^```(?P<kind>[^\n]+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
KEY = re.compile(r"(git\.test ssh-ed25519) \S+")


def ran(folder: Path, running: RunningFlux, *options: str) -> tuple[int, str]:
    with patch("live.flux_objects.running_flux.read_running_flux", lambda _: running), files_in(folder):
        result = CliRunner().invoke(app, ["adopt", "homelab", *options])
    if isinstance(result.exception, CommandError):
        return 2, str(result.exception)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "clone"
    put_manifests(folder / "manifests", manifests_directory().parent)
    (folder / "Pulumi.yaml").write_text("name: gitops\n")
    monkeypatch.setenv("KUBECONFIG", str(write_kubeconfig(tmp_path / "config", "https://192.168.1.10:6443", "admin@homelab")))
    monkeypatch.chdir(folder)
    return folder


def test_its_example_is_what_the_command_writes_and_prints(clone: Path, update_goldens: bool) -> None:
    page = PAGE.read_text(encoding="utf-8")
    command = next(each["text"] for each in BLOCK.finditer(page) if each["kind"] == "sh").split()
    assert command[:3] == ["gitops", "adopt", "homelab"]
    code, printed = ran(clone, by_bootstrap(), *command[3:])
    found = {
        "text": printed.replace(f"--kubeconfig {clone.parent}/config ", "").replace(str(clone.parent), "…"),
        "yaml file=Pulumi.homelab.yaml": (clone / "Pulumi.homelab.yaml").read_text(),
        "yaml file=catalog.yaml": KEY.sub(r"\1 AAAA…", (clone / "catalog.yaml").read_text()),
    }
    assert code == 1
    if update_goldens:
        PAGE.write_text(BLOCK.sub(lambda each: f"```{each['kind']}\n{found.get(each['kind'], each['text'])}```", page), encoding="utf-8")
    else:
        shown = {each["kind"]: each["text"] for each in BLOCK.finditer(page)}
        assert {kind: shown[kind] for kind in found} == found, "if the change is meant: pytest tests/gitops/adopt --update-goldens"


def test_run_again_it_writes_nothing_and_another_release_is_refused(clone: Path) -> None:
    code, said = ran(clone, by_bootstrap(), "--manifests", "./manifests/v2.8.8")
    assert (code, "the cluster runs Flux v2.9.4, but the manifests are those of v2.8.8" in said) == (2, True)
    assert not (clone / "Pulumi.homelab.yaml").exists()
    ran(clone, by_bootstrap(), "--manifests", "./manifests/v2.9.4", "--output", ".")
    before = (clone / "Pulumi.homelab.yaml").read_text()
    code, printed = ran(clone, by_bootstrap())
    assert code == 1
    assert "1. Write the stack file and the catalog [done]\n2. Set the stack's secrets, encrypted [next: 1 missing]\n" in printed
    assert before == (clone / "Pulumi.homelab.yaml").read_text()
    written = yaml.safe_load(before)
    written["config"]["gitops:flux-system-identity"] = {"secure": "v1:closed"}
    (clone / "Pulumi.homelab.yaml").write_text(yaml.safe_dump(written))
    assert "2. Set the stack's secrets, encrypted [done]" in ran(clone, by_bootstrap())[1]


def test_entries_that_a_catalog_of_ones_own_lacks_are_printed_and_looked_for(clone: Path) -> None:
    (clone / "catalog.yaml").write_text("git: {other: {url: https://git.test/other}}\n")
    _, printed = ran(clone, by_bootstrap(), "--manifests", "./manifests/v2.9.4", "--output", ".")
    assert "catalog.yaml stays as it is. Add each of these lines to its section:" in printed
    assert "groups: [homelab]" in printed
    assert "[next: catalog.yaml lacks git.flux-system, kustomizations.flux-system]" in printed
    (clone / "catalog.yaml").write_text(printed.partition("its section:\n\n")[2].partition("\nFlux was")[0])
    assert "1. Write the stack file and the catalog [done]" in ran(clone, by_bootstrap())[1]
