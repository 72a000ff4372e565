"""Plain `pulumi destroy` without controllers: it ends, by the timeouts in the state; the next preview names the command that finishes it.

`pulumi destroy` cannot name it itself: it runs no program, and what it prints of a timeout is the provider's.
"""

import re
import time

from tests.e2e.lifecycle.destroy_cells import WORKLOADS, end_the_controllers, left_in
from tests.e2e.lifecycle.figures import Meantime
from tests.e2e.lifecycle.objects import figure, synced
from tests.e2e.running_stack import RunningStack

PLAIN = ("pulumi", "destroy", "--yes", "--skip-preview", "--non-interactive", "--color", "never")
LONGEST_SECONDS = 25 * 60
"""Ten minutes for a Kustomization, then two for a source."""


def test_it_ends_and_gitops_destroy_finishes_it(living: RunningStack) -> None:
    living.up()
    synced(living)
    before = left_in(living)
    assert before.workloads.keys() == WORKLOADS.keys()
    with living.cluster.kube as kube, kube.credentials.client() as client:
        end_the_controllers(client)

    started = time.monotonic()
    plain = living.run(*PLAIN, "--stack", living.name, expect=None, changes={}, seconds=LONGEST_SECONDS)
    plain_seconds = time.monotonic() - started
    assert plain.code != 0, plain.printed
    assert "finalizers.fluxcd.io" in plain.printed

    previewed = living.preview(expect=None)
    assert "have been marked for deletion since" in previewed.printed
    assert f"To finish it, run: gitops destroy --stack {living.name}" in previewed.printed

    meantime = Meantime(living.cluster, before.workloads)
    finished = living.gitops("destroy", "--stack", living.name, "--yes", expect=0)
    left = left_in(living)
    found = meantime.figures(left.workloads)
    figure(
        f"plain pulumi destroy, no controller alive: exit {plain.code} after {plain_seconds:.0f} s; then gitops destroy: {found}; {left}"
    )
    assert re.search(r"Kustomization/flux-system/cluster-apps +\(finalizers\.fluxcd\.io\)", finished.printed)
    assert (found.lost, found.changed, left.of_the_stack) == ([], [], [])
