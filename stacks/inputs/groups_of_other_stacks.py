"""Which groups other stacks of the project use: asked only of what this stack does not use. What is wrong in their files is not told."""

from flux.any_shape import at
from flux.bounded_documents import Bounds, only_document
from stacks.inputs.project_directory import project_directory, stack_names

MOST = 100
"""A stack file is read in a few milliseconds: of a larger fleet, nothing is asked."""
_A_SIBLING = Bounds(size=256 * 1024)


def used_by_no_other(groups: set[str], stack: str) -> set[str]:
    """Those of `groups` that no stack but `stack` uses; none where there are too many stacks. An unreadable file uses nothing."""
    others = [name for name in stack_names() if name != stack]
    if len(others) > MOST:
        return set()
    left = set(groups)
    for name in others:
        if not left:
            break
        used = at(only_document(project_directory() / f"Pulumi.{name}.yaml", _A_SIBLING), "config", "gitops:use")
        left -= {group for group in used if isinstance(group, str)} if isinstance(used, list) else set()
    return left
