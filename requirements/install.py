"""Install the virtual environment from hashed requirements, with progress: `python3 requirements/install.py .venv requirements/dev.txt`.

It needs nothing but Python with pip. pip installs uv, which is one of the requirements, and uv the rest in a fraction of pip's time;
where uv cannot be had or cannot reach the index, pip does all of it.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

CLONE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(CLONE))

from devcluster.messages.progress import RunningStep, Steps  # noqa: E402 (nothing is installed yet)

LINES_SHOWN = 15
UV_OF_PIP = {"index-url": "UV_DEFAULT_INDEX", "cert": "SSL_CERT_FILE"}
"""Settings of pip that uv does not read → the variable by which uv takes them."""


class CommandError(Exception):
    """A command failed; the text is the last that it printed."""

    @property
    def last_line(self) -> str:
        """What it said last."""
        return str(self).strip().rpartition("\n")[2].strip()


class Environment:
    """The virtual environment at `venv`, and the commands that fill it."""

    def __init__(self, venv: Path, requirements: Path) -> None:
        """Install nothing yet."""
        self.venv, self.requirements = venv, requirements
        self._python = venv / "bin" / "python"
        self._pip = [str(self._python), "-m", "pip", "--disable-pip-version-check"]

    def make(self) -> None:
        """Python and pip, nothing else."""
        run([sys.executable, "-m", "venv", str(self.venv)])

    def install_uv(self, step: RunningStep) -> None:
        """uv, at the version and with the hashes of the requirements."""
        section = re.search(r"^uv==(?:.*\\\n)*.*$", self.requirements.read_text(), re.MULTILINE)
        if section is None:
            raise CommandError(f"{self.requirements} does not name it")
        with tempfile.TemporaryDirectory() as temporary:
            alone = Path(temporary) / "uv.txt"
            alone.write_text(section[0] + "\n")
            run([*self._pip, "install", "--require-hashes", "-r", str(alone)], step)

    def install_with_uv(self, step: RunningStep) -> None:
        """All requirements and the project."""
        install = [str(self.venv / "bin" / "uv"), "pip", "install", "--python", str(self._python)]
        self._install(install, step, self._settings_for_uv())

    def install_with_pip(self, step: RunningStep) -> None:
        """All requirements and the project."""
        self._install([*self._pip, "install"], step, {})

    def _install(self, install: list[str], step: RunningStep, settings: Mapping[str, str]) -> None:
        run([*install, "--require-hashes", "-r", str(self.requirements)], step, settings)
        run([*install, "--no-deps", "--no-build-isolation", "-e", str(CLONE)], step, settings)

    def _settings_for_uv(self) -> dict[str, str]:
        listed = subprocess.run([*self._pip, "config", "list"], capture_output=True, text=True, check=False).stdout
        found = re.findall(r"^(?::env:|global|install)\.([\w-]+)='(.*)'$", listed, re.MULTILINE)
        return {UV_OF_PIP[name]: value for name, value in found if name in UV_OF_PIP and UV_OF_PIP[name] not in os.environ}


def main(venv: Path, requirements: Path) -> None:
    """Make `venv` and install everything into it."""
    environment = Environment(venv, requirements)
    number = len(re.findall(r"^[\w.-]+==", requirements.read_text(), re.MULTILINE))
    with Steps(3) as steps:
        with steps.step(f"making the virtual environment {venv}"):
            environment.make()
        try:
            with steps.step("installing uv, which installs the rest") as step:
                environment.install_uv(step)
            with steps.step(f"installing {number} packages") as step:
                environment.install_with_uv(step)
        except CommandError as error:
            steps.say(f"uv cannot be used ({error.last_line}), so pip installs everything")
            with steps.step(f"installing {number} packages with pip") as step:
                environment.install_with_pip(step)


def run(command: list[str], step: RunningStep | None = None, settings: Mapping[str, str] | None = None) -> None:
    """Run `command`, with the last line that it printed as the step's detail. Raises CommandError."""
    with subprocess.Popen(
        command, env=os.environ | (settings or {}), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        printed: deque[str] = deque(maxlen=LINES_SHOWN)
        for line in process.stdout or ():
            printed.append(line)
            if step and line.strip():
                step.detail = " ".join(line.split())[:60]
    if process.returncode:
        raise CommandError("".join(printed))


if __name__ == "__main__":
    try:
        with suppress(KeyboardInterrupt):
            main(Path(sys.argv[1]), Path(sys.argv[2]))
            sys.exit()
        sys.exit(130)
    except CommandError as error:
        sys.exit(f"{error}\nThe virtual environment could not be installed; above is the last that was said. To try again: make setup")
