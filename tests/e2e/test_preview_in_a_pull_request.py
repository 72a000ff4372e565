"""docs/how-to/preview-in-a-pull-request.md: its commands in a clone with a change, with the real CLI; no cluster, no secret, no state."""

import os
import re
import subprocess
from pathlib import Path

from devcluster.program.shell_environment import search_path
from devcluster.toolchain.plugins import prepare_pulumi
from tests.e2e.running_stack import own_clone
from tests.engine import AMBIENT, REPOSITORY
from tests.manifests import manifests_directory

PAGE = (REPOSITORY / "docs" / "how-to" / "preview-in-a-pull-request.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(?P<kind>[^\n]+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = {found["kind"]: found["text"] for found in BLOCK.finditer(PAGE)}
PERSON = ("-c", "user.name=A Person", "-c", "user.email=person@example.org")


def test_its_commands_show_what_a_pull_request_changes(tmp_path: Path) -> None:
    clone = own_clone(tmp_path / "clone")
    passphrase = {"PULUMI_BACKEND_URL": f"file://{tmp_path}", "PULUMI_CONFIG_PASSPHRASE": "the stack's own"}
    ran("pulumi stack init production && echo secret | pulumi config set --secret gitops:homelab-deploy-identity", clone, passphrase)
    committed("main", clone)
    catalog = clone / "catalog.yaml"
    catalog.write_text(catalog.read_text().replace("GitRepository: {interval: 15m", "GitRepository: {interval: 10m"))
    committed("change", clone)
    ran("git update-ref refs/remotes/origin/main HEAD~1", clone, {})

    printed = ran(BLOCKS["sh"], clone, {"GITOPS_FLUX_MANIFESTS": str(manifests_directory())})

    assert "homelab-deploy-identity" in next(line for line in printed.splitlines() if "shown as unknown" in line)
    assert printed.endswith(BLOCKS["text"])


def committed(message: str, clone: Path) -> None:
    subprocess.run(["git", *PERSON, "commit", "--quiet", "--all", "--message", message], cwd=clone, check=True)


def ran(script: str, clone: Path, variables: dict[str, str]) -> str:
    """What the script prints, as a job without the environment of whoever runs the tests."""
    home = clone.parent / "home"
    (home / ".pulumi").mkdir(parents=True, exist_ok=True)
    programs = prepare_pulumi(home / ".pulumi", download=False)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(AMBIENT)}
    own = {"PULUMI_HOME": str(home / ".pulumi"), "PULUMI_SKIP_UPDATE_CHECK": "true", **programs.environment}
    own["PATH"] = search_path(programs.cli, os.environ["PATH"])
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=clone, env=kept | own | variables, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return done.stdout
