"""Effects in words."""

from collections.abc import Iterable, Iterator

from flux.object_reference import FLUX_NAMESPACE
from gitops.check.repository.documents import mapping
from gitops.compare.effect.applied_objects import AppliedObject, Owner
from gitops.compare.effect.object_effects import BOTH, Effect
from gitops.compare.found_changes import Action, Change, ObjectDiff
from gitops.compare.object_changes import shown_id, what_of_fields
from gitops.compare.sentence import NOWHERE, Sentence, joined, say
from gitops.rendered.stack_view import ObjectId

HELM_GROUP = "helm.toolkit.fluxcd.io"
_PERHAPS = {
    Action.ADDED: "may come",
    Action.CHANGED: "may change",
    Action.REMOVED: "may be deleted",
    Action.ORPHANED: "may stay in the cluster, without an owner",
    Action.MOVED: "may move to this Kustomization",
    Action.RECREATED: "may be recreated",
}
"""Where it depends on what Flux does first."""


def changes_of_effects(effects: Iterable[Effect], repository: str) -> Iterator[Change]:
    """One for each. A file is called as in `repository`; of another one, with its name."""
    for each in effects:
        yield Change(
            kind=each.which[1],
            action=each.action,
            noun=each.which[1],
            names=(object_name(each.which),),
            what=_what(each),
            source=_source(each, _place(each.written, repository)),
            diffs=(ObjectDiff(name=shown_id(each.which), fields=each.fields),),
            kustomization=shown_owner(each.owner),
            is_certain=each.is_certain,
            release=each.release,
        )


def shown_owner(owner: Owner) -> str:
    """`cluster-apps`, `media/app`."""
    namespace, name = owner
    return name if namespace == FLUX_NAMESPACE else f"{namespace}/{name}"


def object_name(which: ObjectId) -> str:
    """With its namespace, if it has one."""
    _, _, namespace, name = which
    return f"{namespace}/{name}" if namespace else name


def _what(each: Effect) -> Sentence:
    if not each.is_certain:
        return joined([say(_PERHAPS[each.action]), *([what_of_fields(each.fields)] if each.fields else [])], "; ")
    if each.action is Action.ADDED:
        return joined([say("is new"), *_chart(each)], "; ")
    if each.action is Action.REMOVED:
        is_release = each.which[:2] == (HELM_GROUP, "HelmRelease") and not (each.before and _is_suspended(each.before))
        return joined([say("is deleted, and its release is uninstalled" if is_release else "is deleted"), *_chart(each)])
    if each.action is Action.ORPHANED:
        return say("stays in the cluster, without an owner ({})", each.why)
    changed = [what_of_fields(each.fields)] if each.fields else []
    if each.action is Action.RECREATED:
        return joined([say("is recreated"), *changed], "; ")
    if each.action is Action.MOVED and each.moved_from:
        how = "is taken from Kustomization {}, which applies it, too" if each.order == BOTH else "moves from Kustomization {}"
        return joined([say(how, shown_owner(each.moved_from)), *changed, *_chart(each)], "; ")
    return joined([*changed, *_chart(each)], "; ")


def _is_suspended(release: AppliedObject) -> bool:
    """helm-controller then uninstalls nothing."""
    return mapping(dict(release.body), "spec").get("suspend") is True


def _chart(each: Effect) -> list[Sentence]:
    return [each.chart] if each.chart != NOWHERE else []


def file_of(each: Effect) -> Sentence:
    """In which file the object is, or was."""
    return _source(each, each.written.file)


def _source(each: Effect, place: str) -> Sentence:
    is_gone = each.after is None and each.written is each.before and not each.release
    return say("{} before this change" if is_gone else "{}", place)


def _place(item: AppliedObject, repository: str) -> str:
    shown = f"{item.file}{f':{item.line}' if item.line else ''}" or item.repository
    return shown if item.repository == repository else f"{item.repository}: {shown}"
