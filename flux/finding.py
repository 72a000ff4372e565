"""A finding: of the CRDs' schemas, of a rule, or of the choice of what is installed."""

from dataclasses import dataclass
from enum import Flag, auto

from flux.key_path import KeyPath, dotted
from flux.message import Message
from flux.object_reference import ObjectReference


class Where(Flag):
    """Where a person corrects it; of a rule: where it looks."""

    STACK_FILE = auto()
    """The settings of a cluster, in its stack file."""
    STACK = auto()
    """A Flux object that the stack makes."""
    GIT = auto()
    """What Git brings: a Flux object, or for `gitops check` any file."""

    def __str__(self) -> str:
        return " and ".join({Where.STACK_FILE: "stack file", Where.STACK: "stack", Where.GIT: "Git"}[each] for each in self)


STACK_FILE, STACK, GIT = Where.STACK_FILE, Where.STACK, Where.GIT
STACK_AND_GIT = STACK | GIT
NOWHERE = Where(0)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One fault, at a path of one object or of the stack file."""

    object: ObjectReference | None
    """None: the stack file."""
    path: KeyPath
    """Path in the object's body, or in the stack file without `gitops:`; `()` is the whole of it."""
    message: Message
    """Its first part follows the path; it contains neither file nor line, which are shown with it."""
    where: Where = STACK
    rule: str = ""
    """The name of the rule, or `schema`; empty if it is not from a rule."""
    certain: bool = True
    """Whether it holds whatever else there is: not, where something that was not read may make what is missing."""

    because_of: frozenset[ObjectReference] = frozenset()
    """Other objects without all of which it would be none."""

    meant: str | None = None
    """Of an unknown field, the one that it is a misspelling of; None where that is not certain."""

    @property
    def dotted(self) -> str:
        """The path as people write it: `spec.dependsOn[0].name`."""
        return dotted(self.path)


def in_stack_file(path: KeyPath, wrong: str, consequence: str = "", fix: str = "") -> Finding:
    """A finding in the stack file."""
    return Finding(object=None, path=path, message=Message(wrong, consequence, fix), where=STACK_FILE)
