"""Shards: which controllers reconcile an object, by its label."""

from collections.abc import Collection, Iterator

from flux.any_shape import at, shown, text
from flux.close_names import close_to
from flux.finding import STACK_AND_GIT, Finding
from flux.key_path import KeyPath
from flux.listing import either
from flux.message import Message
from flux.rules.plan import INSTALLATION, Plan, PlannedObject
from flux.rules.relations import Reference, references_of
from flux.rules.rule import rule
from flux.sharding import SHARD_LABEL, is_sharded, shard_of

_OF_OBJECT: KeyPath = ("metadata", "labels", SHARD_LABEL)
_OF_CHART: KeyPath = ("spec", "chart", "metadata", "labels", SHARD_LABEL)
"""Of the HelmChart that helm-controller makes of a HelmRelease: it does not inherit the labels of the HelmRelease."""


def not_a_shard(shard: str, shards: Collection[str]) -> Message:
    """What is wrong with an object of a shard that the stack does not have."""
    known = sorted(shards)
    instead = either(close_to(shard, known) or known)
    fix = f"Write {instead}, or add {shard} to gitops:flux.shards." if instead else f"Add {shard} to gitops:flux.shards."
    would = "No controller would reconcile the object." if known else "The main controllers would reconcile the object."
    return Message(f"names {shown(shard)}, which is not a shard of this stack", would, fix)


@rule(looks_at=STACK_AND_GIT)
def shard_exists(plan: Plan) -> Iterator[Finding]:
    """The label `sharding.fluxcd.io/key` names one of the stack's shards, if it has any.

    The main controllers leave out every object with the label once there are shards (`--watch-label-selector`). Without shards they
    reconcile all objects, and the label has no effect.
    """
    shards = plan.planned.shards
    if not shards or plan.is_unknown(INSTALLATION):
        return
    for item in plan.objects:
        for path, shard in _shards_in(item):
            if shard not in shards and "$" not in shard:
                told = not_a_shard(shard, shards)
                yield item.wrong(path, told.wrong, told.consequence, told.fix)


@rule(looks_at=STACK_AND_GIT)
def source_is_in_the_same_shard(plan: Plan) -> Iterator[Finding]:
    """A HelmChart is in the shard of its source, and a GitRepository in that of every repository that it includes.

    source-controller reads both from its cache, which has only the sources of its shard (main.go, `ByObject`; Flux's documentation,
    "Assign resources to shards"). A Kustomization or HelmRelease, its source and what it depends on may each be in any shard: their
    controllers read the others past that cache (Flux 2.9, `APIReader`).
    """
    if not plan.planned.shards or plan.is_unknown(INSTALLATION):
        return
    for item in plan.of_kind("HelmRelease", "HelmChart", "GitRepository"):
        for reference in references_of(item):
            found = plan.find(reference.target)
            if found is None or not _needs_the_same(item, reference):
                continue
            own, other = _own(item), _shard(found)
            if own != other and "$" not in f"{own}{other}":
                yield _apart(item, found, own, other)


def _apart(item: PlannedObject, found: PlannedObject, own: str | None, other: str | None) -> Finding:
    is_chart = item.kind != "GitRepository"
    path = _OF_CHART if item.kind == "HelmRelease" else _OF_OBJECT
    what = "the HelmChart" if item.kind == "HelmRelease" else f"the {item.kind}"
    return item.wrong(
        path[:-1] if own is None else path,
        f"puts {what} {_where(own)}, but {found} is {_where(other)}",
        f"{'No chart' if is_chart else 'Nothing'} would be fetched: source-controller knows no {found.kind} of another shard.",
        f"Write {SHARD_LABEL}: {other}." if other else f"Remove the label, or put {found} into the same shard.",
    )


def _where(shard: str | None) -> str:
    return f"in shard {shown(shard)}" if shard else "in no shard"


def _shards_in(item: PlannedObject) -> Iterator[tuple[KeyPath, str]]:
    if not item.is_of_flux:
        return
    if is_sharded(item.kind) and (shard := _shard(item)):
        yield _OF_OBJECT, shard
    if item.kind == "HelmRelease" and (of_chart := text(item.body, *_OF_CHART)):  # type: ignore[arg-type]
        yield _OF_CHART, of_chart


def _shard(item: PlannedObject) -> str | None:
    return shard_of(at(item.body, "metadata", "labels"))


def _own(item: PlannedObject) -> str | None:
    labels = at(item.spec, "chart", "metadata", "labels") if item.kind == "HelmRelease" else at(item.body, "metadata", "labels")
    return shard_of(labels)


def _needs_the_same(item: PlannedObject, reference: Reference) -> bool:
    return item.kind != "HelmRelease" or "chart" in reference.path
