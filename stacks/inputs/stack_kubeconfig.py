"""Where a run finds its kubeconfig: in the stack's secret, or in the files that KUBECONFIG lists."""

import os
from collections.abc import Callable
from shlex import quote

from flux.message import Message
from live.access.api_server import why_silent
from live.access.kubeconfig import Kubeconfig, listed_files
from live.access.kubeconfig_parser import parse, read_files
from live.errors import KubeconfigError
from stacks.contract.stack import Stack
from stacks.inputs.pinned_cluster import VARIABLE, PinnedCluster, reach
from stacks.reading.validation import Validated
from stacks.words.place import outside
from stacks.words.problems import Problem, StackProblems

SECRET = "gitops:kubeconfig"  # noqa: S105 (a key)


def read_kubeconfig(
    stack: Validated[Stack], read_secret: Callable[[], str | None], problems: list[Problem], *, preview: bool
) -> PinnedCluster | None:
    """The part that reaches the cluster of `stack`, or None; what is wrong with it is added to `problems`.

    In `up` it must be there, and its API server must answer; a preview works without either.
    """
    in_secret = stack.model.cluster.kubeconfig == "secret"
    try:
        found = _of_secret(read_secret) if in_secret else _of_files(problems, preview=preview)
        pinned = reach(found, stack) if found else None
    except KubeconfigError as error:
        problems.append(Problem(outside(SECRET if in_secret else VARIABLE), _told(error)))
        return None
    except StackProblems as error:
        problems.extend(error.problems)
        return None
    if pinned is None:
        return None
    if not preview and (silent := why_silent(pinned.reached)):
        problems.append(Problem(outside(pinned.shown), _unanswered(silent, pinned)))
    return pinned


def _of_secret(read_secret: Callable[[], str | None]) -> Kubeconfig | None:
    text = read_secret()
    return None if text is None else parse(text, shown=SECRET)


def _of_files(problems: list[Problem], *, preview: bool) -> Kubeconfig | None:
    """What the files that KUBECONFIG lists are together, as kubectl merges them."""
    names = listed_files(os.environ.get(VARIABLE, ""))
    found = read_files(names, shown=VARIABLE)
    if names and found is None:
        listed = " and ".join(map(str, names))
        wrong = f"{listed} {'does' if len(names) == 1 else 'do'} not exist"
        problems.append(Problem(outside(VARIABLE), Message(wrong, "No cluster can be reached.", "Set it to the path of the kubeconfig.")))
    if not names and not preview:
        fix = "Only a preview works without it. Run: export KUBECONFIG=<file>"
        problems.append(Problem(outside(VARIABLE), Message("is not set", "There is no cluster to change.", fix)))
    return found


def _told(error: KubeconfigError) -> Message:
    """The error's message, which names the file where that is one of several."""
    if error.where in (SECRET, VARIABLE):
        return error.message
    return Message(f"{error.where} {error.message.wrong}", error.message.consequence, error.message.fix)


def _unanswered(silent: str, pinned: PinnedCluster) -> Message:
    context = pinned.reached.context.name
    fix = f"Check that the cluster is up and reachable from your network. Run: kubectl --context {quote(context)} get --raw /readyz"
    return Message(silent, "Nothing could be changed.", fix)
