"""What is wrong with a secret at hand is told with its line of the stack file, and with the command that sets another."""

from pathlib import Path

import pytest

from flux.keys.age_identity import identity_from_seed
from tests.keys import host_key
from tests.shipped_stacks import READ_PASSWORD, dev
from tests.stack_files import preview, shown
from tests.stacks.test_settings import MARKER, mistake

STACK = f"""\
config:
  gitops:environment: development
  gitops:cluster: {{name: dev, context: dev}}
  gitops:flux: {{manifests: ghcr.io/fluxcd/flux-manifests:v2.9.4}}
  gitops:use: [base]
  gitops:age: {{keys: {{"1": supplied}}}}
  gitops:credentials: {{deploy: {{type: ssh}}, login: {{type: registry, server: r.test, username: flux}}}}
  gitops:decryption: {{keyServices: [aws-kms]}}
  gitops:age-1: {{secure: {identity_from_seed("a")[:40]}}}
  gitops:deploy-identity: {{secure: {host_key()}}}
  gitops:login-password: {{secure: ""}}
  gitops:sops-aws-kms: {{secure: "AccessKeyId: {MARKER}"}}
---
git:
  app: {{url: https://git.test/app.git, spec: {{interval: 1h, ref: {{branch: main}}}}}}
kustomizations:
  app:
    spec:
      interval: 1h
      prune: true
      path: ./
      sourceRef: {{kind: GitRepository, name: app}}
      decryption: {{provider: sops, secretRef: {{name: sops-age}}}}
"""


@pytest.mark.parametrize(
    ("line", "key", "fault"),
    [
        (9, "age-1", "is not an age identity"),
        (10, "deploy-identity", "is a public key"),
        (11, "login-password", "is empty"),
        (12, "sops-aws-kms", "lacks an entry that Flux needs, or leaves it empty"),
    ],
)
def test_a_secret_of_the_stack_file_has_its_line_and_the_command(line: int, key: str, fault: str, tmp_path: Path) -> None:
    told = shown(preview(tmp_path, STACK, catalog="", register=False), tmp_path).splitlines()

    assert told[0] == "4 problems; nothing was changed."
    (sentence,) = (each for each in told if f"gitops:{key}: " in each)
    assert sentence.startswith(f"Pulumi.fixture.yaml:{line} gitops:{key}: {fault}")
    assert sentence.endswith(f"o set it: pulumi config set --secret gitops:{key}")
    assert MARKER not in sentence


def test_a_secret_of_the_environment_has_no_line(tmp_path: Path) -> None:
    text = mistake(dev(tmp_path, environment={READ_PASSWORD: f"{MARKER}\n"}))

    assert "\ngitops:gitea-read-password: begins or ends with a line break" in text
    assert "To set it: pulumi config set --secret gitops:gitea-read-password" in text


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ("age-encryption.org/v1\n-> scrypt x 18\n" + MARKER, "is an encrypted key file, which Flux cannot read"),
        (host_key(), "is an SSH or PEM key, but Flux reads only age identities"),
    ],
)
def test_what_stands_in_place_of_an_age_identity_is_said(given: str, what: str, tmp_path: Path) -> None:
    text = mistake(dev(tmp_path, config={"gitops:age": {"keys": {"1": "supplied"}}}, secrets={"age-1": given}), markers=(MARKER,))

    assert f"gitops:age-1: {what}" in text
    assert "pulumi config set --secret gitops:age-1" in text
