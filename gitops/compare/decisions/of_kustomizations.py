"""Kustomizations that go, and those that come to delete or to forget something.

On deletion, kustomize-controller deletes what it applied if `prune` is true, unless `deletionPolicy` says otherwise, and not at all while
the Kustomization is suspended (https://fluxcd.io/flux/components/kustomize/kustomizations/#deletion-policy).
"""

from collections.abc import Iterator
from typing import Any

from gitops.compare.found_changes import Decision
from gitops.compare.sentence import Sentence, joined, say
from gitops.compare.stack_pair import Body, Pair, spec_at
from gitops.compare.value_text import text_of

KUSTOMIZATION = "Kustomization"
_RENAMES = {"targetNamespace": "another namespace", "namePrefix": "other names", "nameSuffix": "other names"}

_LATER = ("kustomization-moves", "objects-move", "prune", "force", "another-cluster", "rights")
"""What happens only when Flux applies a Kustomization."""


def decisions_of_kustomizations(pair: Pair) -> Iterator[Decision]:
    """All of them."""
    for which, before, after in pair.own:
        if which[1] != KUSTOMIZATION or before == after or before is None:
            continue
        name = which[3]
        if after is None:
            yield Decision(kind="kustomization-goes", text=goes(name, before))
            continue
        for kind, field, text in decided_fields(name, before, after):
            yield Decision(kind=kind, text=text, source=pair.source_of_field(which, field))


def goes(name: str, before: Body) -> Sentence:
    """What becomes of what it applied."""
    policy = spec_at(before, "deletionPolicy") or "MirrorPrune"
    prunes = spec_at(before, "prune") is True
    if spec_at(before, "suspend") is True:
        return say("Kustomization {} is deleted while it is suspended: what it applied stays in the cluster, without an owner", name)
    if policy == "Orphan" or (policy == "MirrorPrune" and not prunes):
        why = "deletionPolicy: Orphan" if policy == "Orphan" else "prune: false"
        return say("Kustomization {} is deleted: what it applied stays in the cluster, without an owner ({})", name, why)
    why = "prune: true" if policy == "MirrorPrune" else f"deletionPolicy: {policy}"
    return say("Kustomization {} is deleted: Flux deletes everything that it applied from {} ({})", name, _path(before), why)


def decided_fields(name: str, before: Body, after: Body) -> Iterator[tuple[str, str, Sentence]]:
    """Kind of a decision, the field of the spec that it is about, and what to decide."""
    waits = spec_at(after, "suspend") is True
    for kind, field, text in _fields(name, before, after):
        later = [say("; not while it is suspended, but once it is resumed")] if waits and kind in _LATER else []
        yield kind, field, joined([text, *later], "")


def _fields(name: str, before: Body, after: Body) -> Iterator[tuple[str, str, Sentence]]:

    def was(field: str) -> Any:
        return spec_at(before, field)

    def becomes(field: str) -> Any:
        return spec_at(after, field)

    prunes = becomes("prune") is True
    if (was("path"), was("sourceRef")) != (becomes("path"), becomes("sourceRef")):
        then = "if the new path exists, Flux deletes what is only in the old one" if prunes else "what is only in the old one stays"
        yield (
            "kustomization-moves",
            "path" if was("path") != becomes("path") else "sourceRef",
            joined([say("Kustomization {} applies", name), *_places(before, after), say(f"; {then}")], ""),
        )
    if was("prune") is not True and prunes:
        yield "prune", "prune", say("Kustomization {} begins to prune: what is removed from Git is then deleted from the cluster", name)
    if was("prune") is True and not prunes:
        yield "prune", "prune", say("Kustomization {} no longer prunes: what is removed from Git stays in the cluster", name)
    if was("deletionPolicy") != becomes("deletionPolicy"):
        yield (
            "deletion-policy",
            "deletionPolicy",
            say(
                f"Kustomization {{}}: deletionPolicy {{}} → {{}}: nothing happens now; if it is deleted later, {_later(before, after)}",
                name,
                text_of(was("deletionPolicy") or "MirrorPrune"),
                text_of(becomes("deletionPolicy") or "MirrorPrune"),
            ),
        )
    if was("suspend") is not True and becomes("suspend") is True:
        yield "suspended", "suspend", say("Kustomization {} is suspended: changes in Git no longer reach the cluster", name)
    if was("suspend") is True and becomes("suspend") is not True:
        yield "resumed", "suspend", say("Kustomization {} is resumed: whatever Git holds by then is applied at once", name)
    for field, what in _RENAMES.items():
        if was(field) != becomes(field):
            then = "the old objects are deleted" if prunes else "the old objects stay"
            two = (text_of(was(field) or "none"), text_of(becomes(field) or "none"))
            yield "objects-move", field, say(f"Kustomization {{}}: its objects get {what} ({field} {{}} → {{}}), and {then}", name, *two)
    if was("force") is not True and becomes("force") is True:
        yield "force", "force", say("Kustomization {} may delete and create anew what it cannot change (force: true)", name)
    if was("kubeConfig") != becomes("kubeConfig"):
        yield "another-cluster", "kubeConfig", say("Kustomization {} applies to another cluster (kubeConfig)", name)
    if was("serviceAccountName") != becomes("serviceAccountName"):
        old, new = (_account(body) for body in (before, after))
        yield "rights", "serviceAccountName", joined([say("Kustomization {} applies as", name), new, say("instead of"), old], " ")
    if was("decryption") and not becomes("decryption"):
        yield (
            "decryption",
            "decryption",
            say("Kustomization {} no longer decrypts: while its path holds an encrypted Secret, Flux applies nothing of it", name),
        )


def _later(before: Body, after: Body) -> str:
    words = {True: "Flux deletes everything that it applied", False: "what it applied stays"}
    old, new = _deletes(before), _deletes(after)
    return f"{words[new]}, as today" if old == new else f"{words[new]}; today, it {'would be deleted' if old else 'would stay'}"


def _deletes(body: Body) -> bool:
    policy = spec_at(body, "deletionPolicy") or "MirrorPrune"
    return policy != "Orphan" and (policy != "MirrorPrune" or spec_at(body, "prune") is True)


def _account(body: Body) -> Sentence:
    account = spec_at(body, "serviceAccountName")
    return say("ServiceAccount {}", text_of(account)) if account else say("the controller's own ServiceAccount")


def _path(body: Body) -> str:
    return str(spec_at(body, "path") or "./")


def _places(before: Body, after: Body) -> tuple[Sentence, Sentence]:
    """The new and the old place, with their sources if those differ."""
    old, new = (str(spec_at(body, "sourceRef", "name")) for body in (before, after))
    if spec_at(before, "sourceRef") == spec_at(after, "sourceRef"):
        return say(" {}", _path(after)), say(" instead of {}", _path(before))
    return say(" {} of {}", _path(after), new), say(" instead of {} of {}", _path(before), old)
