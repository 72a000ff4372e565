"""A stack in which every secret is a marker, and how to run commands on it."""

import base64
import hashlib
import json
import os
import secrets as random_values
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyrage
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from flux.keys.age_identity import identity_from_seed
from flux.keys.generated_ssh_keys import private_key_from_seed
from tests.e2e.running_stack import CLONE, Finished, RunningStack, changed_stack_file
from tests.e2e.secrets.conftest import current_keys
from tests.e2e.secrets.own_certificates import own_certificate

QUIET = ("--non-interactive", "--color", "never")
CREDENTIALS: dict[str, dict[str, Any]] = {
    "marker-ssh": {"type": "ssh", "passphrase": True},
    "marker-generated": {"type": "ssh", "generated": ["one", "two"], "active": "two"},
    "marker-basic": {"type": "basic", "username": "flux"},
    "marker-bearer": {"type": "bearer"},
    "marker-app": {"type": "githubApp", "appId": "1", "installationId": "2"},
    "marker-registry": {"type": "registry", "server": "registry.example.org", "username": "flux"},
    "marker-proxy": {"type": "proxy", "address": "http://proxy.example.org:3128", "username": "flux"},
}
"""One of each type; no source uses them, their Secrets are made all the same."""


@dataclass(frozen=True, kw_only=True)
class Marked:
    """A stack in which every secret is a marker."""

    running: RunningStack
    file: str
    """Its stack file; some of the secrets are in it, encrypted."""
    markers: dict[str, bytes] = field(repr=False)
    """What must not be found, by a name that may be shown."""
    pasted: dict[str, bytes] = field(repr=False)
    """What somebody pasted into a stack file in plain text: nothing prints it, but Pulumi's history keeps every stack file."""
    from_environment: dict[str, str] = field(repr=False)

    def run(self, *command: str, expect: int | None = 0, **changes: str | None) -> str:
        """Run a command of Pulumi with the markers at hand, which exits with `expect`, or fails; all it prints is kept."""
        code, printed = self._finished(command, changes)
        if expect is None:
            assert code != 0, f"{' '.join(command)} was meant to fail:\n{printed}"
        else:
            assert code == expect, f"{' '.join(command)} exited with {code}:\n{printed}"
        return printed

    def gitops(self, *arguments: str, clone: Path = CLONE, **changes: str | None) -> Finished:
        """Run `gitops` likewise."""
        return self.running.gitops(*arguments, changes={**self.from_environment, **changes}, clone=clone)

    def _finished(self, command: tuple[str, ...], changes: Mapping[str, str | None]) -> tuple[int, str]:
        done = self.running.run(*command, expect=None, changes={**self.from_environment, **changes})
        return done.code, done.printed

    def pulumi(self, *arguments: str, expect: int | None = 0, file: str | None = None, **changes: str | None) -> str:
        """Run Pulumi on the stack."""
        configured = ("--config-file", file or self.file) if arguments[0] != "stack" else ()
        return self.run("pulumi", *arguments, "--stack", self.running.name, *configured, *QUIET, expect=expect, **changes)


def _pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, passphrase: bytes | None = None) -> str:
    sealed = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, sealed).decode()


def _body_of(pem: str) -> bytes:
    lines = pem.strip().splitlines()[1:-1]
    return "".join(line for line in lines if ":" not in line).encode()


def marked_stack(running: RunningStack, folder: Path) -> Marked:
    """The stack with a marker for each secret that a stack can have, applied; its stack file lies in `folder`."""
    random = {name: f"marker{random_values.token_hex(16)}" for name in ("passphrase", "password", "token", "registry", "proxy", "vault")}
    ssh = _pem(ec.generate_private_key(ec.SECP256R1()), random["passphrase"].encode())
    app = _pem(rsa.generate_private_key(65537, 2048))
    age = str(pyrage.x25519.Identity.generate())
    authority, client_key = own_certificate("a client")
    secrets = {
        "age-marker": age,
        "marker-ssh-identity": ssh,
        "marker-ssh-passphrase": random["passphrase"],
        "marker-basic-password": random["password"],
        "marker-bearer-token": random["token"],
        "marker-app-private-key": app,
        "marker-registry-password": random["registry"],
        "marker-tls-private-key": client_key,
        "marker-proxy-password": random["proxy"],
        "sops-vault-token": random["vault"],
    }
    in_file = ("age-marker", "marker-basic-password", "marker-app-private-key", "sops-vault-token")
    dev = yaml.safe_load((CLONE / "Pulumi.dev.yaml").read_text())["config"]
    changes = {
        "age": {"keys": {**current_keys(running)["age"]["keys"], "marker": "supplied"}},
        "credentials": {**dev["gitops:credentials"], **CREDENTIALS, "marker-tls": {"type": "tls", "certificate": authority}},
        "decryption": {"keyServices": ["vault-token"]},
        "override": {
            **dev["gitops:override"],
            "kustomizations/cluster-vars": {"spec": {"retryInterval": "5s", "decryption": {"secretRef": {"name": "sops-age"}}}},
        },
    }
    file = changed_stack_file(folder, **changes)
    environment = {**os.environ, **running.environment}
    for key in in_file:
        command = ["pulumi", "config", "set", "--secret", f"gitops:{key}", "--stack", running.name, "--config-file", file, *QUIET]
        subprocess.run(command, cwd=CLONE, env=environment, input=secrets[key].encode(), check=True, capture_output=True)
    kubeconfig = yaml.safe_load(running.cluster.home.kubeconfig.read_text())
    client = kubeconfig["users"][0]["user"]
    kube_key = base64.b64decode(client["client-key-data"]) if "client-key-data" in client else Path(client["client-key"]).read_bytes()
    markers = {name: value.encode() for name, value in random.items()}
    markers |= {"the age identity": age.encode(), "the deploy key": _body_of(ssh), "the GitHub App's key": _body_of(app)}
    markers |= {"the client key": _body_of(client_key), "the kubeconfig's key": _body_of(kube_key.decode())}
    markers["the deploy key in use"] = _body_of(running.environment["GITOPS_SECRET_HOMELAB_DEPLOY_IDENTITY"])
    markers["the access token in use"] = running.environment["GITOPS_SECRET_GITEA_READ_PASSWORD"].encode()
    named = {f"GITOPS_SECRET_{key.upper().replace('-', '_')}": value for key, value in secrets.items() if key not in in_file}
    pasted = {
        "a pasted password": f"pasted{random_values.token_hex(16)}".encode(),
        "a pasted age identity": str(pyrage.x25519.Identity.generate()).encode(),
    }
    made = Marked(running=running, file=file, markers=markers, pasted=pasted, from_environment=named)
    made.pulumi("up", "--yes", "--skip-preview")
    shown = made.pulumi("stack", "export", "--show-secrets")
    running.transcript.pop()  # the one command that is asked for the secrets
    seeds = [
        (resource["urn"].rpartition("::")[2], json.loads(resource["outputs"]["result"]["plaintext"]))
        for resource in json.loads(shown)["deployment"]["resources"]
        if "RandomPassword" in resource["type"]
    ]
    assert len(seeds) == 3, "the age key's, and one for each generated SSH key"
    for name, seed in seeds:
        markers[name] = seed.encode()
        markers[f"{name}, its raw key"] = hashlib.sha256(seed.encode()).digest()
        markers[f"{name}, its SSH key"] = _body_of(private_key_from_seed(seed))
        markers[f"{name}, its age identity"] = identity_from_seed(seed).encode()
    return made
