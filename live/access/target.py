"""Which kubeconfig and context a command means."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from shlex import quote

from flux.message import Message
from flux.secret_shapes import redacted
from live.access.kubeconfig import Kubeconfig, ResolvedContext, listed_files
from live.access.kubeconfig_parser import read_files
from live.errors import KubeconfigError

CONSEQUENCE = "Without it, there is no cluster to ask."
DEFAULT = Path("~/.kube/config")
VARIABLE = "KUBECONFIG"


@dataclass(frozen=True)
class Target:
    """A kubeconfig that exists, and what a context of it leads to."""

    config_file: str
    """One path, or several as `$KUBECONFIG` joins them."""
    reached: ResolvedContext = field(repr=False)
    is_option: bool = True
    """Whether kubectl needs the file as an option; without it, it reads what KUBECONFIG says."""

    @property
    def context(self) -> str:
        """Name of the context."""
        return self.reached.context.name

    @property
    def server(self) -> str:
        """Where its API server is, as the kubeconfig writes it."""
        return self.reached.cluster.server

    def __str__(self) -> str:
        return f"context {redacted(self.context)} of {self.config_file}"

    def kubectl(self, command: str) -> str:
        """A kubectl command for the same cluster, to show to a person."""
        several = os.pathsep in self.config_file  # which only $KUBECONFIG can say
        file = "" if several or not self.is_option else f"--kubeconfig {quote(self.config_file)} "
        return f"kubectl {file}--context {quote(self.context)} {command}"


@dataclass(frozen=True)
class ChosenFiles:
    """The kubeconfig that a command means, whether it exists or not."""

    written: str
    """As a person wrote it."""
    origin: str
    """Where it is named."""
    paths: tuple[Path, ...]

    def read(self) -> Kubeconfig | None:
        """Its content; None if it does not exist.

        Raises:
            KubeconfigError: it cannot be read, or is not a kubeconfig.
        """
        return read_files(self.paths, shown=self.written)


def chosen_files(kubeconfig: Path | None) -> ChosenFiles:
    """`--kubeconfig`, else `$KUBECONFIG`, else `~/.kube/config`."""
    if kubeconfig is not None:
        return ChosenFiles(str(kubeconfig), "--kubeconfig", (kubeconfig.expanduser(),))
    if variable := os.environ.get(VARIABLE):
        return ChosenFiles(variable, f"${VARIABLE}", tuple(listed_files(variable)))
    return ChosenFiles(str(DEFAULT), f"the default, as neither --kubeconfig nor ${VARIABLE} is given", (DEFAULT.expanduser(),))


def find_target(kubeconfig: Path | None, context: str | None) -> Target:
    """`--kubeconfig`, else `$KUBECONFIG`, else `~/.kube/config`; `--context`, else the current one.

    Raises:
        KubeconfigError: the file or context does not exist, or the file is not a kubeconfig.
    """
    files = chosen_files(kubeconfig)
    found = files.read()
    if found is None:
        fix = f'Name one with --kubeconfig FILE or export {VARIABLE}=FILE. For the demo: make demo, then eval "$(make -s env)"'
        raise KubeconfigError(f"{files.written} ({files.origin})", Message("does not exist", CONSEQUENCE, fix))
    chosen = context or found.current_context
    if not chosen:
        raise KubeconfigError(found.shown, Message("names no current context", CONSEQUENCE, _choose(found)))
    if chosen not in found.contexts:
        whose = "" if context else ", which is its current-context"
        raise KubeconfigError(found.shown, Message(f"has no context {redacted(chosen)}{whose}", CONSEQUENCE, _choose(found)))
    return Target(files.written, found.reached(chosen))


def _choose(found: Kubeconfig) -> str:
    known = sorted(redacted(name) for name in found.contexts)
    if not known:
        return "It has none: name another file with --kubeconfig."
    return f"Choose one of {', '.join(known)} with --context{', or kubectl config use-context' if len(known) > 1 else ''}."
