"""What is wrong or missing ends in one message that says what to do, changes nothing, and shows no traceback."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.e2e.running_stack import CLONE, Finished, RunningStack, changed_stack_file

TROUBLESHOOTING = (CLONE / "docs" / "troubleshooting.md").read_text()


def _refused(finished: Finished, *expected: str) -> None:
    assert finished.code != 0, finished.printed
    assert "Traceback" not in finished.printed, finished.printed
    for text in expected:
        assert text in " ".join(finished.printed.split()), finished.printed


def test_no_passphrase(applied: RunningStack) -> None:
    told = "passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment variables"
    _refused(applied.up(expect=None, PULUMI_CONFIG_PASSPHRASE=None), told)
    assert told in TROUBLESHOOTING, "the engine's own words name no command, so the page does"


def test_another_stacks_passphrase(applied: RunningStack) -> None:
    _refused(applied.up(expect=None, PULUMI_CONFIG_PASSPHRASE="another"), "incorrect passphrase")
    assert "incorrect passphrase" in TROUBLESHOOTING


def test_a_stack_that_does_not_exist(applied: RunningStack) -> None:
    _refused(applied.pulumi("preview", "--stack", "nowhere", expect=6), "no stack named 'nowhere' found")
    assert "no stack named 'nowhere' found" in TROUBLESHOOTING


def test_another_cluster_than_the_stack_names(applied: RunningStack) -> None:
    refused = applied.up(expect=None, GITOPS_DEV_CA_SHA256="0" * 64, GITOPS_DEV_SERVER="https://127.0.0.1:1")
    _refused(
        refused,
        "gitops:cluster.server",
        "gitops:cluster.caSha256",
        "Another cluster would be changed.",
        "2 problems; nothing was changed",
    )


def test_no_kubeconfig(applied: RunningStack) -> None:
    _refused(applied.up(expect=None, KUBECONFIG=None), "KUBECONFIG: is not set", "export KUBECONFIG=<file>")


def test_a_kubeconfig_that_is_not_there(applied: RunningStack) -> None:
    _refused(applied.preview(expect=None, KUBECONFIG="/nonexistent/kubeconfig"), "/nonexistent/kubeconfig does not exist")


def test_an_unreachable_api_server(applied: RunningStack, tmp_path: Path) -> None:
    config = yaml.safe_load(applied.cluster.home.kubeconfig.read_text())
    for entry in config["clusters"]:
        entry["cluster"]["server"] = "https://127.0.0.1:1"
    unreachable = tmp_path / "kubeconfig"
    unreachable.write_text(yaml.safe_dump(config))
    changes = {
        "KUBECONFIG": str(unreachable),
        "GITOPS_DEV_SERVER": "https://127.0.0.1:1",
        "GITOPS_DEV_CONTEXT": applied.cluster.home.context,
    }
    config_file = changed_stack_file(tmp_path, variables={"CLUSTER_NAME": "never-written"})
    refused = applied.up("--config-file", config_file, expect=None, **changes)
    told = "KUBECONFIG: https://127.0.0.1:1 does not answer (Connection refused)."
    _refused(refused, "1 problem; nothing was changed", told, "get --raw /readyz")
    assert told in TROUBLESHOOTING
    assert "update failed" not in refused.printed, "nothing was asked of the provider"
    found = applied.get("ConfigMap", "stack-vars")
    assert found is not None
    assert found["data"]["CLUSTER_NAME"] == "dev"


def test_a_missing_secret_is_an_error_in_up_and_never_made_up(applied: RunningStack) -> None:
    refused = applied.up(expect=None, GITOPS_SECRET_GITEA_READ_PASSWORD=None)
    _refused(refused, "gitops:gitea-read-password: is missing", "pulumi config set --secret gitops:gitea-read-password")


def test_everything_wrong_in_a_stack_file_is_told_at_once_with_its_line(applied: RunningStack, tmp_path: Path) -> None:
    file = changed_stack_file(
        tmp_path, cluster=None, flux={"manifests": "x", "logLvel": "info"}, use=["bse"], variables={"N": 2.10}, nothing=["reads this"]
    )
    refused = applied.preview("--config-file", file, expect=None)
    _refused(
        refused,
        "gitops:cluster: is required but missing",
        "gitops:flux.logLvel: is an unknown key. It would have no effect. Did you mean `logLevel`?",
        "gitops:variables.N: must be text.",
        'Quote it, like "2.10".',
    )


def test_a_directory_without_manifests(applied: RunningStack, tmp_path: Path) -> None:
    _refused(applied.preview(expect=None, GITOPS_DEV_FLUX_MANIFESTS=str(tmp_path)), "holds no Deployment of a Flux controller")


def test_a_second_run_finishes_what_a_refused_one_left(applied: RunningStack) -> None:
    applied.up(expect=None, GITOPS_SECRET_GITEA_READ_PASSWORD=None)
    applied.up()
    applied.preview("--expect-no-changes")


@pytest.mark.parametrize("tool", ["etcd"])
def test_go_missing_and_not_installable(tmp_path: Path, tool: str) -> None:
    shutil.copytree(CLONE / "devcluster" / "toolchain" / "tools" / tool, tmp_path / "tool")
    done = subprocess.run(
        [sys.executable, "-m", "devcluster", "build", tool],
        cwd=CLONE,
        env={
            "PATH": str(tmp_path),
            "HOME": str(tmp_path),
            "GITOPS_CACHE": str(tmp_path / "cache"),
            "PIP_INDEX_URL": "http://127.0.0.1:9/",
            "PIP_FIND_LINKS": "",
            "PIP_RETRIES": "0",
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    assert "Go 1.26 or newer is required but missing" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((tmp_path / "cache").glob("**/bin")), "nothing half made may be left"
