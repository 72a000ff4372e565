"""An object that another Kustomization applies already is none that comes: tests/e2e/test_generated_repositories_agree.py found these."""

from typing import Any

from tests.gitops.compare.effect_files import APPS, actions, app, kinds, printed, yaml_of
from tests.gitops.compare.synced_builders import FLUX, NOT_INHERITING, Body, config_map, kustomization, kustomize
from tests.gitops.compare.synced_repository import Files, InMemory


def two(a: dict[str, Body], b: dict[str, Body], *, missing: bool = False, **spec: Any) -> Files:
    """Kustomizations `a` and `b`, each with its objects."""
    files = dict(app(**{f"ks_{name}": kustomization(name, "", NOT_INHERITING, path=f"./{APPS}/{name}", **spec) for name in "ab"}))
    for name, objects in (("a", a), ("b", b)):
        more = ["missing.yaml"] if missing and name == "a" else []
        files[f"{APPS}/{name}/kustomization.yaml"] = yaml_of(kustomize(*(f"{each}.yaml" for each in objects), *more))
        files |= {f"{APPS}/{name}/{each}.yaml": yaml_of(body) for each, body in objects.items()}
    return files


STAYS, IT = config_map("stays"), config_map("it")
BEFORE = two({"stays": STAYS, "it": IT}, {})


def test_what_moves_from_one_that_fails_is_taken_over(memory: InMemory) -> None:
    found = memory.compared(BEFORE, two({"stays": STAYS}, {"it": IT}, missing=True))
    assert actions(found) == {"ConfigMap agreement/it": "moved"}
    assert "> ConfigMap agreement/it  moves from Kustomization a (" in printed(found)
    assert kinds(found) == ["build-fails"]


def test_what_two_apply_is_taken_from_the_first(memory: InMemory) -> None:
    found = memory.compared(BEFORE, two({"stays": STAYS, "it": IT}, {"it": config_map("it", answer="43")}))
    assert actions(found) == {"ConfigMap agreement/it": "moved"}
    assert "is taken from Kustomization a, which applies it, too; data.answer 42 → 43 (" in printed(found)
    assert kinds(found) == []


def test_what_is_applied_only_if_it_is_not_there_is_gone_after_a_move(memory: InMemory) -> None:
    once = config_map("it", annotations={f"{FLUX}/ssa": "IfNotPresent"})
    everything = {"stays": STAYS, "it": once}
    found = memory.compared(two(everything, {}), two({"stays": STAYS}, {"it": once}))
    assert actions(found) == {"ConfigMap agreement/it": "moved"}
    told = "a may delete it after the other has left it alone (ssa: IfNotPresent), and that one recreates it only at"
    assert told in printed(found)
    found = memory.compared(two(everything, {}, prune=False), two({"stays": STAYS}, {"it": once}, prune=False))
    assert (actions(found), kinds(found)) == ({}, []), "the first one does not delete it, and the second does not touch it"
