"""The environment, the cluster, and whom the stack trusts."""

import os
from collections.abc import Iterator

from flux.key_path import KeyPath
from gitops.compare.found_changes import Decision
from gitops.compare.risks import Risk
from gitops.compare.sentence import Sentence, joined, named, say
from gitops.compare.stack_pair import Pair
from gitops.compare.value_text import short, text_of
from stacks.inputs.secrets import OFFLINE_MANIFESTS

_STRICTER = {"development": 0, "staging": 1, "production": 1}
_PINS = {"server": "API server", "caSha256": "certificate authority", "uid": "UID"}
_SHOWN = 12
"""Characters of a digest."""
_UP, _DESTROY = "pulumi up", "pulumi destroy"
_MANIFESTS = ("flux", "manifests")


def decisions_of_the_stack(pair: Pair) -> Iterator[Decision]:
    """Value by value."""
    yield from _of_the_environment(pair)
    yield from _of_the_cluster(pair)
    yield from _of_the_manifests(pair)
    yield from _of_taking_over(pair)
    yield from _of_destroying(pair)
    yield from _of_people(pair)


def _decision(pair: Pair, kind: str, text: Sentence, *paths: KeyPath, instead: Risk | None = None) -> Decision:
    about = tuple(".".join(map(str, path)) for path in paths)
    return Decision(kind=kind, says=text, about=about, source=pair.source_of_facts(*paths), instead=instead)


def _of_the_environment(pair: Pair) -> Iterator[Decision]:
    old, new = (str(each) for each in pair.fact("environment"))
    if old == new:
        return
    change = _STRICTER.get(new, 0) - _STRICTER.get(old, 0)
    then = say("The same checks apply")
    if change < 0:
        words = "Settings that {} refuses are accepted from then on, such as sources over HTTP and Flux's manifests without a digest"
        then = say(words, old)
    elif change > 0:
        then = say("More checks apply from then on: {} refuses some of what {} accepts", new, old)
    text = joined([say("The environment changes from {} to {}", old, new), then], ". ")
    yield _decision(pair, "environment", text, ("environment",), instead=None if change < 0 else Risk.NONE)


def _of_the_cluster(pair: Pair) -> Iterator[Decision]:
    old, new = pair.fact("cluster", "name")
    if old != new:
        text = say(
            "The cluster is called {} instead of {}. The next {} deletes and recreates every object of the stack", str(new), str(old), _UP
        )
        yield _decision(pair, "cluster", text, ("cluster", "name"), instead=Risk.DELETES)
    pins = {key: pair.fact("cluster", key) for key in _PINS}
    kept = [what for key, what in _PINS.items() if pins[key][1]]
    old, new = pair.fact("cluster", "context")
    if old != new:
        pinned = say("{} refuses a cluster that is not the pinned one", _UP) if kept else say("It may point to another cluster")
        text = joined([say("The kubeconfig's context is {} instead of {}", str(new), str(old)), pinned], ". ")
        yield _decision(pair, "cluster", text, ("cluster", "context"), instead=Risk.NONE if kept else None)
    gone = [key for key, (before, after) in pins.items() if before and not after]
    if gone:
        lost = " and ".join(_PINS[key] for key in gone)
        text = say(f"The cluster is no longer pinned by its {lost}. {{}} changes whatever cluster the kubeconfig points to", _UP)
        if kept:
            then = ". {} accepts any cluster that answers at that address" if kept == [_PINS["server"]] else ""
            words = f"The cluster is no longer pinned by its {lost}, only by its {' and '.join(kept)}{then}"
            text = say(words, *([_UP] if then else []))
        yield _decision(pair, "cluster", text, *(("cluster", key) for key in gone), instead=Risk.SAFEGUARD)
    moved = [key for key, (before, after) in pins.items() if before and after and before != after]
    if moved:
        told = [say(f"{_PINS[key]} {{}} instead of {{}}", _shown(key, pins[key][1]), _shown(key, pins[key][0])) for key in moved]
        then = (
            "If that is another cluster, the next {} installs Flux there, with this stack's passwords and keys; "
            "Flux in the old cluster keeps running, but nothing manages it"
        )
        text = joined([joined([say("The cluster is pinned to another"), joined(told, " and to another ")], " "), say(then, _UP)], ". ")
        yield _decision(pair, "cluster", text, *(("cluster", key) for key in moved))


def _shown(key: str, value: object) -> str:
    return f"{str(value)[:_SHOWN]}…" if key == "caSha256" else str(value)


def _of_the_manifests(pair: Pair) -> Iterator[Decision]:
    old, new = pair.fact("flux", "verify")
    if old and not new:
        text = say("The signature of Flux's manifests is no longer verified. Anyone who can push them decides what runs with Flux's rights")
        yield _decision(pair, "manifests", text, ("flux", "verify"), instead=Risk.SAFEGUARD)
    elif old and old != new:
        text = say("The signature of Flux's manifests is verified differently. Check whose signatures are accepted")
        yield _decision(pair, "manifests", text, ("flux", "verify"))
    yield from _of_their_place(pair)
    versions = pair.before.flux_version, pair.after.flux_version
    numbers = [tuple(int(part) for part in each.removeprefix("v").split(".") if part.isdigit()) for each in versions]
    if numbers[1] < numbers[0]:
        text = say(
            "Flux goes back from {} to {}. Fields of Flux objects that came after {} are lost, with their effect", *versions, versions[1]
        )
        yield _decision(pair, "manifests", text, _MANIFESTS, instead=Risk.MAY_STOP)
    if pair.fact("flux", "allowDowngrade")[0] is not True and pair.fact("flux", "allowDowngrade")[1] is True:
        text = say(
            "{} may install an older Flux than the one in the cluster ({}). Remove that setting after the downgrade", _UP, "allowDowngrade"
        )
        yield _decision(pair, "manifests", text, ("flux", "allowDowngrade"), instead=Risk.SAFEGUARD)


def _of_their_place(pair: Pair) -> Iterator[Decision]:
    old, new = (str(each or "") for each in pair.fact(*_MANIFESTS))
    (place, _, digest), (new_place, _, new_digest) = old.partition("@"), new.partition("@")
    unknown: list[Sentence] = []
    if os.environ.get(OFFLINE_MANIFESTS):
        unknown = [
            say(
                "What is in them was not compared, because the job that wrote this has {} set. {} applies them: compare them yourself",
                OFFLINE_MANIFESTS,
                _UP,
            )
        ]
    if digest and not new_digest:
        text = say("Flux's manifests are no longer pinned by digest: {}. The next {} installs what that tag is by then", new, _UP)
        yield _decision(pair, "manifests", joined([text, *unknown], ". "), _MANIFESTS, instead=Risk.SAFEGUARD)
    elif digest != new_digest and place == new_place:
        then = "They run with Flux's rights: check who published them"
        words = f"Flux's manifests are pinned to another digest under the same tag {{}}: {{}} instead of {{}}. {then}"
        text = say(words, place, short(new_digest), short(digest) or "no digest")
        yield _decision(pair, "manifests", joined([text, *unknown], ". "), _MANIFESTS)
    elif place.rpartition(":")[0] != new_place.rpartition(":")[0] and place and new_place:
        text = say("Flux's manifests come from {} instead of {}", short(new), short(old))
        pinned = "They are pinned to a digest: its publisher decides what runs with Flux's rights. Check who that was"
        others = say(pinned if new_digest else "Anyone who can write there decides what runs with Flux's rights")
        yield _decision(pair, "manifests", joined([text, others, *unknown], ". "), _MANIFESTS)


def _of_taking_over(pair: Pair) -> Iterator[Decision]:
    old, new = pair.fact("takeOver")
    come = [each for each in new or () if each not in (old or ())]
    owners = joined((say("{} (the flux CLI)" if each == "flux" else "{}", text_of(each)) for each in come if each != "unknown"), ", ")
    whose = [
        *([joined([say("belong to"), owners], " ")] if owners.values else []),
        *([say("have no known owner")] if "unknown" in come else []),
    ]
    if whose:
        first = joined([say("The next {} overwrites objects of this stack that exist already and", _UP), joined(whose, " or ")], " ")
        text = joined([first, say("From then on, the stack manages them. Without this setting, {} stops at them", _UP)], ". ")
        yield _decision(pair, "take-over", text, ("takeOver",))


def _of_destroying(pair: Pair) -> Iterator[Decision]:
    old, new = pair.fact("onDestroy")
    if old == new:
        return
    removes = new == "removeWorkloads"
    then = "also deletes everything that Flux applied, your applications included" if removes else "keeps what Flux applied"
    text = say(f"After the next {{}}, {{}} {then} ({{}}). Nothing is deleted before that", _UP, _DESTROY, f"onDestroy: {new}")
    yield _decision(pair, "on-destroy", text, ("onDestroy",), instead=None if removes else Risk.NONE)


def _of_people(pair: Pair) -> Iterator[Decision]:
    old, new = pair.fact("age", "recipients")
    come = named([text_of(each) for each in new or () if each not in (old or ())])
    if come.values:
        whose = "is a new recipient" if len(come.values) == 1 else "are new recipients"
        first = joined([come, say(f"{whose}: check whose key it is")], " ")
        it = "it" if len(come.values) == 1 else "them"
        then = "anyone with the private key can read what is encrypted from then on; older files only once they are encrypted again"
        after = say(f"Once {{}} has {it} (output {{}}), {then}", ".sops.yaml", "sopsConfig")
        yield _decision(pair, "recipient", joined([first, after], ". "), ("age", "recipients"))
