"""What a controller's host process may do: exactly what its ServiceAccount may, by a token of that account."""

import base64
from pathlib import Path
from typing import Any

from devcluster.control_plane.kube_client import Kube, kubeconfig
from devcluster.controllers.pod_command import NAMESPACE, Program
from devcluster.machine.home import Home
from flux.atomic_write import write_atomically

TOKEN_SECONDS = 24 * 3600


def write_kubeconfig(kube: Kube, home: Home, program: Program) -> None:
    """Write the kubeconfig of `program`, with a fresh token beside it. Raises httpx.HTTPError when its account does not exist yet."""
    own = home.directory / "controllers" / program.name
    refresh_token(kube, home, program)
    cluster = {"server": kube.credentials.server, "certificate-authority-data": base64.b64encode(kube.credentials.authority).decode()}
    write_atomically(own / "kubeconfig", kubeconfig(program.service_account, cluster, {"tokenFile": str(own / "token")}), mode=0o600)


def refresh_token(kube: Kube, home: Home, program: Program) -> None:
    """Write a new token; the process reads the file again by itself."""
    path = f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts/{program.service_account}/token"
    request: dict[str, Any] = {
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenRequest",
        "spec": {"expirationSeconds": TOKEN_SECONDS},
    }
    token: str = kube.post(path, request)["status"]["token"]
    write_atomically(home.directory / "controllers" / program.name / "token", token, mode=0o600)


def make_folders(program: Program, own: Path) -> None:
    """The directories that stand for the pod's volumes, for this user alone: decrypted files pass through them."""
    for folder in (own, *program.folders):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
