"""The commands that `gitops adopt` prints, run as they are printed: by the real kubectl and the real helm."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

from devcluster.embedded_cluster import Devcluster
from devcluster.toolchain.build_tools import build_missing_tools, entry
from devcluster.toolchain.tool import load_tool

COMMAND_SECONDS = 120


def as_kubectl(cluster: Devcluster, command: str) -> str:
    """Run a line for a shell that begins with kubectl or helm; what it printed."""
    environment = {
        "HOME": str(cluster.home.directory / "tmp"),
        "KUBECONFIG": str(cluster.home.kubeconfig),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), str(helm().parent), os.environ["PATH"]]),
    }
    done = subprocess.run(
        ["bash", "-euc", command],
        env=environment,
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


@cache
def helm() -> Path:
    """The program that `gitops compare` renders charts with."""
    build_missing_tools(["helm"])
    return entry(load_tool("helm")) / "bin" / "helm"
