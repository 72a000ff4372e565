"""What goes and what stays when a stack's objects are removed: told from the cluster, not from a file. Pure."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from flux.kinds import MADE_BY_CONTROLLERS
from flux.object_reference import ObjectReference
from live.flux_objects.flux_removal import RemovableObject

_APPLIED_BY = ("kustomize.toolkit.fluxcd.io/namespace", "kustomize.toolkit.fluxcd.io/name")
_RELEASE_OF = ("helm.toolkit.fluxcd.io/namespace", "helm.toolkit.fluxcd.io/name")


@dataclass(frozen=True, kw_only=True)
class Applier:
    """A Kustomization or HelmRelease that goes, and what becomes of what it applied."""

    found: RemovableObject
    parent: ObjectReference | None
    """The Kustomization that applied it, and with which it is removed or kept; None for an object of the stack."""
    runs: bool
    """Whether its controller runs, without which nothing is removed."""
    objects: int
    """How many objects it applied, without the Flux objects that have a line of their own."""

    @property
    def removes(self) -> bool:
        """Whether what it applied goes with it."""
        return self.found.removes and self.runs


@dataclass(frozen=True, kw_only=True)
class Effects:
    """What the removal of a stack does in its cluster."""

    own: tuple[RemovableObject, ...]
    """The stack's Flux objects."""
    appliers: tuple[Applier, ...]
    """Those of them that applied something, and those that these applied."""
    from_git: tuple[RemovableObject, ...]
    """Flux objects that the stack's Kustomizations applied, at any depth."""
    strangers: tuple[RemovableObject, ...]
    """Flux objects that neither the stack nor its Kustomizations made."""

    @property
    def removed(self) -> int:
        """How many objects that Flux applied are removed."""
        return sum(each.objects for each in self.appliers if each.removes and each.found.kind == "Kustomization")

    @property
    def releases(self) -> int:
        """How many Helm releases are uninstalled."""
        return sum(1 for each in self.appliers if each.removes and each.found.kind == "HelmRelease")

    @property
    def kept(self) -> int:
        """How many objects that Flux applied stay, without anybody who reconciles them."""
        return sum(each.objects for each in self.appliers if not each.removes and each.found.kind == "Kustomization")

    @property
    def kept_releases(self) -> int:
        """How many Helm releases stay."""
        return sum(each.kind == "HelmRelease" for each in (*self.own, *self.from_git)) - self.releases

    @property
    def removes_workloads(self) -> bool:
        """Whether anything that Flux applied goes."""
        return bool(self.removed or self.releases)

    def spared(self, going: Iterable[RemovableObject]) -> list[RemovableObject]:
        """Those of `going` that would remove what they applied, although that is to stay.

        Their parent leaves them behind, or their controller does not run at this moment.
        """
        removing = {each.found.reference for each in self.appliers if each.removes}
        return [each for each in going if each.removes and each.reference not in removing]

    def keeping_workloads(self) -> "Effects":
        """The same once everything of the stack that applied something is set to leave it."""
        return replace(self, appliers=tuple(replace(each, found=replace(each.found, removes=False)) for each in self.appliers))

    @property
    def without_controller(self) -> list[Applier]:
        """What would remove something, and cannot, because its controller does not run."""
        return [each for each in self.appliers if each.found.removes and not each.runs]


def effects_of(
    objects: Sequence[RemovableObject],
    is_own: Callable[[RemovableObject], bool],
    running: frozenset[str],
    going: Collection[ObjectReference] = (),
) -> Effects:
    """What the removal of every object that `is_own` does.

    `running`: the controllers that run. `going`: what the stack's state has and the cluster may not have any more, after an interrupted
    run: what came from Git by these is no stranger's.
    """
    known = {each.reference: each for each in objects}
    own = [each for each in objects if is_own(each)]
    by_maker = _by_maker(objects)
    appliers = list(_appliers(own, known, by_maker, running))
    from_git = list(_from_git({*(each.reference for each in own), *going}, by_maker))
    ours = {each.reference for each in (*own, *from_git)}
    return Effects(
        own=tuple(own),
        appliers=tuple(appliers),
        from_git=tuple(from_git),
        strangers=tuple(each for each in objects if each.reference not in ours and each.kind not in MADE_BY_CONTROLLERS),
    )


def _appliers(
    own: Iterable[RemovableObject],
    known: Mapping[ObjectReference, RemovableObject],
    by_maker: Mapping[ObjectReference, Sequence[RemovableObject]],
    running: frozenset[str],
) -> Iterator[Applier]:
    waiting: list[tuple[RemovableObject, ObjectReference | None]] = [(each, None) for each in own if _applies(each)]
    seen = {each.reference for each, _ in waiting}
    while waiting:
        each, parent = waiting.pop(0)
        children = {reference: known[reference] for reference in each.applied if reference in known and _applies(known[reference])}
        objects = len(each.applied) - sum(1 for reference in each.applied if reference in children)
        # A HelmRelease has no inventory in every release of Flux; what it made has its label.
        children |= {child.reference: child for child in by_maker.get(each.reference, ()) if _applies(child)}
        applier = Applier(found=each, parent=parent, runs=each.controller in running, objects=objects)
        yield applier
        new = [child for reference, child in children.items() if reference not in seen]
        seen |= {child.reference for child in new}
        waiting += [(child if applier.removes and not child.is_left else replace(child, removes=False), each.reference) for child in new]


def _applies(each: RemovableObject) -> bool:
    return each.kind in ("Kustomization", "HelmRelease")


def _by_maker(objects: Iterable[RemovableObject]) -> dict[ObjectReference, list[RemovableObject]]:
    """By the labels that kustomize-controller puts on what it applies, and helm-controller on its charts."""
    found: dict[ObjectReference, list[RemovableObject]] = {}
    for each in objects:
        for kind, (namespace, name) in (("Kustomization", _APPLIED_BY), ("HelmRelease", _RELEASE_OF)):
            if name in each.labels:
                found.setdefault(ObjectReference(kind, each.labels.get(namespace, ""), each.labels[name]), []).append(each)
    return found


def _from_git(own: Iterable[ObjectReference], by_maker: Mapping[ObjectReference, Sequence[RemovableObject]]) -> Iterator[RemovableObject]:
    waiting = [*own]
    seen = set(waiting)
    while waiting:
        for each in by_maker.get(waiting.pop(), ()):
            if each.reference not in seen:
                seen.add(each.reference)
                waiting.append(each.reference)
                yield each
