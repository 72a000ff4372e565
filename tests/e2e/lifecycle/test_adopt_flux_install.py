"""`gitops adopt` on a cluster that `flux install` and `flux create` made: nothing is in Git but the workloads."""

import pytest

from tests.e2e.lifecycle.adoption import REPOSITORY, adopting, as_yaml, workload
from tests.e2e.lifecycle.takeover import goes_on, measured, owned_alone


def test_it_is_taken_over_in_place(tmp_path_factory: pytest.TempPathFactory) -> None:
    with adopting(tmp_path_factory, "gitops-install") as made:
        made.cluster.samples.create(REPOSITORY, {"apps/workload.yaml": as_yaml(workload("workload"))})
        made.install("flux")
        made.sync_apps("flux")
        made.wait_for("Kustomization", "apps")

        with measured(made, "flux install"):
            made.gitops("--output", ".", "--manifests", "./manifests/v2.9.4", expect=1)
            made.pulumi("stack", "init")
            titles = made.carry_out(lambda _: None)

        assert titles == [
            "Set the stack's secrets, encrypted",
            "Let the stack take everything over, in place",
            "Remove what only the hand-over needed",
        ]
        assert "Flux was installed by flux install." in made.stack.transcript[0]
        owned_alone(made)
        goes_on(made)
