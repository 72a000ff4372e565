"""What a preview says of the cluster, and how `gitops compare --preview` reads it again: both forms in one place.

Pulumi compares the program with its state alone. That the cluster is another shows only in these messages, which are among the diagnostics
of `pulumi preview --json`.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

_SETS_BACK = "`pulumi up` will set back what others changed: "
_SEE = ". To see it, run: gitops drift"
_MAKES_AGAIN = "`pulumi up` will recreate objects that are in Pulumi's state but missing from the cluster: "
_REFUSES = "`pulumi up` would refuse: "
_WARNING = "warning: "
"""What Pulumi puts in front of one."""
_ONE = re.compile(r"(?P<object>[A-Za-z0-9]+(?:/[^\s/]+){1,2}) \(by (?P<writers>.*?)\)(?=, [A-Za-z0-9]+/|$| and \d+ more$)")
_MORE = re.compile(r" and (\d+) more$")


@dataclass(frozen=True, kw_only=True)
class SetBack:
    """One object that others changed."""

    name: str
    """`GitRepository/flux-system/kubeflow`."""
    writers: str


@dataclass(frozen=True, kw_only=True)
class SaidOfCluster:
    """One message."""

    set_back: tuple[SetBack, ...] = ()
    more: int = 0
    """How many objects it counts and does not name."""
    made_again: str = ""
    refused: str = ""


def sets_back(objects: Collection[tuple[str, str]], more: int) -> str:
    """Each object with its writers, and how many more there are."""
    names = ", ".join(f"{name} (by {writers})" for name, writers in objects)
    return f"{_SETS_BACK}{names}{f' and {more} more' if more else ''}{_SEE}"


def makes_again(objects: str) -> str:
    """What is lost."""
    return f"{_MAKES_AGAIN}{objects}."


def would_refuse(problem: str) -> str:
    """What `up` would end with."""
    return f"{_REFUSES}{problem}"


def read_again(message: str) -> SaidOfCluster | None:
    """What one of these messages says; None for any other."""
    text = message.strip().removeprefix(_WARNING)
    if text.startswith(_REFUSES):
        return SaidOfCluster(refused=text.removeprefix(_REFUSES))
    if text.startswith(_MAKES_AGAIN):
        return SaidOfCluster(made_again=text.removeprefix(_MAKES_AGAIN).removesuffix("."))
    if not text.startswith(_SETS_BACK):
        return None
    listed = text.removeprefix(_SETS_BACK).removesuffix(_SEE)
    more = _MORE.search(listed)
    found = tuple(SetBack(name=each["object"], writers=each["writers"]) for each in _ONE.finditer(listed))
    return SaidOfCluster(set_back=found, more=int(more[1]) if more else 0)
