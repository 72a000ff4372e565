"""The embedded Gitea over HTTPS with its private CA: what the dev stack's Git sources may use in place of plain HTTP."""

import os
import subprocess
from pathlib import Path

from devcluster.gitea.sample_repositories import TOKEN_REPOSITORY
from tests.e2e.running_stack import RunningStack


def _clone(stack: RunningStack, folder: Path, **changes: str) -> "subprocess.CompletedProcess[str]":
    helper = '!f() { echo username=flux; echo "password=$GITOPS_SECRET_GITEA_READ_PASSWORD"; }; f'
    login = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "credential.helper", "GIT_CONFIG_VALUE_0": helper, "GIT_TERMINAL_PROMPT": "0"}
    url = f"{stack.environment['GITOPS_DEV_GITEA_HTTPS']}/{TOKEN_REPOSITORY}.git"
    environment = {**os.environ, **stack.environment, **login, **changes}
    return subprocess.run(["git", "clone", url, str(folder)], env=environment, capture_output=True, text=True, check=False)


def test_a_private_repository_is_read_over_https_with_a_token_by_who_trusts_the_ca(stack: RunningStack, tmp_path: Path) -> None:
    authority = tmp_path / "ca.crt"
    authority.write_text(stack.environment["GITOPS_DEV_GITEA_CA"])
    done = _clone(stack, tmp_path / "clone", GIT_SSL_CAINFO=str(authority))
    assert done.returncode == 0, done.stderr
    refused = _clone(stack, tmp_path / "again", GIT_SSL_CAINFO=str(authority), GITOPS_SECRET_GITEA_READ_PASSWORD="wrong")
    assert refused.returncode != 0


def test_who_does_not_trust_the_ca_reads_nothing(stack: RunningStack, tmp_path: Path) -> None:
    refused = _clone(stack, tmp_path / "clone", GIT_SSL_CAINFO=os.devnull)
    assert refused.returncode != 0
    assert "certificate" in refused.stderr
