"""The encrypted files of homelab-k8s2, made with the real sops for the stack's age recipients."""

import hashlib
import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import yaml

from devcluster.gitea.sample_repositories import ROOT_REPOSITORY, Samples
from devcluster.machine.home import Home
from devcluster.messages.errors import DevclusterError
from flux.atomic_write import write_atomically
from flux.keys.sops_creation_rules import sops_config

CLUSTER_SECRETS = "kubernetes/flux/vars/cluster-secrets.sops.yaml"
APP_SECRET = "kubernetes/apps/observability/gatus/app/gatus-credentials.sops.yaml"  # noqa: S105
RULES = ".sops.yaml"


class EncryptedFiles:
    """Encrypts and pushes. The plain values are random, made once for each home, and kept in its `secrets` directory."""

    def __init__(self, home: Home, samples: Samples) -> None:
        """Work on the root repository of `samples`."""
        self.home = home
        self._samples = samples
        self._sealed = home.secrets / "sealed.json"

    def publish(self, recipients: Sequence[str]) -> str:
        """Encrypt for exactly `recipients` and push; the commit of `main`. What is encrypted for them already stays as it is."""
        if not recipients:
            raise DevclusterError(
                "the stack has no age recipient",
                "Nothing can be encrypted for its cluster, so Flux could not sync the variables.",
                f"Add a key under gitops:age in Pulumi.dev.yaml, then run: {self.home.commands.up}",
            )
        rules = sops_config(recipients).encode()
        known = json.loads(self._sealed.read_text()) if self._sealed.exists() else {}
        files, now = {RULES: rules}, {}
        for path, plain in self._plain_files().items():
            now[path] = hashlib.sha256(plain).hexdigest()
            there = self._samples.read(ROOT_REPOSITORY, path)
            current = there is not None and known.get(path) == now[path] and recipients_of(there) == set(recipients)
            files[path] = there if there is not None and current else encrypt(path, plain, rules)
        commit = self._samples.push(ROOT_REPOSITORY, files, "feat: secrets, encrypted for the cluster's keys", part="secrets")
        write_atomically(self._sealed, json.dumps(now), mode=0o600)
        return commit

    def values(self) -> dict[str, str]:
        """The plain values by name: what the cluster must have once Flux decrypted them."""
        kept = self.home.secrets / "demo-values.json"
        if not kept.exists():
            made = {"SECRET_ALERT_EMAIL": f"alerts-{secrets.token_hex(8)}@example.org", "GATUS_TOKEN": secrets.token_urlsafe(24)}
            write_atomically(kept, json.dumps(made), mode=0o600)
        found: dict[str, str] = json.loads(kept.read_text())
        return found

    def _plain_files(self) -> dict[str, bytes]:
        values = self.values()
        return {
            CLUSTER_SECRETS: _secret("cluster-secrets", {"SECRET_ALERT_EMAIL": values["SECRET_ALERT_EMAIL"]}, namespace="flux-system"),
            APP_SECRET: _secret("gatus-credentials", {"values.yaml": yaml.safe_dump({"token": values["GATUS_TOKEN"]})}),
        }


def encrypt(path: str, plain: bytes, rules: bytes) -> bytes:
    """`plain` encrypted as `rules` (a .sops.yaml) say for `path`. The plain text goes through a pipe, never through a file."""
    with tempfile.TemporaryDirectory(prefix="devcluster-") as scratch:
        config = Path(scratch) / RULES
        config.write_bytes(rules)
        command = [
            _sops(),
            "--config",
            str(config),
            "encrypt",
            "--input-type",
            "yaml",
            "--output-type",
            "yaml",
            "--filename-override",
            path,
        ]
        environment = {"PATH": os.environ["PATH"], "HOME": scratch}
        done = subprocess.run(command, env=environment, cwd=scratch, input=plain, capture_output=True, check=False)
    if done.returncode != 0:
        last = (done.stderr.decode(errors="replace").strip() or "it printed nothing").splitlines()[-1]
        raise DevclusterError(
            f"sops could not encrypt {path}: {last}",
            "Nothing was pushed, so Flux still waits for the file.",
            "Check the recipients: pulumi stack output ageRecipients",
        )
    return done.stdout


def recipients_of(encrypted: bytes) -> set[str]:
    """The age recipients who can read a file that sops wrote; empty when it is no such file."""
    try:
        found = yaml.safe_load(encrypted)
        return {entry["recipient"] for entry in found["sops"]["age"]}
    except (yaml.YAMLError, KeyError, TypeError):
        return set()


def _secret(name: str, values: dict[str, str], namespace: str | None = None) -> bytes:
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    return yaml.safe_dump({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": values}, sort_keys=False).encode()


def _sops() -> str:
    ours = Path(sys.prefix) / "bin" / "sops"
    return str(ours) if ours.exists() else "sops"
