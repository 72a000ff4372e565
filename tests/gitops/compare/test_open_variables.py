"""Variables that only what nobody read here could define: tests/e2e/test_generated_repositories_agree.py found them."""

from gitops.compare.json_document import document
from tests.gitops.compare.effect_files import APPS, actions, app, kinds, printed, yaml_of
from tests.gitops.compare.synced_builders import NOT_INHERITING, config_map, kustomization
from tests.gitops.compare.synced_repository import Files, InMemory

ELSEWHERE = {"kind": "ConfigMap", "name": "made-by-others", "optional": True}


def with_values(first: str, second: str = "b", *, inline: str = "", other: str = "same") -> Files:
    """Two Kustomizations, of which the second waits for the first."""
    after = {"substituteFrom": [ELSEWHERE], "substitute": {"WHERE": "here", **({"WHO": inline} if inline else {})}}
    one = kustomization("first", "", NOT_INHERITING, path=f"./{APPS}/first", postBuild=after)
    two = kustomization("second", "", NOT_INHERITING, path=f"./{APPS}/second", dependsOn=[{"name": "first"}])
    return {
        **app(one=one, two=two),
        f"{APPS}/first/it.yaml": yaml_of(config_map("first", who=first)),
        f"{APPS}/first/other.yaml": yaml_of(config_map("other", who=other)),
        f"{APPS}/second/it.yaml": yaml_of(config_map("second", who=second)),
    }


def test_a_variable_that_is_needed_anew_and_not_defined_here_may_keep_all_from_being_applied(memory: InMemory) -> None:
    before, after = with_values("plain"), with_values("${WHO}", "c")
    found = memory.compared(before, after)

    assert actions(found) == {"ConfigMap agreement/first": "changed", "ConfigMap agreement/second": "changed"}
    assert not any(each["certain"] for each in document(found, 0)["changes"]), "the second waits for the first"
    told = (
        "! can stop updates: Kustomization first now needs ${WHO} from elsewhere: unless ConfigMap/flux-system/made-by-others defines it "
    )
    assert f"{told}in the cluster, Flux applies none of it.\n" in printed(found)
    assert kinds(found) == ["not-shown"]


def test_a_variable_that_was_needed_before_is_defined_and_one_with_a_default_is_not_needed(memory: InMemory) -> None:
    for before, after in (
        (with_values("${WHO}"), with_values("${WHO}!")),
        (with_values("plain"), with_values("${WHO:=nobody}")),
        (with_values("${WHO}", other="a"), with_values("${WHO}", other="${WHO}")),
    ):
        found = memory.compared(before, after)
        assert all(each["certain"] for each in document(found, 0)["changes"])
        assert (kinds(found), len(found.changes)) == ([], 1)


def test_a_variable_that_goes_from_the_kustomization_is_needed_from_elsewhere(memory: InMemory) -> None:
    found = memory.compared(with_values("${WHO}", inline="me"), with_values("${WHO}"))
    assert [each["certain"] for each in document(found, 0)["changes"]] == [True, False], "the Kustomization itself is applied"
