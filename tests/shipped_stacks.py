"""The stacks of this repository, run whole on the engine double."""

import base64
import hashlib
from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml

from stacks.reading.yaml_file import read_yaml
from tests.engine import REPOSITORY, Around
from tests.keys import certificate, ssh_key
from tests.manifests import manifests_directory

SERVER = "https://127.0.0.1:6443"
CONTEXT = "kwok-test"
CA = b"the DER form of a certificate, as far as a fingerprint can tell"
KNOWN_HOSTS = "[127.0.0.1]:2222 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEtlc3RrZXl0ZXN0a2V5dGVzdGtleXRlc3RrZXl0ZXN0"
DEPLOY_IDENTITY = "GITOPS_SECRET_HOMELAB_DEPLOY_IDENTITY"
TOKEN = "a token made for this test"
CONTROLLERS = ["source-controller", "kustomize-controller"]
"""Of the small stack."""
READ_PASSWORD = "GITOPS_SECRET_GITEA_READ_PASSWORD"

SECRETS = (ssh_key(), "a password made for this test", TOKEN)


def shipped(stack: str) -> dict[str, Any]:
    """`config` of Pulumi.<stack>.yaml, read as the CLI reads it."""
    return deepcopy(_config_of(stack))


@cache
def _config_of(stack: str) -> dict[str, Any]:
    value = read_yaml(REPOSITORY / f"Pulumi.{stack}.yaml", f"Pulumi.{stack}.yaml").value
    config: dict[str, Any] = value["config"]
    return config


def dev_environment(folder: Path) -> dict[str, str]:
    """What `make -s env` would give the dev stack, the same on every machine but for paths."""
    return {
        "KUBECONFIG": str(kubeconfig(folder)),
        "GITOPS_DEV_CONTEXT": CONTEXT,
        "GITOPS_DEV_SERVER": SERVER,
        "GITOPS_DEV_CA_SHA256": hashlib.sha256(CA).hexdigest(),
        "GITOPS_DEV_FLUX_MANIFESTS": str(manifests_directory()),
        "GITOPS_DEV_GITEA_HTTPS": "https://127.0.0.1:3443/daviestechlabs",
        "GITOPS_DEV_GITEA_CA": certificate(),
        "GITOPS_DEV_GITEA_SSH": "ssh://git@127.0.0.1:2222/daviestechlabs",
        "GITOPS_DEV_GITEA_KNOWN_HOSTS": KNOWN_HOSTS,
        "GITOPS_DEV_GITEA_PACKAGES": "http://127.0.0.1:3000/api/packages/daviestechlabs",
        "GITOPS_DEV_GITEA_REGISTRY": "oci://127.0.0.1:3000/daviestechlabs",
        "GITOPS_DEV_CHECK_RECORD": str(folder / "checked.yaml"),
        DEPLOY_IDENTITY: SECRETS[0],
        READ_PASSWORD: SECRETS[1],
    }


def dev(folder: Path, **changes: Any) -> Around:
    """A run of the dev stack; `config` and `environment` in `changes` are merged over its own, None removes."""
    return _around("dev", dev_environment(folder), changes)


def small(folder: Path, **changes: Any) -> Around:
    """The dev stack with two controllers and the one repository of group base: as much as most questions need, in half the time."""
    flux = {"manifests": {"env": "GITOPS_DEV_FLUX_MANIFESTS"}, "components": CONTROLLERS}
    less = {"gitops:flux": flux, "gitops:use": ["base"], "gitops:override": None}
    return dev(folder, **{**changes, "config": {**less, **changes.get("config", {})}})


def reviewed(stack: str, **changes: Any) -> Around:
    """A preview of production or staging as a pull request's CI makes it: no secrets, no cluster, no registry."""
    return _around(stack, {"GITOPS_FLUX_MANIFESTS": str(manifests_directory())}, {"preview": True, **changes})


def kubeconfig(folder: Path, server: str = SERVER, ca: bytes = CA, context: str = CONTEXT, token: str = TOKEN) -> Path:
    """A kubeconfig with one cluster."""
    certificate = f"-----BEGIN CERTIFICATE-----\n{base64.b64encode(ca).decode()}\n-----END CERTIFICATE-----\n"
    cluster = {"server": server, "certificate-authority-data": base64.b64encode(certificate.encode()).decode()}
    content = {
        "contexts": [{"name": context, "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": cluster}],
        "users": [{"name": "u", "user": {"token": token}}],
    }
    file = folder / "kubeconfig"
    file.write_text(yaml.safe_dump(content))
    return file


def _around(stack: str, environment: Mapping[str, str], changes: Mapping[str, Any]) -> Around:
    rest = {key: value for key, value in changes.items() if key not in ("config", "environment")}
    around = Around(
        stack=stack,
        config=_without_none({**shipped(stack), **changes.get("config", {})}),
        environment=_without_none({**environment, **changes.get("environment", {})}),
    )
    return cast("Around", {**around, **rest})


def _without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
