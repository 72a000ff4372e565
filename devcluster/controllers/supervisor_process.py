"""Starting and ending the supervisor from another process."""

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

from devcluster.controllers.supervisor import SUPERVISED
from devcluster.machine.home import Home
from devcluster.machine.processes import StartedProcess, end
from devcluster.messages.errors import DevclusterError, last_lines

START_SECONDS = 20.0
PATIENCE = 15.0
CODE = Path(__file__).parents[1]


def start_supervisor(home: Home) -> None:
    """A supervisor of this code runs for `home`; nothing happens when it does already."""
    version = _version()
    running = _running(home)
    if running and home.recorded().get("supervisor") == version:
        return
    stop_supervisor(home)
    log = home.logs / "supervisor.log"
    with log.open("ab") as output:
        started = subprocess.Popen(
            [sys.executable, "-m", "devcluster", "supervise", "--home", str(home.directory), "--name", home.name],
            cwd=CODE.parent,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    until = time.monotonic() + START_SECONDS
    while not _running(home):
        if started.poll() is not None or time.monotonic() > until:
            end([found] if (found := StartedProcess.of(started.pid)) else [])
            raise DevclusterError(
                "the supervisor of Gitea and the Flux controllers did not start",
                "Without it there is no Git server, and nothing syncs.",
                f"Its log is {log}. To start over: {home.commands.start_over}",
                said=last_lines(log.read_text(errors="replace"), 5),
            )
        time.sleep(0.05)
    home.record(supervisor=version)


def stop_supervisor(home: Home) -> None:
    """End the supervisor and what it runs, also when it was killed and could not do so itself."""
    supervisor = _running(home)
    end([supervisor] if supervisor else [], patience=PATIENCE)
    orphans = [StartedProcess.read(home.processes / f"{name}.json") for name in SUPERVISED]
    end([orphan for orphan in orphans if orphan], patience=5.0)


def _running(home: Home) -> StartedProcess | None:
    found = StartedProcess.read(home.processes / "supervisor.json")
    return found if found and found.alive else None


def _version() -> str:
    digest = hashlib.sha256(sys.executable.encode())
    for file in sorted([*CODE.rglob("*.py"), *CODE.glob("toolchain/tools/*/*")]):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _environment() -> dict[str, str]:
    # Nothing of the caller's but what Python and git need: a proxy or a KUBECONFIG of the person must not reach the controllers.
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "USER", "LANG", "GITOPS_CACHE", "XDG_CACHE_HOME") if key in os.environ}
    return kept | {"PYTHONDONTWRITEBYTECODE": "1"}
