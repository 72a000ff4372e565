"""RBAC, CRDs, network policies, images and flags of Flux's own installation."""

from collections.abc import Iterator

from flux.release.installation_changes import ADMIN, RBAC, flags_of, image_of, rights, role_of
from flux.sharding import SHARD_LABEL
from gitops.compare.found_changes import Decision
from gitops.compare.network_policies import NETWORK_POLICY, NOTHING, allowed_by, limited, opened, openings
from gitops.compare.release_changes import CRD, keeps_workloads, served, shard_that_comes_or_goes, stored
from gitops.compare.risks import Risk
from gitops.compare.sentence import Sentence, joined, named, say
from gitops.compare.stack_pair import Body, Pair, fields_of, spec_at
from gitops.compare.value_text import short, text_of

_LOCKS = {
    "--no-cross-namespace-refs": "{kinds} may then refer to objects in other namespaces; anyone who may create one can use those objects",
    "--no-remote-bases": "Kustomizations may then fetch bases from any server",
}
_IS_TRUE = ("", "true")
_RECONCILED = {
    "source-controller": "Sources",
    "kustomize-controller": "Kustomizations",
    "helm-controller": "HelmReleases",
    "image-reflector-controller": "ImageRepositories and ImagePolicies",
    "image-automation-controller": "ImageUpdateAutomations",
    "source-watcher": "ArtifactGenerators",
}
_WITHOUT = {"notification-controller": "Alerts are no longer sent, incoming webhooks (Receivers) are not answered, and deleting a Receiver"}
"""Its Alerts and Providers have no finalizer."""
_DELETED = {"helm-controller": ", which uninstalls their charts. Whatever you keep continues to run, but unmanaged"}
_FREE = {
    "Ingress": "any pod can then reach every port of Flux's controllers",
    "Egress": "Flux's controllers can then reach any address",
}


def decisions_of_the_release(pair: Pair) -> Iterator[Decision]:
    """Object by object."""
    gone: set[str] = set()
    controllers = {which[3] for which, before, after in pair.installed if which[1] == "Deployment" and not (before and after)}
    for which, before, after in pair.installed:
        kind, name = which[1], which[3]
        if shard := shard_that_comes_or_goes(before, after):
            gone |= {shard} if after is None else set()
            continue
        if before == after or not fields_of(before, after):
            continue
        if kind in RBAC:
            if not (kind == "ServiceAccount" and name in controllers):
                yield Decision(kind="rbac", says=rights(kind, name, before, after), instead=_risk(before, after))
        elif kind == NETWORK_POLICY and before is not None and after is not None:
            for opens in openings(before, after):
                new = pair.after.flux_version if pair.before.flux_version != pair.after.flux_version else ""
                of = say("NetworkPolicy {} of Flux {}", name, new) if new else say("NetworkPolicy {}", name)
                now = joined(
                    [joined([say("It applies to"), _pods(after)], " "), joined([say("and then allows"), allowed_by(after)], " ")], ", "
                )
                yield Decision(kind="network-policy", says=joined([joined([of, opens], " "), now], ". "))
        elif kind == "Deployment":
            yield from _deployment(name, before, after)
    yield from _of_definitions(pair)
    yield from _policies_that_go(pair)
    had, has = pair.fact("flux", "shards")
    if has and not had:
        text = say(
            "From then on, no controller reconciles an object whose label {} names a shard that this stack lacks; nothing reports it. "
            "Whether there are such objects was not checked: search Git and the cluster for the label",
            SHARD_LABEL,
        )
        yield Decision(kind="shard-comes", says=text, source=pair.source_of_fact("flux", "shards"))
    for shard in sorted(gone) if has else ():
        label = f"{SHARD_LABEL}: {shard}"
        text = say(
            "Shard {} is removed. While the cluster has objects with the label {}, {} stops and changes nothing. "
            "Remove the label from the files in Git first: "
            "an object applied with it after that run is ignored by all controllers, without an error",
            shard,
            label,
            "pulumi up",
        )
        yield Decision(kind="shard-goes", says=text, source=pair.source_of_fact("flux", "shards"))


def _of_definitions(pair: Pair) -> Iterator[Decision]:
    """Those that go, and those that no longer serve a version: the same of several at once."""
    refused: dict[tuple[tuple[str, ...], str], list[str]] = {}
    for which, before, after in pair.installed:
        if which[1] != CRD or before is None or before == after:
            continue
        if after is None:
            keeps = keeps_workloads(pair)
            words = "CRD[|s] {*} [is|are] deleted, and with [it|them] every object of [its kind|their kinds]"
            if keeps:
                stays = "[stays|stay] in the cluster with all objects of [its kind|their kinds] ({})"
                words = f"CRD[|s] {{*}} [is|are] no longer managed, but {stays}"
            text = say(words, "onDestroy: keepWorkloads") if keeps else say(words)
            yield Decision(kind="crd", says=text, names=(which[3],), instead=Risk.NONE if keeps else None)
        elif gone := tuple(version for version in served(before) if version not in served(after)):
            kind = text_of((spec_at(after, "names") or {}).get("kind") or which[3])
            refused.setdefault((gone, stored(after)), []).append(kind)
    for versions in dict.fromkeys(versions for versions, _ in refused):
        becomes = {new: named(kinds) for (gone, new), kinds in refused.items() if gone == versions}
        old = named(versions)
        each = joined([joined([kinds, say("to {}", new)], " ") for new, kinds in becomes.items()], ", ")
        first = joined([say(f"Flux no longer serves {old.words}: in Git, change", *old.values), each, say("before merging")], " ")
        fails = say("A Kustomization with a file that still uses it fails as a whole")
        stops = f"If the cluster still stores objects in {old.words}, {{}} changes nothing and tells you to run {{}}"
        refuses = say(stops, *old.values, "pulumi up", "gitops migrate")
        yield Decision(kind="crd", says=joined([first, fails, refuses], ". "), instead=Risk.MAY_STOP)


def _pods(policy: Body) -> Sentence:
    labels = (spec_at(policy, "podSelector") or {}).get("matchLabels")
    told = [say("{}", f"{key}: {text_of(value)}") for key, value in labels.items()] if isinstance(labels, dict) else []
    return joined([say("pods with"), joined(told, ", ")], " ") if told else say("the pods that it selects")


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
            opens.append(joined([allowed_by(before), say("({})", which[3])], " "))
        elif (lost := allowed_by(before, limited(before, remaining))) != NOTHING:
            text = [say("NetworkPolicy {} is deleted, and others stay. No longer allowed:", which[3]), lost]
            yield Decision(kind="network-policy", says=joined(text, " "), instead=Risk.MAY_STOP)
    if opens:
        count = f"All {len(opens)} NetworkPolicies of Flux are" if not remaining and len(opens) > 1 else f"{len(opens)} NetworkPolicies are"
        head = "A NetworkPolicy is deleted" if len(opens) == 1 else f"{count} deleted"
        then = " and ".join(words for direction, words in _FREE.items() if direction in free)
        text = [say(f"{head}: {then}. Until now, only this was allowed:"), joined(opens)]
        yield Decision(kind="network-policy", says=joined(text, " "))


def _risk(before: Body | None, after: Body | None) -> Risk | None:
    """Of a change of RBAC: rights that go are what something may need."""
    if before is None:
        return None
    return Risk.MAY_STOP if after is None or (role_of(before) == ADMIN != role_of(after)) else None


def _deployment(name: str, before: Body | None, after: Body | None) -> Iterator[Decision]:
    if after is None:
        then = _WITHOUT.get(name, f"{_RECONCILED.get(name, 'Its objects')} are no longer reconciled, and deleting one")
        text = say(
            f"{{}} is removed. {then} hangs, because nothing removes its finalizer: "
            f"before merging, delete those that are no longer wanted{_DELETED.get(name, '')}",
            name,
        )
        yield Decision(kind="controller-goes", says=text)
        return
    if before is None:
        return
    old, new = image_of(before), image_of(after)
    (place, _, digest), (new_place, _, new_digest) = old.partition("@"), new.partition("@")
    if digest and new_digest and digest != new_digest and place == new_place:
        words = "{} runs a different image under the same tag {}: {} instead of {}. Check who published it"
        yield Decision(kind="digest", says=say(words, name, place, short(new_digest), short(digest)))
    if _registry(place) != _registry(new_place):
        words = "Controller[|s] {*} [is|are] pulled from {} instead of {}. Anyone who can push there decides what runs with Flux's rights"
        yield Decision(kind="registry", says=say(words, _registry(new_place), _registry(place)), names=(name,))
    was, becomes = flags_of(before), flags_of(after)
    for flag, then in _LOCKS.items():
        if was.get(flag, ["false"])[-1] in _IS_TRUE and becomes.get(flag, ["false"])[-1] not in _IS_TRUE:
            kinds = "Alerts and Receivers" if name == "notification-controller" else _RECONCILED.get(name, "Its objects")
            words = f"Controller[|s] {{*}} no longer [runs|run] with {{}}. {then.replace('{kinds}', kinds)}"
            yield Decision(kind="lockdown", says=say(words, flag), names=(name,))


def _registry(image: str) -> str:
    return image.rpartition("/")[0]
