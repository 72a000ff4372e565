"""An Alert that was applied in a version which a later release drops, on the real API server with the CRDs of both releases.

It is stored in the current version from the beginning: only its managed fields name the other one.
"""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from devcluster.control_plane.control_plane import ControlPlane
from devcluster.control_plane.kube_client import Credentials
from devcluster.machine.home import Home
from gitops.cli import app
from tests.manifests import distribution

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
ALERTS = "alerts.notification.toolkit.fluxcd.io"
GROUP = "notification.toolkit.fluxcd.io"
OLD, NEW = "v2.8.8", "v2.9.4"
SECONDS = 60
INVALID = f"request to convert CR to an invalid group/version: {GROUP}/v1beta2"


class Cluster:
    """A control plane without controllers, and Alerts in it."""

    def __init__(self, home: Home, client: httpx.Client) -> None:
        self.home, self._client = home, client

    def install(self, release: str) -> None:
        """The CRD of Alerts as a release has it, in place, and served."""
        (definition,) = (each for each in distribution(release).objects if each["metadata"]["name"] == ALERTS)
        if self._client.get(f"{DEFINITIONS}/{ALERTS}").is_success:
            self._patch(f"{DEFINITIONS}/{ALERTS}", {"spec": definition["spec"]}).raise_for_status()
        else:
            self._client.post(DEFINITIONS, json=definition).raise_for_status()
        versions = {each["name"] for each in definition["spec"]["versions"]}
        served = {version: version in versions for version in ("v1beta2", "v1beta3")}
        until = time.monotonic() + SECONDS
        while {version: self._client.get(f"/apis/{GROUP}/{version}/alerts").is_success for version in served} != served:
            assert time.monotonic() < until, f"the CRD of {release} is not served"
            time.sleep(0.2)

    def apply(self, name: str, version: str, manager: str) -> httpx.Response:
        """Server-side, as kustomize-controller does."""
        body = {
            "apiVersion": f"{GROUP}/{version}",
            "kind": "Alert",
            "metadata": {"name": name, "namespace": "default"},
            "spec": {"providerRef": {"name": "somewhere"}, "eventSources": [{"kind": "GitRepository", "name": "*"}]},
        }
        path, query = self._path(name, version), {"fieldManager": manager, "force": "true"}
        return self._client.patch(path, params=query, content=json.dumps(body), headers={"Content-Type": "application/apply-patch+yaml"})

    def edit(self, name: str, version: str, spec: dict[str, Any]) -> None:
        """As `kubectl edit` does."""
        self._patch(self._path(name, version), {"spec": spec}, fieldManager="kubectl-edit").raise_for_status()

    def managed_fields(self, name: str) -> list[dict[str, Any]]:
        """Those of an Alert."""
        found: list[dict[str, Any]] = self._client.get(self._path(name, "v1beta3")).raise_for_status().json()["metadata"]["managedFields"]
        return found

    def stored(self) -> list[str]:
        """In which versions Alerts may be."""
        found: list[str] = self._client.get(f"{DEFINITIONS}/{ALERTS}").raise_for_status().json()["status"]["storedVersions"]
        return found

    def migrate(self) -> str:
        """What `gitops migrate` prints."""
        ended = CliRunner().invoke(app, ["migrate", "--kubeconfig", str(self.home.kubeconfig), "--context", self.home.context])
        assert ended.exit_code == 0, ended.output
        return ended.output

    def _path(self, name: str, version: str) -> str:
        return f"/apis/{GROUP}/{version}/namespaces/default/alerts/{name}"

    def _patch(self, path: str, body: dict[str, Any], **query: str) -> httpx.Response:
        content, headers = json.dumps(body), {"Content-Type": "application/merge-patch+json"}
        return self._client.patch(path, params=query, content=content, headers=headers)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    home = Home(directory=tmp_path_factory.mktemp("managed-fields") / "cluster", name="gitops-managed-fields")
    home.make()
    home.choose_ports()
    control_plane = ControlPlane(home)
    with ExitStack() as stack:
        stack.callback(control_plane.stop)
        control_plane.start()
        yield Cluster(home, stack.enter_context(Credentials.from_kubeconfig(home.kubeconfig, home.context).client(timeout=60.0)))


def test_what_was_migrated_before_the_upgrade_can_be_applied_after_it(cluster: Cluster) -> None:
    cluster.install(OLD)
    cluster.apply("before", "v1beta2", "kustomize-controller").raise_for_status()
    cluster.edit("before", "v1beta2", {"summary": "in one version"})
    cluster.edit("before", "v1beta3", {"inclusionList": ["in another"]})
    assert cluster.stored() == ["v1beta3"]

    assert "Alert  v1beta3    v1beta2, v1beta3   v1beta3          1" in cluster.migrate()
    assert "There is nothing to rewrite." in cluster.migrate()

    written = {each["manager"]: each["fieldsV1"]["f:spec"] for each in cluster.managed_fields("before")}
    assert set(written["kubectl-edit"]) == {"f:summary", "f:inclusionList"}, "written in two versions, and both are its"
    cluster.install(NEW)
    for manager in ("kustomize-controller", "another"):
        assert (answer := cluster.apply("before", "v1beta3", manager)).is_success, answer.text
    assert {each["apiVersion"] for each in cluster.managed_fields("before")} == {f"{GROUP}/v1beta3"}


def test_what_was_not_cannot_be_applied_until_it_is(cluster: Cluster) -> None:
    cluster.install(OLD)
    cluster.apply("after", "v1beta2", "kustomize-controller").raise_for_status()
    cluster.install(NEW)
    for manager in ("kustomize-controller", "another"):
        assert INVALID in cluster.apply("after", "v1beta3", manager).text

    assert "Alert  v1beta3    v1beta2, v1beta3   v1beta3          1" in cluster.migrate()

    for manager in ("kustomize-controller", "another"):
        assert (answer := cluster.apply("after", "v1beta3", manager)).is_success, answer.text
    assert {each["apiVersion"] for each in cluster.managed_fields("after")} == {f"{GROUP}/v1beta3"}
    assert "There is nothing to rewrite." in cluster.migrate()
