"""Kustomizations that go, and those that come to delete or to forget something.

On deletion, kustomize-controller deletes what it applied if `prune` is true, unless `deletionPolicy` says otherwise, and not at all while
the Kustomization is suspended (https://fluxcd.io/flux/components/kustomize/kustomizations/#deletion-policy).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flux.prune import PRUNE_DISABLED
from gitops.compare.found_changes import Decision
from gitops.compare.risks import Risk
from gitops.compare.sentence import Sentence, joined, say
from gitops.compare.stack_pair import Body, Pair, spec_at
from gitops.compare.value_text import text_of

KUSTOMIZATION = "Kustomization"
_FORGOTTEN = "but Flux no longer updates or deletes"
_ACCOUNT = "That ServiceAccount must exist, and anything that it is not allowed to do fails"
_LATER = ("kustomization-moves", "objects-move", "force", "another-cluster", "rights")
"""What happens only when Flux applies a Kustomization."""


@dataclass(frozen=True, kw_only=True)
class FieldDecision:
    """What a field of the spec of a Kustomization does."""

    kind: str
    field: str
    text: Sentence
    instead: Risk | None = None
    is_later: bool = False
    """Whether it happens only once it is resumed."""


def decisions_of_kustomizations(pair: Pair) -> Iterator[Decision]:
    """All of them."""
    for which, before, after in pair.own:
        if which[1] != KUSTOMIZATION or before == after or before is None:
            continue
        if after is None:
            yield goes(which[3], before, pair.source_of(which, ()))
            continue
        for each in decided_fields(before, after):
            source = pair.source_of_field(which, each.field)
            yield Decision(kind=each.kind, says=each.text, names=(which[3],), source=source, instead=each.instead, is_later=each.is_later)


def goes(name: str, before: Body, source: Sentence, *more: Sentence) -> Decision:
    """What becomes of what it applied."""
    policy = spec_at(before, "deletionPolicy") or "MirrorPrune"
    why = say(
        "{}",
        f"prune: {'true' if spec_at(before, 'prune') is True else 'false'}" if policy == "MirrorPrune" else f"deletionPolicy: {policy}",
    )
    if spec_at(before, "suspend") is True or not _deletes(before):
        reason = say(" while [it is|they are] suspended") if spec_at(before, "suspend") is True else joined([say(" ("), why, say(")")], "")
        stays = say(f". What [it|they] applied stays in the cluster, {_FORGOTTEN} it")
        text = joined([say("Kustomization[|s] {*} [is|are] deleted"), reason, stays], "")
        return Decision(kind="kustomization-goes", says=text, names=(name,), source=source, instead=Risk.NONE)
    words = "Kustomization[|s] {*} [is|are] deleted: Flux deletes what [it|they] applied from {} ("
    rest = say(
        ". Deleting a Namespace deletes everything in it; deleting a PersistentVolumeClaim usually deletes its data. "
        "Only objects annotated with {} stay",
        PRUNE_DISABLED,
    )
    text = joined([say(words, _path(before)), why, say(")"), *more, *([] if more else [rest])], "")
    return Decision(kind="kustomization-goes", says=text, names=(name,), source=source)


def decided_fields(before: Body, after: Body) -> Iterator[FieldDecision]:
    """What is to be checked of each field, of a Kustomization or of several: `{*}` stands for its name."""
    waits = spec_at(after, "suspend") is True
    for each in _fields(before, after):
        is_later = waits and each.kind in _LATER
        once = [say("Once [it is|they are] resumed,")] if is_later else []
        yield FieldDecision(kind=each.kind, field=each.field, text=joined([*once, each.text], " "), instead=each.instead, is_later=is_later)


def _fields(before: Body, after: Body) -> Iterator[FieldDecision]:
    yield from _of_the_place(before, after)
    yield from _of_deleting(before, after)
    was, becomes = (spec_at(each, "suspend") is True for each in (before, after))
    if becomes and not was:
        words = "Kustomization[|s] {*} [is|are] suspended: nothing that changes in Git reaches the cluster until [it is|they are] resumed"
        yield FieldDecision(kind="suspended", field="suspend", text=say(words))
    if was and not becomes:
        prunes = spec_at(after, "prune") is True
        included = ", and deletes what is no longer in it" if prunes else ""
        words = f"Kustomization[|s] {{*}} [is|are] resumed: Flux applies at once what Git has by then{included}"
        yield FieldDecision(kind="resumed", field="suspend", text=say(words), instead=Risk.DELETES if prunes else None)
    yield from _of_names(before, after)
    if spec_at(before, "force") is not True and spec_at(after, "force") is True:
        words = "Kustomization[|s] {*} may delete and recreate objects that cannot be changed in place ({})"
        yield FieldDecision(kind="force", field="force", text=say(words, "force: true"))
    yield from _of_rights(before, after)
    if spec_at(before, "decryption") and not spec_at(after, "decryption"):
        then = (
            "While [its path|one of their paths] contains an encrypted Secret, the whole Kustomization fails: Flux applies none of it. "
            "Encrypted objects of other kinds are not recognized: Flux sends them to the API server as they are"
        )
        text = say(f"Kustomization[|s] {{*}} no longer [decrypts|decrypt]. {then}")
        yield FieldDecision(kind="decryption", field="decryption", text=text)


def _of_the_place(before: Body, after: Body) -> Iterator[FieldDecision]:
    if (_path(before), spec_at(before, "sourceRef")) == (_path(after), spec_at(after, "sourceRef")):
        return
    new, old = _places(before, after)
    prunes = spec_at(after, "prune") is True
    then = say("With {}, Flux deletes every object that is only in", "prune: true") if prunes else say("What is only in")
    stays = [] if prunes else [say(f"stays in the cluster, {_FORGOTTEN} it")]
    fails = say("If the new path does not exist, the Kustomization fails and nothing changes")
    what = joined([say("Kustomization[|s] {*} [applies|apply]"), new, say("instead of"), old], " ")
    yield FieldDecision(
        kind="kustomization-moves",
        field="path" if spec_at(before, "path") != spec_at(after, "path") else "sourceRef",
        text=joined([what, joined([then, old, *stays], " "), fails], ". "),
        instead=None if prunes else Risk.NONE,
    )


def _of_deleting(before: Body, after: Body) -> Iterator[FieldDecision]:
    was, becomes = (spec_at(each, "prune") is True for each in (before, after))
    if becomes and not was:
        words = "Kustomization[|s] {*} [begins|begin] to prune. Nothing is deleted now; from then on, Flux deletes what is removed from Git"
        yield FieldDecision(kind="prune", field="prune", text=say(words))
    if was and not becomes:
        words = f"Kustomization[|s] {{*}} no longer [prunes|prune]. What is removed from Git stays in the cluster, {_FORGOTTEN} it"
        yield FieldDecision(kind="prune", field="prune", text=say(words), instead=Risk.NONE)
    policies = [text_of(spec_at(each, "deletionPolicy") or "MirrorPrune") for each in (before, after)]
    if policies[0] != policies[1]:
        then, old = _deletes(after), _deletes(before)
        what = {True: "Flux also deletes everything that [it|they] applied", False: "what [it|they] applied stays in the cluster"}[then]
        today = ", as before" if then == old else ""
        words = f"If Kustomization[|s] {{*}} [is|are] deleted later, {what}{today} ({{}}, previously {{}}). Nothing is deleted now"
        text = say(words, f"deletionPolicy: {policies[1]}", policies[0])
        yield FieldDecision(kind="deletion-policy", field="deletionPolicy", text=text, instead=None if then and not old else Risk.NONE)


def _of_names(before: Body, after: Body) -> Iterator[FieldDecision]:
    prunes = spec_at(after, "prune") is True
    then = "Flux then deletes the old objects ({})" if prunes else f"The old objects stay in the cluster, {_FORGOTTEN} them"
    old_ones = say(then, "prune: true") if prunes else say(then)
    risk = None if prunes else Risk.NONE
    old, new = (spec_at(each, "targetNamespace") for each in (before, after))
    if old != new:
        into, instead = (_namespace(each) for each in (new, old))
        words = [say("Kustomization[|s] {*} [applies its|apply their] namespaced objects into"), into, say("instead of"), instead]
        text = joined([joined(words, " "), old_ones, say("Cluster-scoped objects stay where they are")], ". ")
        yield FieldDecision(kind="objects-move", field="targetNamespace", text=text, instead=risk)
    for field, what in (("namePrefix", "prefix"), ("nameSuffix", "suffix")):
        old, new = (spec_at(each, field) for each in (before, after))
        if old != new:
            two = [say("{}", text_of(each)) if each else say("none") for each in (new, old)]
            words = [say(f"Kustomization[|s] {{*}} [gives its|give their] objects other names: {what}"), two[0], say("instead of"), two[1]]
            yield FieldDecision(kind="objects-move", field=field, text=joined([joined(words, " "), old_ones], ". "), instead=risk)


def _of_rights(before: Body, after: Body) -> Iterator[FieldDecision]:
    old, new = (spec_at(each, "kubeConfig") for each in (before, after))
    if old != new:
        where = "another cluster, decrypted Secrets included" if new else "the cluster of Flux again"
        words = f"Kustomization[|s] {{*}} [applies its|apply their] objects to {where} ({{}}). What is in the old cluster stays there"
        yield FieldDecision(kind="another-cluster", field="kubeConfig", text=say(words, "kubeConfig"), instead=None if new else Risk.NONE)
    old, new = (spec_at(each, "serviceAccountName") for each in (before, after))
    if old != new:
        what = [say("Kustomization[|s] {*} [applies|apply] as"), _account(after), say("instead of"), _account(before)]
        then = _ACCOUNT if new else "It may do what the controller may do: by default, everything"
        text = joined([joined(what, " "), say(then)], ". ")
        yield FieldDecision(kind="rights", field="serviceAccountName", text=text, instead=Risk.MAY_STOP if new and not old else None)


def _deletes(body: Body) -> bool:
    policy = spec_at(body, "deletionPolicy") or "MirrorPrune"
    return policy != "Orphan" and (policy != "MirrorPrune" or spec_at(body, "prune") is True)


def _account(body: Body) -> Sentence:
    name, namespace = spec_at(body, "serviceAccountName"), (body.get("metadata") or {}).get("namespace")
    in_namespace = f"{namespace}/" if namespace else ""
    return say("ServiceAccount {}", f"{in_namespace}{text_of(name)}") if name else say("the controller's own ServiceAccount")


def _namespace(name: Any) -> Sentence:
    return say("namespace {}", text_of(name)) if name else say("the namespaces set in their manifests")


def _path(body: Body) -> str:
    return str(spec_at(body, "path") or "./")


def _places(before: Body, after: Body) -> tuple[Sentence, Sentence]:
    """The new and the old place, with their sources if those differ."""
    if spec_at(before, "sourceRef") == spec_at(after, "sourceRef"):
        return say("{}", _path(after)), say("{}", _path(before))
    old, new = (str(spec_at(body, "sourceRef", "name")) for body in (before, after))
    return say("{} of {}", _path(after), new), say("{} of {}", _path(before), old)
