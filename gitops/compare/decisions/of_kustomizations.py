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
        return say("Kustomization {} goes while it is suspended: what it applied stays in the cluster, without an owner", name)
    if policy == "Orphan" or (policy == "MirrorPrune" and not prunes):
        why = "deletionPolicy: Orphan" if policy == "Orphan" else "prune: false"
        return say("Kustomization {} goes: what it applied stays in the cluster, without an owner ({})", name, why)
    why = "prune: true" if policy == "MirrorPrune" else f"deletionPolicy: {policy}"
    return say("Kustomization {} goes: Flux deletes everything that it applied from {} ({})", name, _path(before), why)


def decided_fields(name: str, before: Body, after: Body) -> Iterator[tuple[str, str, Sentence]]:
    """Kind of a decision, the field of the spec that it is about, and what to decide."""

    def was(field: str) -> Any:
        return spec_at(before, field)

    def becomes(field: str) -> Any:
        return spec_at(after, field)

    prunes = becomes("prune") is True
    if (was("path"), was("sourceRef")) != (becomes("path"), becomes("sourceRef")):
        then = "deletes what is only in the old one" if prunes else "leaves what is only in the old one in the cluster"
        yield (
            "kustomization-moves",
            "path" if was("path") != becomes("path") else "sourceRef",
            joined([say("Kustomization {} applies", name), *_places(before, after), say(f", and {then}")], ""),
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
                "Kustomization {}: deletionPolicy {} → {}, which decides what becomes of its objects once it goes",
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
        rights = "the rights of kustomize-controller" if not becomes("serviceAccountName") else text_of(becomes("serviceAccountName"))
        yield "rights", "serviceAccountName", say("Kustomization {} applies with other rights: {}", name, rights)
    if was("decryption") and not becomes("decryption"):
        yield (
            "decryption",
            "decryption",
            say("Kustomization {} no longer decrypts: while its path holds an encrypted Secret, Flux applies nothing of it", name),
        )


def _path(body: Body) -> str:
    return str(spec_at(body, "path") or "./")


def _places(before: Body, after: Body) -> tuple[Sentence, Sentence]:
    """The new and the old place, with their sources if those differ."""
    old, new = (str(spec_at(body, "sourceRef", "name")) for body in (before, after))
    if spec_at(before, "sourceRef") == spec_at(after, "sourceRef"):
        return say(" {}", _path(after)), say(" instead of {}", _path(before))
    return say(" {} of {}", _path(after), new), say(" instead of {} of {}", _path(before), old)
