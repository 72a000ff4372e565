"""Variables that an object uses and nothing defines, and variables that Flux does not replace."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from flux.close_names import Comparisons, close_to
from flux.listing import either, more
from flux.message import Message
from gitops.check import requirements
from gitops.check.file_finding import FileFinding, error, warning
from gitops.check.follow.built_object import BuiltObject
from gitops.check.follow.envsubst import BadSubstitutionError, expressions, parsed
from gitops.check.follow.known_variables import DISABLED, KnownVariables, is_left_alone
from gitops.check.follow.kustomize_build import Build
from gitops.check.follow.synced import Synced, World
from gitops.check.repository.documents import mapping
from gitops.check.repository.tree import Tree

_INTO_ITS_OBJECTS = ("patches", "commonMetadata", "images", "namePrefix", "nameSuffix")
"""Fields of a Kustomization."""
_MOST_NAMED = 4
_MOST_SHOWN = 60
_MOST_INPUTS = 100
"""Of one generator."""
_MOST_LINES = 5_000
"""Of one object: a variable further down is reported at the object's first line."""
_LEAVE = f"write $${{…}} for what is no variable of Flux, or label the object {DISABLED}: disabled"


def variable_findings(world: World, *, strict: bool) -> Iterator[FileFinding]:
    """Every object whose variables Flux could not replace; `strict`: whether an undefined one fails the build.

    Nothing is reported of a Kustomization that takes variables from what was not read, nor of any where a webhook changes all of them.
    """
    yield from _not_known(world)
    judge = _Judge(strict=strict)
    maps = {id(each): each for synced, _ in world.built for each in world.variables_of(synced).values.maps if each}
    somewhere = {name for each in maps.values() for name in each}
    for synced, result in world.built:
        known, tree = world.variables_of(synced), world.tree_of(synced)
        if known.is_substituted:
            for item in result.objects:
                if uses := _uses(item):
                    yield from judge.replaced(tree, synced, result, item, uses, known)
        elif not world.variable_sources.changed_by:
            used = ((item, uses.needed) for item in result.objects if (uses := _uses(_without_what_it_replaces(item))))
            yield from judge.left(tree, synced, result, [(item, name) for item, needed in used for name in needed if name in somewhere])


def needed_variables(item: BuiltObject) -> frozenset[str]:
    """The variables without which Flux could not build an object, where an undefined one fails the build."""
    uses = _uses(item)
    return frozenset(uses.needed if uses else ())


def _not_known(world: World) -> Iterator[FileFinding]:
    who = world.variable_sources.changed_by
    for synced, result in world.built if who else ():
        for item in result.objects:
            if str(item) == who:
                told = Message(
                    f"{item} changes Kustomizations when they are applied", "Variables were not checked.", "Check that each is defined."
                )
                yield warning(requirements.NOT_CHECKED, *world.tree_of(synced).origin(item.file), told, item.line, item.reference)
                return


def _without_what_it_replaces(item: BuiltObject) -> BuiltObject:
    """A Kustomization without the fields that go into the objects it builds, where it replaces the variables itself."""
    spec = mapping(item.body, "spec")
    if item.group != "kustomize.toolkit.fluxcd.io" or not spec.get("postBuild"):
        return item
    return replace(item, body={**item.body, "spec": {key: value for key, value in spec.items() if key not in _INTO_ITS_OBJECTS}})


@dataclass
class _Uses:
    """What one object uses: names in the order in which they stand there, and what Flux cannot parse."""

    needed: dict[str, None] = field(default_factory=dict)
    bad: list[str] = field(default_factory=list)


def _uses(item: BuiltObject) -> _Uses | None:
    """None for an object that Flux leaves alone, or in which there is nothing to replace."""
    uses = _Uses()
    waiting: list[Any] = [item.body]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            if "${" in each:
                _read(each, uses)
        elif isinstance(each, dict):
            waiting += reversed([*each.keys(), *each.values()])
        elif isinstance(each, list):
            waiting += reversed(each)
    return uses if (uses.needed or uses.bad) and not is_left_alone(item.body) else None


def _read(text: str, uses: _Uses) -> None:
    try:
        uses.needed |= {each.name: None for each in expressions(parsed(text)) if each.is_needed}
    except BadSubstitutionError as bad:
        uses.bad.append(bad.beginning)


class _Judge:
    def __init__(self, *, strict: bool) -> None:
        self._strict = strict
        self._comparisons = Comparisons()
        self._file: tuple[Tree, str] | None = None
        self._lines: list[str] = []

    def replaced(
        self, tree: Tree, synced: Synced, result: Build, item: BuiltObject, uses: _Uses, known: KnownVariables
    ) -> Iterator[FileFinding]:
        """An object of a Kustomization that has variables."""
        if uses.bad:
            told = Message(
                f"{item} contains {_shown(uses.bad[0])}, which Flux cannot parse as a variable",
                f"The build of {synced} would fail.",
                f"{_LEAVE[:1].upper()}{_LEAVE[1:]}.",
            )
            file, line = self._place(tree, result, item, uses.bad[0])
            yield error(requirements.UNDEFINED_VARIABLE, *tree.origin(file), told, line, item.reference)
        names = [name for name in uses.needed if name not in known.values] if known.is_all else []
        if not names:
            return
        near = close_to(names[0], known.values, comparisons=self._comparisons)
        write = f"Write {either(f'${{{each}}}' for each in near)}, define it" if near else "Define it"
        listed = ", ".join(_shown(f"${{{name}}}") for name in names[:_MOST_NAMED])
        others = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        told = Message(
            f"{item} uses {listed}{others}, which nothing defines for {synced}",
            f"The build of {synced} would fail." if self._strict else "Flux would put nothing in its place.",
            f"{write} in postBuild, give it a default (${{NAME:=default}}), or {_LEAVE}.",
        )
        find = error if self._strict else warning
        file, line = self._place(tree, result, item, f"${{{names[0]}")
        yield find(requirements.UNDEFINED_VARIABLE, *tree.origin(file), told, line, item.reference)

    def left(self, tree: Tree, synced: Synced, result: Build, found: Sequence[tuple[BuiltObject, str]]) -> Iterator[FileFinding]:
        """One warning for all that a Kustomization without variables leaves as it is, if others have a variable of that name."""
        if not found:
            return
        item, name = min(found, key=lambda each: (each[0].file, each[0].line))
        others = len({id(each) for each, _ in found}) - 1
        with_it = f" (and {more(others, 'object')})" if others else ""
        told = Message(
            f"{item} uses ${{{name}}}, but {synced} replaces no variables{with_it}",
            "A Kustomization does not inherit postBuild: Flux would apply the text as it is.",
            "Give it postBuild.substituteFrom, or let its parent `inherit: [postBuild]`.",
        )
        file, line = self._place(tree, result, item, f"${{{name}")
        yield warning(requirements.NOT_SUBSTITUTED, *tree.origin(file), told, line, item.reference)

    def _place(self, tree: Tree, result: Build, item: BuiltObject, text: str) -> tuple[str, int]:
        """File and line where `text` stands first, from the object's beginning on, or in what its generator reads.

        The object's own where a patch brings it.
        """
        makes = item.file if item.is_generated else None
        inputs = [path for path, maker in (*result.other_inputs.items(), *result.decrypted_inputs.items()) if maker == makes]
        for file in (item.file, *islice(inputs, _MOST_INPUTS)):
            if line := self._line(tree, file, item.line if file == item.file else 0, text):
                return file, line
        return item.file, item.line

    def _line(self, tree: Tree, file: str, line: int, text: str) -> int:
        if self._file != (tree, file):
            self._file = (tree, file)
            self._lines = tree.text(file).split("\n") if file else []
        begin = max(line - 1, 0)
        following = islice(self._lines, begin, begin + _MOST_LINES)
        return next((number for number, each in enumerate(following, begin + 1) if text in each), 0)


def _shown(text: str) -> str:
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"
