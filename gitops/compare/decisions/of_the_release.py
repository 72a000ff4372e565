"""RBAC, CRDs, network policies, images and flags of Flux's own installation."""

from collections.abc import Iterator

from gitops.compare.found_changes import Decision
from gitops.compare.release_changes import CRD, RBAC, flags_of, image_of, served, shard_that_comes_or_goes
from gitops.compare.sentence import joined, named, say
from gitops.compare.stack_pair import Body, Pair, fields_of

_LOCKS = {
    "--no-cross-namespace-refs": "Flux objects may name sources of other namespaces",
    "--no-remote-bases": "Kustomizations may fetch bases from anywhere",
}
_IS_TRUE = ("", "true")


def decisions_of_the_release(pair: Pair) -> Iterator[Decision]:
    """Object by object."""
    keeps = pair.fact("onDestroy")[1] == "keepWorkloads"
    gone: set[str] = set()
    for which, before, after in pair.installed:
        kind, name = which[1], which[3]
        if shard := shard_that_comes_or_goes(before, after):
            gone |= {shard} if after is None else set()
            continue
        if before == after or not fields_of(before, after):
            continue
        if kind in RBAC:
            what = "is new" if before is None else "goes" if after is None else "changes"
            yield Decision(kind="rbac", text=say(f"RBAC: {kind} {{}} {what}", name))
        elif kind == CRD:
            yield from _definition(name.partition(".")[0], before, after, keeps=keeps)
        elif kind == "NetworkPolicy" and after is None:
            yield Decision(kind="network-policy", text=say("NetworkPolicy {} goes: more of the cluster can reach the controllers", name))
        elif kind == "Deployment":
            yield from _deployment(name, before, after)
    for shard in sorted(gone) if pair.fact("flux", "shards")[1] else ():
        yield Decision(kind="shard-goes", text=say("Shard {} goes: what still names it in Git is no longer reconciled", shard))


def _definition(name: str, before: Body | None, after: Body | None, *, keeps: bool) -> Iterator[Decision]:
    if after is None:
        then = "it stays in the cluster, unowned (onDestroy: keepWorkloads)" if keeps else "every object of its kind is deleted with it"
        yield Decision(kind="crd", text=say(f"CRD {{}} goes: {then}", name))
    elif before is not None and (gone := [version for version in served(before) if version not in served(after)]):
        text = joined([say("CRD {} no longer serves", name), named(gone), say("objects of it in Git are then refused")], " ")
        yield Decision(kind="crd", text=say(text.words.replace(" objects of it", ": objects of it"), *text.values))


def _deployment(name: str, before: Body | None, after: Body | None) -> Iterator[Decision]:
    if after is None:
        yield Decision(
            kind="controller-goes",
            text=say("Controller {} goes: its objects stay as they are, and deleting one hangs", name),
        )
        return
    if before is None:
        return
    old, new = image_of(before), image_of(after)
    (place, _, digest), (new_place, _, new_digest) = old.partition("@"), new.partition("@")
    if digest and new_digest and digest != new_digest and place == new_place:
        yield Decision(kind="digest", text=say("Controller {}: the image's digest changes, and {} stays", name, place))
    if _registry(place) != _registry(new_place):
        yield Decision(
            kind="registry", text=say("Controller {} is pulled from {} instead of {}", name, _registry(new_place), _registry(place))
        )
    was, becomes = flags_of(before), flags_of(after)
    for flag, then in _LOCKS.items():
        if was.get(flag, ["false"])[-1] in _IS_TRUE and becomes.get(flag, ["false"])[-1] not in _IS_TRUE:
            yield Decision(kind="lockdown", text=say(f"Controller {{}} loses {flag}: {then}", name))


def _registry(image: str) -> str:
    return image.rpartition("/")[0]
