"""The processes of Pulumi that work in one home, however they were started: the CLI, language hosts, programs and provider plugins.

A language host outlives its CLI: one that is killed leaves it behind, and so may one that ends early, because `pulumi up` and
`pulumi preview` start a host in the background, to ask for its version, before they read the stack. It has a process group of its
own, so no Ctrl-C reaches it, and asks only every five minutes whether its engine is still there.

What distinguishes them from any other process is PULUMI_HOME in the environment that the kernel keeps of each: every one of them has
it, and only those that work in this home have this one.
"""

import os
import re
from pathlib import Path

from devcluster.machine.home import Home
from devcluster.machine.processes import StartedProcess

PROGRAM = re.compile(r"pulumi(-language-[\w-]+|-resource-[\w-]+)?")
RUN_BY_PYTHON = re.compile(r"(.*/)?pulumi-language-python-exec|devcluster\.providers\.\w+")
"""Arguments of a Python that runs a program or a stand-in provider."""


def pulumi_processes(home: Home) -> list[StartedProcess]:
    """Those that run now. A shell or an editor with the same environment is none of them."""
    found = [StartedProcess.of(int(entry.name)) for entry in Path("/proc").iterdir() if entry.name.isdigit() and _is_one(entry, home)]
    return [process for process in found if process]


def _is_one(entry: Path, home: Home) -> bool:
    try:
        words = os.fsdecode((entry / "cmdline").read_bytes()).split("\0")
        return _is_pulumis(words) and _pulumi_home(entry) == home.pulumi.resolve()
    except OSError:  # it ended meanwhile, or is another user's
        return False


def _pulumi_home(entry: Path) -> Path | None:
    variables = os.fsdecode((entry / "environ").read_bytes()).split("\0")
    return next((Path(each.partition("=")[2]).resolve() for each in variables if each.startswith("PULUMI_HOME=")), None)


def _is_pulumis(words: list[str]) -> bool:
    program, *arguments = words
    name = Path(program).name
    return bool(PROGRAM.fullmatch(name)) or (name.startswith("python") and any(RUN_BY_PYTHON.fullmatch(word) for word in arguments))
