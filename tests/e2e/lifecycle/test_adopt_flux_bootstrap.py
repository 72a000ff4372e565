"""`gitops adopt` on a cluster that `flux bootstrap` made: Flux applies itself from Git, and at the end a stack owns it.

Terraform's provider does the same with a Namespace of its own; `make soak` has that, too.
"""

import os

import pytest

from tests.e2e.lifecycle.adoption import (
    REPOSITORY,
    STACK,
    Adopting,
    adopting,
    as_yaml,
    installation,
    kustomization,
    source,
    workload,
    written,
)
from tests.e2e.lifecycle.takeover import goes_on, measured, owned_alone

PATH = "clusters/homelab"
BOOTSTRAP, TERRAFORM = "flux bootstrap", "Terraform's provider fluxcd/flux (or another tool of Terraform)"
TOOLS = [BOOTSTRAP, *([TERRAFORM] if os.environ.get("GITOPS_TEST_MATRIX") == "all" else [])]


@pytest.mark.parametrize("tool", TOOLS)
def test_it_is_taken_over_in_place_and_git_goes_on(tool: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    with adopting(tmp_path_factory, "gitops-bootstrap") as made:
        if tool == TERRAFORM:
            metadata = {"name": "flux-system", "labels": {"app.kubernetes.io/managed-by": "terraform"}}
            made.make({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}, "Terraform")
        bootstrapped(made)

        with measured(made, tool):
            made.gitops("--output", ".", "--manifests", "./manifests/v2.9.4", expect=1)
            made.pulumi("stack", "init")
            titles = made.carry_out(lambda _: out_of_git(made))

        assert [title.partition(":")[0] for title in titles] == [
            "Set the stack's secrets, encrypted",
            "Protect what leaves Git from pruning",
            "Take it out of Git",
            "Let the stack take everything over, in place",
            "Remove what only the hand-over needed",
        ]
        assert f"Flux was installed by {tool}." in made.stack.transcript[0]
        assert made.gitops().code == 0, "every step is done"
        owned_alone(made)
        goes_on(made, source_name="flux-system")
        assert written(made.clone / f"Pulumi.{STACK}.yaml")["config"]["gitops:credentials"] == {"flux-system": {"type": "ssh"}}


def bootstrapped(made: Adopting) -> None:
    """As `flux bootstrap git` leaves a cluster: installed by the CLI, and then applied by kustomize-controller from Git."""
    own = [source("flux-system", made.git_url), kustomization("flux-system", f"./{PATH}")]
    made.cluster.samples.create(
        REPOSITORY,
        {
            f"{PATH}/apps.yaml": as_yaml(kustomization("apps", "./apps", interval="10s"), workload("beside-flux")),
            "apps/workload.yaml": as_yaml(workload("workload")),
        },
    )
    of_flux = {
        f"{PATH}/flux-system/gotk-components.yaml": as_yaml(*installation()),
        f"{PATH}/flux-system/gotk-sync.yaml": as_yaml(*own),
        f"{PATH}/flux-system/kustomization.yaml": b"resources: [gotk-components.yaml, gotk-sync.yaml]\n",
    }
    made.cluster.samples.push(REPOSITORY, of_flux | {"README.md": b"fleet\n"}, "Add Flux", part="flux")
    made.install("flux")
    made.deploy_key()
    for body in own:
        made.make(body, "flux")
    made.wait_for("Kustomization", "flux-system", "apps")


def out_of_git(made: Adopting) -> None:
    made.cluster.samples.push(REPOSITORY, {"README.md": b"fleet\n"}, "feat: flux is installed by a stack", part="flux")
    made.stack.reconcile("GitRepository", "flux-system")
    made.stack.reconcile("Kustomization", "flux-system")
