"""`gitops adopt` on a cluster that has run Flux since 2.2: etcd still holds objects in versions that later releases dropped.

The objects were written when 2.2.3 was installed, and the cluster was upgraded to 2.7.5 since, without `flux migrate`. Nothing writes them
anew: they are suspended, and have their finalizers (helm-controller does write a suspended HelmRelease). What etcd holds is read from etcd.
"""

import base64
import json
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from devcluster.machine.home import LOOPBACK
from tests.e2e.lifecycle.adoption import REPOSITORY, Adopting, adopting, as_yaml, installation, named, workload
from tests.e2e.lifecycle.objects import figure
from tests.e2e.lifecycle.takeover import measured, owned_alone
from tests.manifests import OLDER_LAYOUT, VERSION

RUNNING = "v2.7.5"
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


@dataclass(frozen=True)
class Old:
    """An object in the version in which 2.2.3 stores it."""

    kind: str
    plural: str
    group: str
    version: str
    present: str
    """In which 2.7.5 and later store it."""
    spec: dict[str, Any]

    @property
    def body(self) -> dict[str, Any]:
        """Suspended, and with the finalizer that its controller of then gave it."""
        metadata = {**named("since-2-2"), "finalizers": ["finalizers.fluxcd.io"]}
        spec = {"interval": "1h0m0s", "suspend": True, **self.spec}
        return {"apiVersion": f"{self.group}/{self.version}", "kind": self.kind, "metadata": metadata, "spec": spec}

    @property
    def path(self) -> str:
        return f"/apis/{self.group}/{self.present}/namespaces/flux-system/{self.plural}/since-2-2"


SOURCE = "source.toolkit.fluxcd.io"
SINCE_2_2 = (
    Old("HelmRepository", "helmrepositories", SOURCE, "v1beta2", "v1", {"url": "https://charts.test/a"}),
    Old("OCIRepository", "ocirepositories", SOURCE, "v1beta2", "v1", {"url": "oci://registry.test/a", "ref": {"tag": "1.0.0"}}),
)


def stored_in(made: Adopting, old: Old) -> str:
    """The version in which etcd holds it."""
    home = made.cluster.home
    key = base64.b64encode(f"/registry/{old.group}/{old.plural}/flux-system/since-2-2".encode()).decode()
    answer = httpx.post(f"http://{LOOPBACK}:{home.port('etcd')}/v3/kv/range", json={"key": key}).raise_for_status().json()
    version: str = json.loads(base64.b64decode(answer["kvs"][0]["value"]))["apiVersion"]
    return version.rpartition("/")[2]


def uids(made: Adopting) -> dict[str, str]:
    with made.cluster.kube as kube:
        return {each.kind: (kube.get(each.path) or {"metadata": {"uid": "gone"}})["metadata"]["uid"] for each in SINCE_2_2}


def test_it_is_migrated_taken_over_in_place_and_upgraded(tmp_path_factory: pytest.TempPathFactory) -> None:
    with adopting(tmp_path_factory, "gitops-older") as made:
        made.cluster.samples.create(REPOSITORY, {"apps/workload.yaml": as_yaml(workload("workload"))})
        for body in installation(version=OLDER_LAYOUT):
            if body["kind"] in ("Namespace", "CustomResourceDefinition"):
                made.make(body)
        for each in SINCE_2_2:
            made.wait_until_served(f"{each.group}/{each.version}/{each.plural}")
            made.make(each.body)
        made.install("flux", version=RUNNING)
        made.sync_apps("flux")
        made.wait_for("Kustomization", "apps")
        assert {each.kind: stored_in(made, each) for each in SINCE_2_2} == {each.kind: each.version for each in SINCE_2_2}
        refused = what_the_api_server_says_of_the_next_release(made)
        assert len(refused) == len(SINCE_2_2)
        before = uids(made)

        with measured(made, f"flux install of {OLDER_LAYOUT}, later {RUNNING}, with objects in versions of then"):
            made.gitops("--output", ".", "--manifests", f"./manifests/{RUNNING}", expect=1)
            made.pulumi("stack", "init")
            titles = made.carry_out(lambda _: None)

        assert titles == [
            "Set the stack's secrets, encrypted",
            "Rewrite the objects that are in an old version",
            "Let the stack take everything over, in place",
            "Remove what only the hand-over needed",
        ]
        assert {each.kind: stored_in(made, each) for each in SINCE_2_2} == {each.kind: each.present for each in SINCE_2_2}
        owned_alone(made)

        file = made.clone / "Pulumi.homelab.yaml"
        file.write_text(file.read_text().replace(RUNNING, VERSION))
        made.pulumi("up", "--yes", "--skip-preview")

        changed = [kind for kind, uid in uids(made).items() if uid != before[kind]]
        figure(f"{RUNNING} to {VERSION}, with objects of {OLDER_LAYOUT} after a migration: {len(changed)} of {len(before)} uids changed")
        assert changed == []
        made.pulumi("preview", "--expect-no-changes")


def what_the_api_server_says_of_the_next_release(made: Adopting) -> list[str]:
    """Of each CRD that lacks a version in which it may store objects."""
    names = {f"{each.plural}.{each.group}" for each in SINCE_2_2}
    definitions = [body for body in installation(version=VERSION) if body["metadata"]["name"] in names]
    said = []
    with made.cluster.kube as kube, kube.credentials.client() as client:
        for body in definitions:
            answer = client.patch(
                f"{DEFINITIONS}/{body['metadata']['name']}",
                content=json.dumps(body),
                params={"fieldManager": "flux", "force": "true", "dryRun": "All"},
                headers={"Content-Type": "application/apply-patch+yaml"},
            )
            said += [answer.text] if "status.storedVersions" in answer.text else []
    return said
