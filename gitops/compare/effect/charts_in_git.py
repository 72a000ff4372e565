"""Charts that lie in a synced repository: their files change, and no HelmRelease does.

helm-controller upgrades when the version in Chart.yaml changes, or with `reconcileStrategy: Revision` at every change
(https://fluxcd.io/flux/components/source/helmcharts/#reconcile-strategy).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from gitops.check.repository.documents import mapping, text
from gitops.check.repository.tree import Tree, joined
from gitops.compare.effect.applied_objects import AppliedObject
from gitops.compare.effect.effect_changes import HELM_GROUP, object_name, shown_owner
from gitops.compare.effect.live_world import LiveWorld
from gitops.compare.effect.planned_releases import generation_of
from gitops.compare.found_changes import Action, Change, ObjectDiff
from gitops.compare.object_changes import shown_id
from gitops.compare.sentence import Sentence, say
from gitops.compare.sentence import joined as in_one
from gitops.rendered.stack_view import ObjectId


def changes_of_charts(before: LiveWorld, after: LiveWorld, told: Mapping[ObjectId, Sentence]) -> Iterator[Change]:
    """One for each HelmRelease whose chart changes. `told`: what is shown of its objects."""
    for owner, each in after.applied.items():
        for which, item in each.objects.items():
            if which[:2] != (HELM_GROUP, "HelmRelease") or owner not in before.applied or which not in before.applied[owner].objects:
                continue
            chart = mapping(item.body, "spec", "chart", "spec")
            source = text(chart, "sourceRef", "name") if text(chart, "sourceRef", "kind") == "GitRepository" else ""
            old, new = before.world.artifacts.get(source), after.world.artifacts.get(source)
            path = joined("", text(chart, "chart"))
            was = before.applied[owner].objects[which]
            is_anew = generation_of(was) != generation_of(item)
            if old is None or new is None or not (changed := _changed_files(old, new, path)):
                continue
            yield Change(
                kind="HelmRelease",
                action=Action.CHANGED,
                noun="HelmRelease",
                names=(object_name(which),),
                what=in_one(
                    [
                        say("its chart {} changes ({})", path, _counted(changed)),
                        *_effect(old, new, path, chart, is_anew=is_anew),
                        *([told[which]] if which in told else []),
                    ]
                ),
                source=say("{}", _place(item)),
                diffs=(ObjectDiff(name=shown_id(which), fields=()),),
                kustomization=shown_owner(owner),
            )


def _changed_files(old: Tree, new: Tree, path: str) -> int:
    there, here = set(old.below(path)), set(new.below(path))
    return len(there ^ here) + sum(old.content(file) != new.content(file) for file in there & here)


def _counted(files: int) -> str:
    return "1 file" if files == 1 else f"{files} files"


def _effect(old: Tree, new: Tree, path: str, chart: Mapping[str, Any], *, is_anew: bool) -> Iterator[Any]:
    before, now = (_said(tree, path, "version") for tree in (old, new))
    if before != now:
        yield say("version {} → {}", before or "none", now or "none")
    elif is_anew:
        yield say("its version stays {}, but another spec with valuesFiles repackages it", now or "none")
    elif _said(old, path, "name") != _said(new, path, "name"):
        return
    elif text(chart, "reconcileStrategy") != "Revision":
        yield say("its version stays {}, so Flux upgrades nothing (reconcileStrategy: ChartVersion)", now or "none")


def _said(tree: Tree, path: str, key: str) -> str:
    file = joined(path, "Chart.yaml")
    documents = tree.documents(file) if file in tree.shipped else None
    return str(mapping(documents[0].value).get(key) or "") if documents else ""


def _place(item: AppliedObject) -> str:
    return f"{item.file}:{item.line}" if item.line else item.file
