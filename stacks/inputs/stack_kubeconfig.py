"""Where a run finds its kubeconfig: in the stack's secret, or in the files that KUBECONFIG lists."""

import os
from collections.abc import Callable
from pathlib import Path

from live.api_server import why_silent
from stacks.contract.stack import Cluster
from stacks.inputs.pinned_cluster import has_context, kubeconfig_of_cluster
from stacks.words.place import outside
from stacks.words.problems import Problem, StackProblems

SECRET = "gitops:kubeconfig"  # noqa: S105 (a key)
VARIABLE = "KUBECONFIG"


def read_kubeconfig(cluster: Cluster, read_secret: Callable[[], str | None], problems: list[Problem], *, preview: bool) -> str | None:
    """The part that reaches `cluster`, or None; what is wrong with it is added to `problems`.

    In `up` it must be there, and its API server must answer; a preview works without either.
    """
    folder: Path | None = None
    if cluster.kubeconfig == "secret":
        shown, text = SECRET, read_secret()
    else:
        shown = VARIABLE
        text, folder = _from_files(cluster.context, problems, preview=preview)
    if text is None:
        return None
    try:
        part = kubeconfig_of_cluster(text, cluster, shown=shown, folder=folder)
    except StackProblems as error:
        problems.extend(error.problems)
        return None
    if not preview and (silent := why_silent(part)):
        advice = (
            f"{silent}, so nothing could be changed. Is the cluster up, and are you in its network? "
            f"Try: kubectl --context {cluster.context} get --raw /readyz"
        )
        problems.append(Problem(outside(shown), advice))
    return part


def _from_files(context: str, problems: list[Problem], *, preview: bool) -> tuple[str | None, Path | None]:
    """Of the files that KUBECONFIG lists, the first one with the context, as kubectl finds it; and the folder it lies in."""
    names = [Path(name) for name in os.environ.get(VARIABLE, "").split(os.pathsep) if name]
    found: list[tuple[str, Path]] = []
    for name in names:
        try:
            found.append((name.read_text(encoding="utf-8"), name.parent))
        except OSError as error:
            if len(names) == 1:
                text = f"{name} cannot be read ({error.strerror}), so no cluster can be reached. Set it to the kubeconfig's file"
                problems.append(Problem(outside(VARIABLE), text))
    if not names and not preview:
        text = "is not set, so there is no cluster to change. Run: export KUBECONFIG=<file>; only a preview works without"
        problems.append(Problem(outside(VARIABLE), text))
    with_context = [item for item in found if has_context(item[0], context)]
    return next(iter(with_context or found), (None, None))
