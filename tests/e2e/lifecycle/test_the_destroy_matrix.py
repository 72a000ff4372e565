"""`gitops destroy` ends in every state of a cluster, and says what it leaves.

Four cells belong to `make test`; GITOPS_TEST_MATRIX=all has all of them (`make soak`).
"""

import os
from pathlib import Path

import pytest

from tests.e2e.lifecycle.destroy_cells import EVERY, HELD, HOLD, SHORT, WORKLOADS, Cell, left_in, named_as_left, prepared
from tests.e2e.lifecycle.figures import Meantime
from tests.e2e.lifecycle.objects import figure, synced
from tests.e2e.lifecycle.workloads import everything
from tests.e2e.running_stack import RunningStack, changed_stack_file, clone_with

CELLS = EVERY if os.environ.get("GITOPS_TEST_MATRIX") == "all" else SHORT
REFUSED = 2
OF_THE_FILE = "The stack file says onDestroy: removeWorkloads, but the last `pulumi up` set keepWorkloads: they stay."


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_destroy_ends(living: RunningStack, cell: Cell, tmp_path: Path) -> None:
    living.up("--config-file", changed_stack_file(tmp_path, onDestroy=cell.policy))
    synced(living)
    before = left_in(living)
    assert before.workloads.keys() == WORKLOADS.keys()

    with prepared(living, cell):
        # `--yes` alone: what stays is decided by the policies in the cluster. The shipped stack file says removeWorkloads in every cell.
        option = ["--keep-workloads"] if cell.option else []
        meantime = Meantime(living.cluster, {} if cell.workloads_go else before.workloads)
        ended = living.gitops("destroy", "--stack", living.name, "--yes", *option, "--timeout", "15", expect=None)
        left = left_in(living)
        found = meantime.figures(left.workloads)

    figure(f"destroy {cell}: exit {ended.code}; {found}; {left}")
    assert ended.code == 0, ended.printed
    assert left.of_the_stack == []
    assert living.pulumi("stack", "--stack", living.name, "--show-ids").printed.count("kubernetes:") == 0
    if cell.is_a_race:
        assert [path for path in left.workloads if not named_as_left(ended.printed, path)] == [], ended.printed
    elif cell.workloads_go:
        assert left.workloads == {}
    else:
        assert (found.lost, found.changed) == ([], [])
    assert (left.definitions > 0) == cell.keeps, ended.printed
    if not cell.controllers:
        assert "Finalizers released" in ended.printed
    if cell.held and cell.held != "foreign-finalizer":
        kind, name = ("GitRepository", "kubeflow") if "source" in cell.held else ("Secret", "sops-age")
        (line,) = [line for line in ended.printed.splitlines() if f"{kind}/flux-system/{name}  (" in line]
        assert HOLD in line
        assert HELD[cell.held][0] not in left.of_the_stack
    if cell.policy == "keepWorkloads" and not cell.terminating:
        assert OF_THE_FILE in " ".join(ended.printed.split())


def test_a_policy_that_is_in_the_file_alone_is_told_and_removes_nothing(living: RunningStack, tmp_path: Path) -> None:
    living.up()
    synced(living)
    before = everything(living)
    clone = clone_with(tmp_path / "clone", changed_stack_file(tmp_path, onDestroy="keepWorkloads"))
    meantime = Meantime(living.cluster, before)

    refused = living.gitops("destroy", "--stack", living.name, "--yes", expect=REFUSED, clone=clone)

    found = meantime.figures(everything(living)).show("onDestroy: keepWorkloads in the file alone, then destroy: refused")
    assert (found.lost, found.changed) == ([], [])
    told = " ".join(refused.printed.split())
    assert "the stack file says onDestroy: keepWorkloads, but the last `pulumi up` set removeWorkloads in the cluster" in told
    assert "To keep them, add --keep-workloads." in told
