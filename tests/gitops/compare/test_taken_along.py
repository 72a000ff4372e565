"""What happens to a Kustomization, happens to what it applied: tests/e2e/test_generated_repositories_agree.py found it."""

from typing import Any

import pytest

from gitops.compare.json_document import document
from tests.gitops.compare.effect_files import APPS, actions, app, kinds, printed, yaml_of
from tests.gitops.compare.synced_builders import FLUX, NOT_INHERITING, config_map, kustomization, kustomize
from tests.gitops.compare.synced_repository import Files, InMemory

PARENTS = ("a", "b")


def with_child(parent: str, *, needs: tuple[str, str] | None = None, **child: Any) -> Files:
    """Two Kustomizations, of which one applies a third."""
    flux = {
        name: kustomization(name, "", NOT_INHERITING, path=f"./{APPS}/{name}", targetNamespace="flux-system", dependsOn=[])
        for name in PARENTS
    }
    if needs:
        flux[needs[0]]["spec"]["dependsOn"] = [{"name": needs[1]}]
    it = {"it.yaml": yaml_of(config_map("it")), "kept.yaml": yaml_of(config_map("kept", annotations={f"{FLUX}/prune": "disabled"}))}
    files = dict(app(**{f"ks_{name}": body for name, body in flux.items()}))
    for name in PARENTS:
        files[f"{APPS}/{name}/kustomization.yaml"] = yaml_of(kustomize(*(["child.yaml"] if name == parent else [])))
        files[f"{APPS}/{name}/child.yaml"] = yaml_of(kustomization("child", "", path=f"./{APPS}/x", targetNamespace="media", **child))
    return {**files, **{f"{APPS}/x/{name}": text for name, text in it.items()}}


@pytest.mark.parametrize(
    ("needs", "becomes", "is_certain"),
    [(None, "recreated", False), (("b", "a"), "recreated", True), (("a", "b"), None, True)],
    ids=["either may be first", "the old parent is first", "the new parent is first"],
)
def test_a_child_that_moves_to_another_parent_takes_its_objects_along(
    needs: tuple[str, str] | None, becomes: str | None, is_certain: bool, memory: InMemory
) -> None:
    found = memory.compared(with_child("a", needs=needs), with_child("b", needs=needs))
    told = {each["object"]: change for change in document(found, 0)["changes"] for each in change["objects"]}
    it = told.get("ConfigMap media/it")

    assert (it["action"] if it else None, it is None or it["certain"]) == (becomes, True if it is None else is_certain)
    assert actions(found)["Kustomization flux-system/child"] == "moved"
    assert "ConfigMap media/kept" not in told, "Flux deletes nothing that must not be pruned"
    assert ("with the object that it applied. To keep it, annotate it with" in printed(found)) is (becomes is not None)


def test_a_child_that_leaves_its_objects_takes_nothing_along(memory: InMemory) -> None:
    before, after = (with_child(parent, deletionPolicy="Orphan") for parent in PARENTS)
    assert set(actions(memory.compared(before, after))) == {"Kustomization flux-system/child"}


def test_a_child_may_get_another_spec_before_its_parent_is_suspended(memory: InMemory) -> None:
    before, after = (with_child("a", namePrefix=prefix) for prefix in ("one-", "two-"))
    suspended = yaml_of(kustomization("a", "", NOT_INHERITING, path=f"./{APPS}/a", targetNamespace="flux-system", suspend=True))
    found = memory.compared(before, {**after, f"{APPS}/ks_a.yaml": suspended})
    told = {each["object"]: (change["action"], change["certain"]) for change in document(found, 0)["changes"] for each in change["objects"]}

    assert told["Kustomization flux-system/a"] == ("changed", True)
    assert told["Kustomization flux-system/child"] == ("changed", False)
    assert told["ConfigMap media/one-it"] == ("removed", False)
    assert told["ConfigMap media/two-it"] == ("added", False)
    assert told["ConfigMap media/one-kept"] == ("orphaned", False)
    assert kinds(found) == ["objects-move", "suspended", "old-spec-first"]
