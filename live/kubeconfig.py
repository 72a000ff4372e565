"""Which kubeconfig and context are meant, and what is wrong with them, said without quoting a line of the file.

The `kubernetes` client does the reading. Its own errors are not shown: they may quote a whole `users` entry.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Any

import yaml

from gitops.errors import CommandError

CONSEQUENCE = "Without it there is no cluster to ask."
DEFAULT = Path("~/.kube/config")


@dataclass(frozen=True)
class Target:
    """A kubeconfig that is there and a context that it has."""

    config_file: str
    """One path, or several as `$KUBECONFIG` joins them."""
    context: str

    def __str__(self) -> str:
        return f"context {self.context} of {self.config_file}"

    def kubectl(self, command: str) -> str:
        """A kubectl command against the same cluster, to be shown to a person."""
        several = os.pathsep in self.config_file  # which only $KUBECONFIG can say
        file = "" if several else f"--kubeconfig {quote(self.config_file)} "
        return f"kubectl {file}--context {quote(self.context)} {command}"


def find_target(kubeconfig: Path | None, context: str | None) -> Target:
    """`--kubeconfig`, else `$KUBECONFIG`, else `~/.kube/config`; `--context`, else the file's current one.

    Raises:
        CommandError: there is no such file or context, or the file is not a kubeconfig.
    """
    config_file = _config_file(kubeconfig)
    documents = [_load(path) for path in _existing(config_file)]
    known = sorted({str(entry["name"]) for document in documents for entry in document.get("contexts") or [] if "name" in entry})
    # The client merges files the same way: of `current-context` the last one counts, of contexts the first.
    current = [document["current-context"] for document in documents if document.get("current-context")]
    chosen = context or (current[-1] if current else None)
    if chosen is None:
        raise CommandError(
            f"{config_file} names no current context. {CONSEQUENCE} Choose one: --context {known[0] if known else 'NAME'}"
            f"{_has(known)}, or kubectl config use-context."
        )
    if chosen not in known:
        whose = "" if context else " (its current-context)"
        raise CommandError(f"{config_file} has no context {chosen}{whose}. {CONSEQUENCE} Choose another with --context{_has(known)}.")
    return Target(config_file=config_file, context=chosen)


def _config_file(kubeconfig: Path | None) -> str:
    if kubeconfig is not None:
        wanted, origin = str(kubeconfig), "--kubeconfig"
    elif from_environment := os.environ.get("KUBECONFIG"):
        wanted, origin = from_environment, "$KUBECONFIG"
    else:
        wanted, origin = str(DEFAULT), "the default, as neither --kubeconfig nor $KUBECONFIG is given"
    if not _existing(wanted):
        raise CommandError(
            f"There is no kubeconfig at {wanted} ({origin}). {CONSEQUENCE} "
            'Name one with --kubeconfig FILE or export KUBECONFIG=FILE; the demo\'s comes with: eval "$(make -s env)"'
        )
    return wanted


def _existing(config_file: str) -> list[Path]:
    paths = [Path(part).expanduser() for part in config_file.split(os.pathsep) if part]
    return [path for path in paths if path.is_file()]


def _load(path: Path) -> dict[str, Any]:
    mend = f"{CONSEQUENCE} See what kubectl makes of it: kubectl --kubeconfig {path} config view"
    try:
        document = yaml.safe_load(path.read_text())
    except PermissionError:
        raise CommandError(f"{path} may not be read by this user. {CONSEQUENCE} Look at its owner and mode: ls -l {path}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        raise CommandError(f"{path}{f':{mark.line + 1}' if mark else ''} is not YAML. {mend}") from None
    if not isinstance(document, dict) or not all(
        isinstance(document.get(part) or [], list) and all(isinstance(entry, dict) for entry in document.get(part) or [])
        for part in ("clusters", "contexts", "users")
    ):
        raise CommandError(f"{path} is not a kubeconfig: it should hold lists of clusters, contexts and users. {mend}")
    return document


def _has(known: list[str]) -> str:
    return f" (it has {', '.join(known)})" if known else " (it has none)"
