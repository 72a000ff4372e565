"""The environment, the cluster, and whom the stack trusts."""

from collections.abc import Iterator

from gitops.compare.found_changes import Decision
from gitops.compare.sentence import Sentence, joined, say
from gitops.compare.stack_pair import Pair
from gitops.compare.value_text import text_of

_STRICTER = {"development": 0, "staging": 1, "production": 1}
_KINDS = {"takeOver": "take-over", "onDestroy": "on-destroy", "age": "recipient", "flux": "manifests"}
_PINS = {"server": "API server", "caSha256": "certificate authority", "uid": "UID"}
_ELSEWHERE = "if that is another cluster, pulumi up will work on it, and the old one is left as it is"


def decisions_of_the_stack(pair: Pair) -> Iterator[Decision]:
    """Value by value."""
    for path, text in _sentences(pair):
        yield Decision(kind=_KINDS.get(path[0], path[0]), text=text, about=".".join(path), source=pair.source_of_fact(*path))


def _sentences(pair: Pair) -> Iterator[tuple[tuple[str, ...], Sentence]]:
    old, new = pair.fact("environment")
    if old != new:
        weaker = _STRICTER.get(str(new), 0) < _STRICTER.get(str(old), 0)
        then = "the checks that refuse insecure settings no longer apply" if weaker else "other checks apply"
        yield ("environment",), say(f"The environment changes from {{}} to {{}}: {then}", str(old), str(new))
    old, new = pair.fact("cluster", "name")
    if old != new:
        yield ("cluster", "name"), say("The cluster is called {} instead of {}: Pulumi replaces every object", str(new), str(old))
    old, new = pair.fact("cluster", "context")
    if old != new:
        yield (
            ("cluster", "context"),
            say("The kubeconfig's context is {} instead of {}: it may lead to another cluster", str(new), str(old)),
        )
    for key, what in _PINS.items():
        old, new = pair.fact("cluster", key)
        if old and not new:
            yield (
                ("cluster", key),
                say(f"The cluster is no longer pinned by its {what}: pulumi up changes whatever cluster the kubeconfig leads to"),
            )
        elif old and old != new:
            text = say(f"The cluster is pinned to another {what}: {{}} instead of {{}}; {_ELSEWHERE}", str(new), str(old))
            yield ("cluster", key), text
    old, new = pair.fact("flux", "verify")
    if old and old != new:
        what = "is no longer verified" if not new else "is verified otherwise"
        yield ("flux", "verify"), say(f"The signature of Flux's manifests {what}")
    yield from _manifests(pair)
    if pair.fact("flux", "allowDowngrade")[0] is not True and pair.fact("flux", "allowDowngrade")[1] is True:
        yield ("flux", "allowDowngrade"), say("pulumi up is now allowed to install an older Flux than the one in the cluster")
    old, new = pair.fact("takeOver")
    for owner in [each for each in new or () if each not in (old or ())]:
        whose = say("whose owner is not known") if owner == "unknown" else say("that belong to {}", text_of(owner))
        yield ("takeOver",), joined([say("The stack takes over existing objects"), whose], " ")
    old, new = pair.fact("onDestroy")
    if old != new:
        then = "pulumi destroy removes what Flux applied" if new == "removeWorkloads" else "pulumi destroy keeps what Flux applied"
        yield ("onDestroy",), say(f"onDestroy changes from {{}} to {{}}: {then}", str(old), str(new))
    old, new = pair.fact("age", "recipients")
    words = "New recipient {} can decrypt what is encrypted for this stack from the merge on: check whose key it is"
    for person in [each for each in new or () if each not in (old or ())]:
        yield ("age", "recipients"), say(words, text_of(person))


def _manifests(pair: Pair) -> Iterator[tuple[tuple[str, ...], Sentence]]:
    path = ("flux", "manifests")
    old, new = (str(each or "") for each in pair.fact(*path))
    (place, _, digest), (new_place, _, new_digest) = old.partition("@"), new.partition("@")
    if digest and not new_digest:
        yield path, say("Flux's manifests are no longer pinned by digest: {}", new)
    elif digest != new_digest and place == new_place:
        yield path, say("The digest of Flux's manifests changes, and {} stays: other content under the same version", place)
    elif place.rpartition(":")[0] != new_place.rpartition(":")[0] and place and new_place:
        then = "who can write there decides what runs with Flux's rights"
        yield path, say(f"Flux's manifests come from {{}} instead of {{}}: {then}", new_place, place)
    versions = [tuple(int(part) for part in each.removeprefix("v").split(".") if part.isdigit()) for each in _versions(pair)]
    if versions[1] < versions[0]:
        yield path, say("Flux goes back from {} to {}: objects that a newer CRD stored may be lost", *_versions(pair))


def _versions(pair: Pair) -> tuple[str, str]:
    return pair.before.flux_version, pair.after.flux_version
