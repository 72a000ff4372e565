"""`gitops adopt` on a cluster of an older release, whose objects are stored in a version that the next release no longer has."""

import pytest

from tests.e2e.lifecycle.adoption import REPOSITORY, adopting, as_yaml, named, workload
from tests.e2e.lifecycle.takeover import goes_on, measured, owned_alone

VERSION = "v2.8.8"
ALERTS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/alerts.notification.toolkit.fluxcd.io"


def test_it_is_migrated_and_taken_over_in_place(tmp_path_factory: pytest.TempPathFactory) -> None:
    with adopting(tmp_path_factory, "gitops-older") as made:
        made.cluster.samples.create(REPOSITORY, {"apps/workload.yaml": as_yaml(workload("workload"))})
        made.install("flux", version=VERSION)
        made.sync_apps("flux")
        api = "notification.toolkit.fluxcd.io/v1beta3"
        provider = {"type": "slack", "address": "https://hooks.test/a"}
        made.make({"apiVersion": api, "kind": "Provider", "metadata": named("chat"), "spec": provider})
        alert = {"providerRef": {"name": "chat"}, "eventSources": [{"kind": "GitRepository", "name": "*"}]}
        made.make({"apiVersion": api, "kind": "Alert", "metadata": named("all"), "spec": alert})
        with made.cluster.kube as kube:
            kube.merge(f"{ALERTS}/status", {"status": {"storedVersions": ["v1beta2", "v1beta3"]}})
        made.wait_for("Kustomization", "apps")

        with measured(made, f"flux install of {VERSION}, with objects in an old version"):
            made.gitops("--output", ".", "--manifests", f"./manifests/{VERSION}", expect=1)
            made.pulumi("stack", "init")
            titles = made.carry_out(lambda _: None)

        assert titles == [
            "Set the stack's secrets, encrypted",
            "Rewrite the objects that are in an old version",
            "Let the stack take everything over, in place",
            "Remove what only the hand-over needed",
        ]
        with made.cluster.kube as kube:
            assert (kube.get(ALERTS) or {})["status"]["storedVersions"] == ["v1beta3"]
        owned_alone(made)
        goes_on(made)
