"""What a GitRepository takes from others (`include`): one artifact, made of several repositories.

As source-controller does (https://fluxcd.io/flux/components/source/gitrepositories, Include): what `fromPath` of the other's artifact
holds lies at `toPath`, by default the other's name. Patterns of `ignore` are applied to each repository by itself.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flux.message import Message
from gitops.check import requirements
from gitops.check.file_finding import FileFinding, error, warning
from gitops.check.repository.documents import items, text
from gitops.check.repository.tree import Tree, is_within, joined


@dataclass(frozen=True, kw_only=True)
class Include:
    """One entry of `include`."""

    repository: str
    from_path: str
    to_path: str


Includes = Mapping[str, Sequence[Include]]
"""GitRepository → what it takes from others."""


def includes_of(spec: Mapping[str, Any]) -> list[Include]:
    """The `include` of a GitRepository."""
    entries = [(text(entry, "repository", "name"), entry) for entry in items(dict(spec), "include")]
    return [
        Include(repository=name, from_path=joined("", text(entry, "fromPath")), to_path=joined("", text(entry, "toPath") or name))
        for name, entry in entries
        if name
    ]


def with_included(names: Collection[str], includes: Includes) -> set[str]:
    """These repositories, and those that they include."""
    found, waiting = set(names), list(names)
    while waiting:
        new = {each.repository for each in includes.get(waiting.pop(), ())} - found
        found |= new
        waiting += new
    return found


class Artifact(Tree):
    """A repository together with what it includes."""

    def __init__(self, own: Tree, included: Mapping[str, tuple[Tree, str]], unseen: Sequence[str]) -> None:
        """`included`: path → the other's tree, and path in it; what is below `unseen` is unknown."""
        super().__init__(own.name, own.root, {*own.files, *included}, own.ignored - included.keys(), unseen, own.links - included.keys())
        self._included = included

    def content(self, file: str) -> bytes:
        """The bytes of `file`, from any of the repositories."""
        if file in self._included:
            tree, path = self._included[file]
            return tree.content(path)
        return super().content(file)

    def origin(self, file: str) -> tuple[str, str]:
        """The repository in which a file can be changed, and its path there."""
        if file in self._included:
            tree, path = self._included[file]
            return tree.origin(path)
        return super().origin(file)


def artifact(name: str, trees: Mapping[str, Tree], includes: Includes, findings: list[FileFinding], within: tuple[str, ...] = ()) -> Tree:
    """What the cluster gets of the repository `name`; adds to `findings` what is wrong with its includes."""
    included: dict[str, tuple[Tree, str]] = {}
    unseen: list[str] = []
    for each in includes.get(name, ()):
        if each.repository not in trees or each.repository in (*within, name):
            unseen.append(each.to_path)
            findings.append(_not_seen(name, each))
            continue
        other = artifact(each.repository, trees, includes, findings, (*within, name))
        found = dict(_taken(other, each))
        if not found and not other.is_unseen(each.from_path):
            told = Message(
                f"includes ./{each.from_path} of {each.repository}, which does not exist",
                f"GitRepository {name} would never become ready.",
                "Correct fromPath.",
            )
            findings.append(error(requirements.MISSING_PATH, name, "", told))
        unseen += [_moved(path, each) for path in other.unseen if is_within(path, each.from_path)]
        unseen += [each.to_path] if other.is_unseen(each.from_path) else []
        included |= found
    return Artifact(trees[name], included, unseen) if included or unseen else trees[name]


def _taken(other: Tree, include: Include) -> Iterator[tuple[str, tuple[Tree, str]]]:
    if include.from_path in other.shipped:
        yield include.to_path, (other, include.from_path)
    for file in other.below(include.from_path):
        yield _moved(file, include), (other, file)


def _moved(path: str, include: Include) -> str:
    return joined(include.to_path, path[len(include.from_path) :])


def _not_seen(name: str, include: Include) -> FileFinding:
    told = Message(
        f"includes GitRepository {include.repository} at ./{include.to_path}, which could not be fetched or is not in this stack",
        "The included files were not checked.",
        "Check them yourself.",
    )
    return warning(requirements.NOT_CHECKED, name, "", told)
