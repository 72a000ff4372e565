"""Marker values as every secret, through every command, succeeding and failing; then a search of all that was printed and written."""

import base64
import hashlib
import json
import os
import secrets as random_values
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyrage
import pytest
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from flux.age import identity_from_seed
from flux.ssh_keys import private_key_from_seed
from tests.e2e.leaks import files_left_behind, leaks
from tests.e2e.running_stack import CLONE, RunningStack, changed_stack_file
from tests.e2e.secrets.conftest import CURRENT
from tests.e2e.secrets.test_servers_that_are_refused import certificate_of_an_authority

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

    def gitops(self, *arguments: str, **changes: str | None) -> int:
        """Run `gitops` likewise; its exit code."""
        gitea = self.running.cluster.gitea
        token = {"GITEA_URL": gitea.url, "GITEA_TOKEN": gitea.administrator_token()}
        return self._finished((str(Path(sys.prefix) / "bin" / "gitops"), *arguments), {**token, **changes})[0]

    def _finished(self, command: tuple[str, ...], changes: Mapping[str, str | None]) -> tuple[int, str]:
        values = {**os.environ, **self.running.environment, **self.from_environment, **changes}
        done = subprocess.run(
            command,
            cwd=CLONE,
            env={name: value for name, value in values.items() if value is not None},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=300,
        )
        printed = done.stdout.decode(errors="replace")
        self.running.transcript.append(printed)
        return done.returncode, printed

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


@pytest.fixture(scope="module")
def marked(running: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Marked:
    """The stack with a marker for each secret that a stack can have, applied."""
    random = {name: f"marker{random_values.token_hex(16)}" for name in ("passphrase", "password", "token", "registry", "proxy", "vault")}
    ssh = _pem(ec.generate_private_key(ec.SECP256R1()), random["passphrase"].encode())
    app = _pem(rsa.generate_private_key(65537, 2048))
    age = str(pyrage.x25519.Identity.generate())
    authority, client_key = certificate_of_an_authority()
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
        **CURRENT,
        "age": {"keys": {**CURRENT["age"]["keys"], "marker": "supplied"}},
        "credentials": {**dev["gitops:credentials"], **CREDENTIALS, "marker-tls": {"type": "tls", "certificate": authority}},
        "decryption": {"keyServices": ["vault-token"]},
        "override": {
            **dev["gitops:override"],
            "kustomizations/cluster-vars": {"spec": {"retryInterval": "5s", "decryption": {"secretRef": {"name": "sops-age"}}}},
        },
    }
    folder = tmp_path_factory.mktemp("marked")
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


def _changed(marked: Marked, folder: Path, change: Callable[[dict[str, Any]], None]) -> str:
    described = yaml.safe_load(Path(marked.file).read_text())
    change(described["config"])
    file = folder / "Pulumi.broken.yaml"
    file.write_text(yaml.safe_dump(described))
    return str(file)


def _without_config(printed: str) -> str:
    start, end = printed.find("{"), printed.rfind("}")
    answer = json.loads(printed[start : end + 1]) if start >= 0 else {}
    answer.pop("config", None)
    return f"{printed[: max(start, 0)]}{json.dumps(answer)}{printed[end + 1 :]}" if start >= 0 else printed


def _unreachable(marked: Marked, folder: Path) -> dict[str, str]:
    config = yaml.safe_load(marked.running.cluster.home.kubeconfig.read_text())
    for entry in config["clusters"]:
        entry["cluster"]["server"] = "https://127.0.0.1:1"
    (folder / "kubeconfig").write_text(yaml.safe_dump(config))
    return {"KUBECONFIG": str(folder / "kubeconfig")}


Broken = tuple[Mapping[str, str | None], Callable[[dict[str, Any]], None] | None]


def _ways_to_break_the_program(marked: Marked, folder: Path) -> dict[str, Broken]:
    marker, age = (marked.pasted[name].decode() for name in ("a pasted password", "a pasted age identity"))
    credentials = "gitops:credentials"
    return {
        "no passphrase": ({"PULUMI_CONFIG_PASSPHRASE": None}, None),
        "another passphrase": ({"PULUMI_CONFIG_PASSPHRASE": "another"}, None),
        "a server that is not the stack's": (_unreachable(marked, folder), None),
        "no kubeconfig": ({"KUBECONFIG": "/nonexistent/kubeconfig"}, None),
        "another cluster": ({"GITOPS_DEV_CA_SHA256": "0" * 64}, None),
        "a deploy key that is none": ({"GITOPS_SECRET_MARKER_SSH_IDENTITY": marker}, None),
        "an age key that is none": ({}, lambda config: config.update({"gitops:age-marker": {"secure": "v1:AAAA:AAAA"}})),
        "a secret in plain text": ({}, lambda config: config.update({"gitops:marker-bearer-token": marker})),
        "a secret inside a credential": ({}, lambda config: config[credentials]["marker-basic"].update({"password": marker})),
        "a secret as a misspelt key": ({}, lambda config: config[credentials]["marker-basic"].update({marker: "x"})),
        "a secret as a name": ({}, lambda config: config["gitops:use"].append(marker)),
        "a secret as a recipient": ({}, lambda config: config["gitops:age"].update({"recipients": [age]})),
        "a secret as a duration": (
            {},
            lambda config: config["gitops:override"].update({"git/argo-workflows": {"spec": {"interval": marker}}}),
        ),
        "manifests of another digest": ({"GITOPS_DEV_FLUX_MANIFESTS": f"127.0.0.1:1/flux:v2.9.4@sha256:{'0' * 64}"}, None),
    }


@pytest.mark.parametrize("command", ["preview", "preview --json", "preview --diff", "up --yes --skip-preview"])
def test_no_failure_of_the_program_prints_a_secret(marked: Marked, command: str, tmp_path: Path) -> None:
    ways = _ways_to_break_the_program(marked, tmp_path)
    assert len(ways) >= 10
    for environment, change in ways.values():
        file = _changed(marked, tmp_path, change) if change else marked.file
        marked.pulumi(*command.split(), expect=None, file=file, **environment)
        if "--json" in command:
            # The CLI repeats the stack file in its answer; what stands there in plain text was never a secret to it (docs/limits.md).
            marked.running.transcript.append(_without_config(marked.running.transcript.pop()))
    everything = {**marked.markers, **marked.pasted}
    assert leaks("\n".join(marked.running.transcript).encode(), everything, f"what a failing `pulumi {command}` printed") == []


@pytest.mark.parametrize("command", ["refresh --yes --skip-preview", "stack export", "destroy --yes --skip-preview"])
def test_no_failure_of_a_command_that_does_not_run_the_program_prints_a_secret(marked: Marked, command: str, tmp_path: Path) -> None:
    broken = tmp_path / "Pulumi.broken.yaml"
    broken.write_text(f"config: [{marked.markers['password'].decode()}")
    empty = str(tmp_path / "empty")
    words = command.split()
    base = ("pulumi", *words, *QUIET)
    name = marked.running.name
    stack = () if words[0] == "stack" else ("--config-file", marked.file)
    ways: list[tuple[tuple[str, ...], dict[str, str | None]]] = [
        ((*base, "--stack", "nowhere"), {}),
        ((*base, "--stack", name, "--no-such-flag"), {}),
        ((*base, "--stack", name, *stack), {"PULUMI_BACKEND_URL": f"file://{empty}"}),
        ((*base, "--stack", name, *stack), {"PULUMI_BACKEND_URL": "no-such-scheme://x"}),
        ((*base, "--stack", name, "--cwd", empty), {}),
        ((*base, "--stack", f"{name}/too/many/parts"), {}),
    ]
    if words[0] != "stack":
        ways += [
            ((*base, "--stack", name, *stack), {"PULUMI_CONFIG_PASSPHRASE": None}),
            ((*base, "--stack", name, *stack), {"PULUMI_CONFIG_PASSPHRASE": "another"}),
            ((*base, "--stack", name, "--config-file", str(broken)), {}),
            ((*base, "--stack", name, "--config-file", str(tmp_path / "none.yaml")), {"PULUMI_CONFIG_PASSPHRASE": "another"}),
            ((*base, "--stack", name, *stack, "--target", "urn:pulumi:dev::gitops::none::none"), {}),
            (("pulumi", words[0], *QUIET, "--stack", name, *stack), {}),
        ]
    else:
        ways += [
            ((*base, "--stack", name, "--version", "999"), {}),
            ((*base, "--stack", name, "--file", f"{empty}/none/state.json"), {}),
            ((*base, "--stack", name, "--show-secrets"), {"PULUMI_CONFIG_PASSPHRASE": None}),
            ((*base, "--stack", name, "--show-secrets"), {"PULUMI_CONFIG_PASSPHRASE": "another"}),
        ]
    assert len(ways) >= 10
    for arguments, environment in ways:
        marked.run(*arguments, expect=None, **environment)
    assert leaks("\n".join(marked.running.transcript).encode(), marked.markers, f"what a failing `pulumi {command}` printed") == []


def test_no_command_that_succeeds_prints_a_secret(marked: Marked, tmp_path: Path) -> None:
    marked.pulumi("preview", "--diff")
    marked.pulumi("preview", "--json")
    marked.pulumi("up", "--yes", "--diff")
    marked.pulumi("refresh", "--yes", "--diff")
    exported = marked.pulumi("stack", "export")
    assert json.loads(exported)["deployment"]["resources"], "or the search of it proves nothing"
    marked.pulumi("stack", "output", "--json")
    marked.pulumi("config", "--json")
    assert marked.gitops("status") in (0, 1)
    assert marked.gitops("status", "-o", "json") in (0, 1)
    assert marked.gitops("deploy-key", "list", "--stack", "dev") in (0, 2)
    assert leaks("\n".join(marked.running.transcript).encode(), marked.markers, "what was printed") == []


def test_verbose_logging_prints_no_secret(marked: Marked) -> None:
    for command in (("preview", "--diff"), ("up", "--yes", "--skip-preview")):
        marked.pulumi(*command, "--logtostderr", "--verbose=8", "--logflow")
    assert leaks("\n".join(marked.running.transcript).encode(), marked.markers, "what Pulumi logged") == []


def test_the_one_log_that_holds_secrets_is_the_engines_own_at_level_9_as_the_limits_say(marked: Marked) -> None:
    printed = marked.pulumi("preview", "--logtostderr", "--verbose=9", "--logflow")
    marked.running.transcript.pop()
    assert leaks(printed.encode(), marked.markers, "the log"), (
        "the engine no longer writes properties to its log: docs/limits.md is out of date"
    )
    assert "`--verbose=9`" in (CLONE / "docs" / "limits.md").read_text()


def test_no_file_holds_a_secret_but_those_made_for_it(marked: Marked) -> None:
    home = marked.running.cluster.home.directory
    files = [*files_left_behind(home), *(CLONE / "tests" / "golden").iterdir(), *CLONE.glob("Pulumi*.yaml"), Path(marked.file)]
    assert any(".pulumi/stacks" in str(file) for file in files), "the state must be among the files searched"
    assert [leak for file in files for leak in leaks(file.read_bytes(), marked.markers, str(file))] == []


def test_destroy_ends_and_prints_no_secret(marked: Marked) -> None:
    marked.pulumi("destroy", "--yes", "--skip-preview")
    assert leaks("\n".join(marked.running.transcript).encode(), marked.markers, "what was printed") == []
    assert marked.running.get("Secret", "marker-basic") is None
