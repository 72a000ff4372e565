"""How a person calls the commands of one embedded cluster: `make demo` for the demo's own home, with --home for any other."""

import shlex
from dataclasses import dataclass
from pathlib import Path

from devcluster.messages.errors import COMMAND

CLONE = Path(__file__).resolve().parents[2]
DEMO_HOME = CLONE / ".demo"


@dataclass(frozen=True)
class ShellCommands:
    """The commands of the cluster in `home`, to be pasted into a shell whose directory is the clone."""

    home: Path

    @property
    def up(self) -> str:
        """Starts or repairs it."""
        return "make demo" if self._is_demo else self._with_home("up")

    @property
    def down(self) -> str:
        """Ends and removes it."""
        return "make demo-down" if self._is_demo else self._with_home("down")

    @property
    def start_over(self) -> str:
        """Removes it and starts it again."""
        return "make demo-down demo" if self._is_demo else f"{self.down} && {self.up}"

    @property
    def env(self) -> str:
        """Gives the shell its environment."""
        return f'eval "$({"make -s env" if self._is_demo else self._with_home("env")})"'

    @property
    def describe(self) -> str:
        """Prints what a stack file says of it."""
        return self._with_home("describe")

    def repository(self, name: str, *, private: bool = False) -> str:
        """Makes a repository on its Gitea."""
        return self._with_home("repository", name, *(["--private"] if private else []))

    @property
    def _is_demo(self) -> bool:
        return self.home == DEMO_HOME

    def _with_home(self, *words: str) -> str:
        if self._is_demo:
            return " ".join([COMMAND, *words])
        return " ".join([COMMAND, *words, "--home", self.shown(self.home)])

    @staticmethod
    def shown(path: Path) -> str:
        """A path as a word of such a command."""
        return shlex.quote(str(path.relative_to(CLONE) if path.is_relative_to(CLONE) else path))
