"""RBAC, CRDs, network policies, images and flags of Flux's own installation."""

from collections.abc import Iterator

from flux.release.installation_changes import RBAC, flags_of, image_of, rights
from gitops.compare.found_changes import Decision
from gitops.compare.network_policies import NETWORK_POLICY, NOTHING, allowed_by, limited, opened, openings
from gitops.compare.release_changes import CRD, keeps_workloads, served, shard_that_comes_or_goes
from gitops.compare.sentence import Sentence, joined, named, say
from gitops.compare.stack_pair import Body, Pair, fields_of

_LOCKS = {
    "--no-cross-namespace-refs": "Flux objects may name sources of other namespaces",
    "--no-remote-bases": "Kustomizations may fetch bases from anywhere",
}
_IS_TRUE = ("", "true")
_RECONCILED = {
    "source-controller": "sources",
    "kustomize-controller": "Kustomizations",
    "helm-controller": "HelmReleases",
    "image-reflector-controller": "ImageRepositories and ImagePolicies",
    "image-automation-controller": "ImageUpdateAutomations",
    "source-watcher": "ArtifactGenerators",
}
_WITHOUT = {"notification-controller": "Alerts are no longer sent, Receivers no longer called, and deleting a Receiver"}
"""Its Alerts and Providers have no finalizer."""
_FREE = {"Ingress": "everybody can then reach every port of the controllers", "Egress": "the controllers can then reach everybody"}


def decisions_of_the_release(pair: Pair) -> Iterator[Decision]:
    """Object by object."""
    keeps = keeps_workloads(pair)
    gone: set[str] = set()
    accounts: list[Decision] = []
    for which, before, after in pair.installed:
        kind, name = which[1], which[3]
        if shard := shard_that_comes_or_goes(before, after):
            gone |= {shard} if after is None else set()
            continue
        if before == after or not fields_of(before, after):
            continue
        if kind in RBAC:
            decision = Decision(kind="rbac", text=rights(kind, name, before, after))
            if kind == "ServiceAccount":
                accounts.append(decision)
            else:
                yield decision
        elif kind == CRD:
            yield from _definition(name.partition(".")[0], before, after, keeps=keeps)
        elif kind == NETWORK_POLICY and before is not None and after is not None:
            for opens in openings(before, after):
                yield Decision(kind="network-policy", text=joined([say("NetworkPolicy {} opens:", name), opens], " "))
        elif kind == "Deployment":
            yield from _deployment(name, before, after)
    yield from _policies_that_go(pair)
    yield from accounts
    for shard in sorted(gone) if pair.fact("flux", "shards")[1] else ():
        yield Decision(kind="shard-goes", text=say("Shard {} is removed: what still names it in Git is no longer reconciled", shard))


def _policies_that_go(pair: Pair) -> Iterator[Decision]:
    """Policies add up: without one of several, less is allowed, and without the last of them, everything."""
    policies = [each for each in pair.installed if each[0][1] == NETWORK_POLICY]
    remaining = [after for _, _, after in policies if after is not None]
    opens: list[Sentence] = []
    free: set[str] = set()
    for which, before, after in policies:
        if before is None or after is not None:
            continue
        if now_free := opened(before, remaining):
            free |= now_free
            opens.append(joined([say("{}:", which[3]), allowed_by(before)], " "))
        elif (lost := allowed_by(before, limited(before, remaining))) != NOTHING:
            text = [say("NetworkPolicy {} is deleted, and others stay: no longer allowed is", which[3]), lost]
            yield Decision(kind="network-policy", text=joined(text, " "))
    if opens:
        head = "A NetworkPolicy is deleted" if len(opens) == 1 else f"{len(opens)} NetworkPolicies are deleted"
        then = " and ".join(words for direction, words in _FREE.items() if direction in free)
        text = [say(f"{head}: {then}; until now, they allowed only"), joined(opens)]
        yield Decision(kind="network-policy", text=joined(text, " "))


def _definition(name: str, before: Body | None, after: Body | None, *, keeps: bool) -> Iterator[Decision]:
    if after is None:
        stays = "This stack stops managing CRD {}; the CRD and its objects stay in the cluster (onDestroy: keepWorkloads)"
        yield Decision(kind="crd", text=say(stays if keeps else "CRD {} is deleted, and every object of its kind with it", name))
    elif before is not None and (gone := [version for version in served(before) if version not in served(after)]):
        versions = named(gone)
        then = "objects in Git of that version are then refused; change their apiVersion first"
        words = f"CRD {{}} no longer serves {versions.words}: {then}"
        yield Decision(kind="crd", text=say(words, name, *versions.values))


def _deployment(name: str, before: Body | None, after: Body | None) -> Iterator[Decision]:
    if after is None:
        then = _WITHOUT.get(name, f"{_RECONCILED.get(name, 'its objects')} are no longer reconciled, and deleting one")
        yield Decision(kind="controller-goes", text=say(f"{{}} is removed: {then} hangs (nothing clears its finalizer)", name))
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
