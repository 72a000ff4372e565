"""What README.md shows is what the programs print."""

import inspect
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from devcluster.commands import demo
from devcluster.embedded_cluster import START_STEPS
from gitops.status.groups import Group
from gitops.status.row import Readiness, StatusRow
from gitops.status.table import render
from stacks.reading.yaml_file import read_yaml
from tests.engine import REPOSITORY, attempt, entry_point
from tests.record import Record
from tests.shipped_stacks import dev_environment
from tests.stack_files import files_in

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
BLOCKS = [found[1] for found in re.finditer(r"^```(?:text|console)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)]
DEMO, MISTAKE = (next(block for block in BLOCKS if part in block) for part in ("24 of 24 ready", "5 minutes"))
COMMIT = "5a07cab7f1e2d3c4b5a69788790a1b2c3d4e5f60"
NOW = datetime(2026, 11, 23, 12, 5, tzinfo=UTC)


def row(kind: str, namespace: str, name: str, revision: str, seconds: int, message: str, group: Group) -> StatusRow:
    return StatusRow(
        api_version="v1", kind=kind, namespace=namespace, name=name, group=group, ready=Readiness.YES, reason="Succeeded",
        message=message, revision=revision, changed=NOW - timedelta(seconds=seconds),
    )  # fmt: skip


def test_the_table_of_the_demo_is_one_that_status_prints() -> None:
    revision, installed = f"main@sha1:{COMMIT}", "Helm install succeeded for release observability/ntfy.v1"
    rows = [
        row("Kustomization", "flux-system", "cluster-apps", revision, 23, f"Applied revision: {revision}", Group.KUSTOMIZATIONS),
        row("HelmRelease", "observability", "ntfy", "0.1.0", 16, installed, Group.RELEASES),
    ]
    table, _, _ = render(rows, None, NOW).plain.rpartition("\n\n")

    assert table in DEMO


def test_the_steps_of_the_demo_have_their_numbers() -> None:
    labels = re.findall(r"""(?:with step|step\.begin)\(f?"([^"{]+)""", inspect.getsource(demo.check) + inspect.getsource(demo.up))
    assert len(labels) == demo.STEPS - START_STEPS
    for label in ("pulumi up of stack ", "Flux syncs; "):
        number = START_STEPS + 1 + labels[1:].index(next(each for each in labels if each.startswith(label)))
        number += label.startswith("Flux")  # `gitops check` comes before it, in a function of its own
        assert f"\n  [{number}/{demo.STEPS}] {label}" in f"\n{DEMO}"


def test_pages_count_the_resources_of_the_stacks(dev_preview: Record, production_preview: Record) -> None:
    runbooks = REPOSITORY / "docs" / "runbooks"
    pages = {path.stem: path.read_text(encoding="utf-8") for path in runbooks.glob("*.md")}
    dev, production = len(dev_preview.resources), len(production_preview.resources)

    assert f"\n  {dev} created\n" in DEMO
    for page, counts in {
        "lose-the-state": [f"+ {dev} to create", f"+ {dev} created", f"{dev} unchanged"],
        "a-rebuilt-cluster": [f"{dev} unchanged", f"`{dev} created`"],
        "move-the-state": [f"{production} unchanged"],
    }.items():
        assert re.findall(r"`?(?:\+ )?\d+ (?:to create|created|unchanged)`?", pages[page]) == counts, page
    created, unchanged = re.findall(r"(\d+) (?:created|unchanged)", pages["an-interrupted-up"])
    assert int(created) + int(unchanged) == dev


def test_the_mistake_is_reported_as_shown(tmp_path: Path) -> None:
    shipped = (REPOSITORY / "Pulumi.dev.yaml").read_text(encoding="utf-8")
    (tmp_path / "catalog.yaml").write_text((REPOSITORY / "catalog.yaml").read_text(encoding="utf-8"))
    wrong = shipped.replace("git/argo-workflows: {spec: {interval: 1m}}", "git/argo-workflows: {spec: {interval: 5 minutes}}")
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_text(wrong, encoding="utf-8")
    config = read_yaml(file, file.name).value["config"]

    with files_in(tmp_path):
        record = attempt(entry_point(), stack="dev", config=config, environment=dev_environment(tmp_path), preview=True)

    assert f"$ pulumi preview\nerror: {record.errors_as_shown}\n" == MISTAKE


def test_it_fits_on_a_screen_and_a_half() -> None:
    assert len(README.splitlines()) <= 90
