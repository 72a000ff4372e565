"""A revision rendered by its own program: run apart, without this process' environment, and only where a person asks for it.

The author of the revision then decides what runs here, as this user. The environment has no secret, but the user's files are in reach.
"""

import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO

from flux.bounded_documents import Bounds, UnreadableError, json_value
from flux.environment import cache_root
from gitops.rendered.stack_view import StackView
from gitops.rendered.view_json import NotRenderedError, views_from
from stacks.contract.names import OFFLINE_MANIFESTS, OWN_PREFIX

SECONDS = 180.0
LARGEST_OUTPUT = Bounds(size=256 * 1024 * 1024, levels=100)
MOST_VALUES = 20_000_000
REFUSED = 1
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", OFFLINE_MANIFESTS)
_PASSED_ON_PREFIX = OWN_PREFIX
"""Values that a development stack takes from the environment: addresses and paths, never secrets."""


class OwnCodeError(Exception):
    """A revision's own program does not render it; the text says why."""


def views_by_own_code(folder: Path, only: str | None) -> dict[str, StackView]:
    """What the program in `folder` renders of the stacks in it.

    Raises:
        OwnCodeError: it cannot, as every program before `gitops render`.
    """
    # Without both, Python would run the package that is installed.
    if not all((folder / "gitops" / name).is_file() for name in ("__init__.py", "__main__.py")):
        raise OwnCodeError("it has no program of its own")
    with tempfile.TemporaryDirectory(prefix="gitops-own-code-") as scratch, tempfile.TemporaryFile() as output:
        command = [sys.executable, "-m", "gitops", "render", "--form", "json", *(["--stack", only] if only else [])]
        if _run(command, folder, _environment(Path(scratch)), output) not in (0, REFUSED):
            raise OwnCodeError("its program has no `gitops render --form json`, or fails")
        if output.tell() > LARGEST_OUTPUT.size:
            raise OwnCodeError("its program wrote too much")
        output.seek(0)
        try:
            return views_from(json_value(output.read(), LARGEST_OUTPUT, most_values=MOST_VALUES))
        except (UnreadableError, NotRenderedError) as error:
            raise OwnCodeError(f"its program wrote something else ({error})") from None


def _run(command: list[str], folder: Path, environment: dict[str, str], output: IO[bytes]) -> int:
    """The exit code. Whatever it started ends with it."""
    nothing = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=folder, env=environment, stdin=nothing, stdout=output, stderr=nothing, start_new_session=True)
    try:
        return process.wait(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        raise OwnCodeError(f"its program took longer than {SECONDS:g} s") from None
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _environment(scratch: Path) -> dict[str, str]:
    passed = {name: value for name, value in os.environ.items() if name in _PASSED_ON or name.startswith(_PASSED_ON_PREFIX)}
    return passed | {"HOME": str(scratch), "GITOPS_CACHE": str(cache_root()), "PYTHONDONTWRITEBYTECODE": "1"}
