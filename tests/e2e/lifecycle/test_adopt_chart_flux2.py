"""`gitops adopt` on a cluster of the community chart flux2: a stand-in chart with its labels, installed by the real helm."""

from pathlib import Path

import pytest

from flux.release.install_options import InstallOptions
from flux.release.install_patches import InstallPatch
from tests.e2e.lifecycle.adoption import REPOSITORY, adopting, as_yaml, workload
from tests.e2e.lifecycle.takeover import goes_on, measured, owned_alone

CHART = {"helm.sh/chart": "flux2-2.17.0"}
PROBE = {"op": "add", "path": "/spec/template/spec/containers/0/livenessProbe/timeoutSeconds", "value": 5}
TEMPLATE = {"spec": {"template": {"metadata": {"labels": {"app.kubernetes.io/instance": "flux2"}}}}}


def test_it_is_taken_over_in_place(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> None:
    with adopting(tmp_path_factory, "gitops-chart") as made:
        made.cluster.samples.create(REPOSITORY, {"apps/workload.yaml": as_yaml(workload("workload"))})
        sized = {"kind": "Deployment", "name": "(source|kustomize)-controller"}
        patches = [InstallPatch(target=sized, patch=TEMPLATE), InstallPatch(target=sized, patch=[PROBE])]
        made.installed_by_helm(tmp_path, "flux2", InstallOptions(patches=patches), CHART)
        made.sync_apps("kubectl")
        made.wait_for("Kustomization", "apps")

        with measured(made, "the community chart flux2 (a stand-in)"):
            made.gitops("--output", ".", "--manifests", "./manifests/v2.9.4", expect=1)
            made.pulumi("stack", "init")
            titles = made.carry_out(lambda _: None)

        assert titles == [
            "Set the stack's secrets, encrypted",
            "Delete Helm's record of release flux2, without uninstalling it",
            "Let the stack take everything over, in place",
            "Remove what only the hand-over needed",
        ]
        owned_alone(made)
        goes_on(made)
