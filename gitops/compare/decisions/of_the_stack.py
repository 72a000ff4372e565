"""The environment, the cluster, and whom the stack trusts."""

import os
from collections.abc import Iterator

from flux.key_path import KeyPath
from gitops.compare.found_changes import Decision
from gitops.compare.risks import Risk
from gitops.compare.sentence import Sentence, joined, named, say
from gitops.compare.stack_pair import Pair
from gitops.compare.value_text import short, text_of
from stacks.contract.names import OFFLINE_MANIFESTS

_STRICTER = {"development": 0, "staging": 1, "production": 1}
_PINS = {"server": "API server", "caSha256": "certificate authority", "uid": "UID"}
_SHOWN = 12
"""Characters of a digest."""
_UP, _DESTROY = "pulumi up", "pulumi destroy"
_MANIFESTS, _RECIPIENTS = ("flux", "manifests"), ("age", "recipients")


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
            "The cluster is named {} instead of {}. The next {} deletes and recreates every object of the stack", str(new), str(old), _UP
        )
        yield _decision(pair, "cluster", text, ("cluster", "name"), instead=Risk.DELETES)
    pins = {key: pair.fact("cluster", key) for key in _PINS}
    kept = [what for key, what in _PINS.items() if pins[key][1]]
    old, new = pair.fact("cluster", "context")
    if old != new:
        pinned = say("{} refuses a cluster that is not the pinned one", _UP) if kept else say("It may point to a different cluster")
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
            "If that is a different cluster, the next {} installs Flux there, with this stack's passwords and keys; "
            "Flux in the old cluster keeps running, but nothing manages it. Check whose cluster that is"
        )
        text = joined([joined([say("The cluster is now pinned to"), joined(told, " and to ")], " "), say(then, _UP)], ". ")
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
            "Flux goes back from {} to {}. Fields introduced after {} have no effect, and are lost the next time their object is written",
            *versions,
            versions[1],
        )
        if pair.fact("flux", "allowDowngrade")[1] is not True:
            text = joined([text, say("{} refuses this until {} is true", _UP, "gitops:flux.allowDowngrade")], ". ")
        yield _decision(pair, "manifests", text, _MANIFESTS, instead=Risk.MAY_STOP)
    if pair.fact("flux", "allowDowngrade")[0] is not True and pair.fact("flux", "allowDowngrade")[1] is True:
        text = say(
            "{} may install an older Flux than the one in the cluster ({}). Remove that setting after the downgrade", _UP, "allowDowngrade"
        )
        yield _decision(pair, "manifests", text, ("flux", "allowDowngrade"), instead=Risk.SAFEGUARD)


def _of_their_place(pair: Pair) -> Iterator[Decision]:
    old, new = (str(each or "") for each in pair.fact(*_MANIFESTS))
    (place, _, digest), (new_place, _, new_digest) = old.partition("@"), new.partition("@")
    if digest and not new_digest:
        text = say("Flux's manifests are no longer pinned by digest: {}. The next {} installs what that tag is by then", new, _UP)
        yield _decision(pair, "manifests", text, _MANIFESTS, instead=Risk.SAFEGUARD)
    elif digest != new_digest and place == new_place:
        then = "They run with Flux's rights: check who published them"
        words = f"Flux's manifests are pinned to a different digest under the same tag {{}}: {{}} instead of {{}}. {then}"
        text = say(words, place, short(new_digest), short(digest) or "no digest")
        yield _decision(pair, "manifests", text, _MANIFESTS)
    elif _without_tag(place) != _without_tag(new_place) and place and new_place:
        text = say("Flux's manifests come from {} instead of {}", short(new), short(old))
        pinned = "They are pinned to a digest: its publisher decides what runs with Flux's rights. Check who that was"
        others = say(pinned if new_digest else "Anyone who can write there decides what runs with Flux's rights")
        yield _decision(pair, "manifests", joined([text, others], ". "), _MANIFESTS)
    else:
        return
    if os.environ.get(OFFLINE_MANIFESTS):
        words = "What is in Flux's new manifests was not compared: the job that wrote this comment read the directory in {} instead"
        text = joined(
            [
                say(words, OFFLINE_MANIFESTS),
                say("{} ignores that variable and applies the new ones: compare them with the old ones before merging", _UP),
            ],
            ". ",
        )
        yield _decision(pair, "not-shown", text, _MANIFESTS)


def _without_tag(place: str) -> str:
    return place.rpartition(":")[0]


def _of_taking_over(pair: Pair) -> Iterator[Decision]:
    old, new = pair.fact("takeOver")
    come = [each for each in new or () if each not in (old or ())]
    owners = [say("the flux CLI") if each == "flux" else say("{}", text_of(each)) for each in come if each != "unknown"]
    whose = joined([*owners, *([say("an unknown owner")] if "unknown" in come else [])], " or ")
    if come:
        object_of = "If the cluster already has an object with the same name as one of this stack's objects, created by"
        overwrites = joined([say(object_of), whose], " ")
        first = joined([overwrites, say("the next {} overwrites it instead of stopping", _UP)], ", ")
        text = joined([first, say("Whether there are such objects was not checked. From then on, the stack manages them")], ". ")
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
    old, new = pair.fact(*_RECIPIENTS)
    come = named([text_of(each) for each in new or () if each not in (old or ())])
    if come.values:
        whose = "is a new recipient" if len(come.values) == 1 else "are new recipients"
        first = joined([come, say(f"{whose}: check whose key it is")], " ")
        it = "it" if len(come.values) == 1 else "them"
        then = "anyone with the private key can read what is encrypted from then on; older files only once they are re-encrypted"
        after = say(
            f"Nothing is given away now. Once {{}} has {it} ({{}} prints that file), {then}", ".sops.yaml", "pulumi stack output sopsConfig"
        )
        about = ".".join(_RECIPIENTS)
        source = pair.source_of_facts(_RECIPIENTS)
        yield Decision(kind="recipient", says=joined([first, after], ". "), about=(about,), source=source, is_later=True)
