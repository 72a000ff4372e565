"""The real API server with the CRDs of one Flux release."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from devcluster.control_plane.control_plane import ControlPlane
from devcluster.control_plane.kube_client import Credentials
from devcluster.machine.home import Home

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
NAMESPACE = "flux-system"
THREADS = 8
READY_SECONDS = 90


class ApiServer:
    """Asks the server what it would do with an object, as a dry run with strict field validation."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self._plural: dict[str, str] = {}

    def install(self, definitions: list[dict[str, Any]]) -> None:
        """Serve exactly these CRDs; none of another release stays."""
        self._remove_all()
        for definition in definitions:
            _checked(self._client.post(DEFINITIONS, json=definition))
        self._plural = {body["spec"]["names"]["kind"]: body["spec"]["names"]["plural"] for body in definitions}
        for definition in definitions:
            for version in definition["spec"]["versions"]:
                self._await_serving(definition["spec"], version["name"])

    def verdicts(self, bodies: list[dict[str, Any]]) -> list[tuple[bool, str]]:
        """Of each object, whether it would be created, and the server's words if not."""
        with ThreadPoolExecutor(THREADS) as pool:
            return list(pool.map(self.verdict, bodies))

    def verdict(self, body: dict[str, Any]) -> tuple[bool, str]:
        """Whether the object would be created, and the server's words if not."""
        answer = self._post(body, dryRun="All", fieldValidation="Strict")
        if answer.status_code >= 500 or answer.status_code in (401, 403, 409, 429):
            raise AssertionError(f"the server did not judge: {answer.status_code} {answer.text[:500]}")
        return answer.is_success, "" if answer.is_success else answer.text

    def create(self, body: dict[str, Any]) -> str:
        """Really create the object; the server's answer."""
        return self._post(body, fieldValidation="Strict").text

    def _post(self, body: dict[str, Any], **query: str) -> httpx.Response:
        version = body.get("apiVersion")
        path = f"/apis/{version}" if isinstance(version, str) and "/" in version else "/api/v1"
        url = f"{path}/namespaces/{NAMESPACE}/{self._plural[body['kind']]}"
        return self._client.post(url, params=query, content=json.dumps(body), headers={"Content-Type": "application/json"})

    def _remove_all(self) -> None:
        for item in self._client.get(DEFINITIONS).json()["items"]:
            if item["spec"]["group"].endswith("fluxcd.io"):
                _checked(self._client.delete(f"{DEFINITIONS}/{item['metadata']['name']}"))
        _eventually(lambda: not any(item["spec"]["group"].endswith("fluxcd.io") for item in self._client.get(DEFINITIONS).json()["items"]))

    def _await_serving(self, spec: dict[str, Any], version: str) -> None:
        url = f"/apis/{spec['group']}/{version}/namespaces/{NAMESPACE}/{spec['names']['plural']}"
        # An object that is wrong in every version: the answer shows that the schema is in force.
        probe = {"apiVersion": f"{spec['group']}/{version}", "kind": spec["names"]["kind"], "metadata": {"name": "probe"}, "probe": 1}
        _eventually(
            lambda: "unknown field" in self._client.post(url, params={"dryRun": "All", "fieldValidation": "Strict"}, json=probe).text
        )


@contextmanager
def api_server(directory: Path) -> Iterator[ApiServer]:
    """A control plane of its own in `directory`, ended afterwards."""
    home = Home(directory=directory, name="gitops-agreement")
    home.make()
    home.choose_ports()
    control_plane = ControlPlane(home)
    try:
        control_plane.start()
        with Credentials.from_kubeconfig(home.kubeconfig, home.context).client(timeout=60.0) as client:
            _checked(client.post("/api/v1/namespaces", json={"metadata": {"name": NAMESPACE}}))
            yield ApiServer(client)
    finally:
        control_plane.stop()


def _checked(answer: httpx.Response) -> None:
    assert answer.is_success, answer.text


def _eventually(holds: Any) -> None:
    until = time.monotonic() + READY_SECONDS
    while not holds():
        assert time.monotonic() < until, "the API server did not take the CRDs in time"
        time.sleep(0.2)
