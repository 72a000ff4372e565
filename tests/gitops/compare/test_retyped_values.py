"""Variables that become a number or a boolean where only text is allowed, as YAML 1.1 reads them and the API server then answers."""

from collections.abc import Iterable

from tests.gitops.compare.effect_files import APPS, app, kinds, printed, yaml_of
from tests.gitops.compare.synced_builders import NOT_INHERITING, Body, config_map, deployment, kustomization
from tests.gitops.compare.synced_repository import Files, InMemory

REFUSED = ("5", ".5", "1.5", "0x1f", "1_000", "y", "yes", "on", "true", "012")
TAKEN = ("amber", "null", "~", "2026-01-01", "1:30", "5 apples", "'q'", "v5")


IT = config_map("it", one="${N}")


def with_values(values: Iterable[str], *bodies: Body) -> Files:
    """One path, and a Kustomization for each value of `N`."""
    flux = {
        f"ks{number}": kustomization(f"it{number}", "", NOT_INHERITING, path=f"./{APPS}/it", postBuild={"substitute": {"N": value}})
        for number, value in enumerate(values)
    }
    return {**app(**flux), f"{APPS}/it/it.yaml": yaml_of(*bodies)}


def test_of_a_value_that_stands_alone_only_text_is_taken(memory: InMemory) -> None:
    found = memory.compared(with_values(["word"] * len(REFUSED + TAKEN), IT), with_values(REFUSED + TAKEN, IT))
    failing = {f"Kustomization it{number} can no longer be applied" for number in range(len(REFUSED))}
    out = printed(found)
    assert kinds(found) == ["build-fails"] * len(REFUSED), out
    assert all(each in out for each in failing)


def test_a_label_and_an_environment_are_text_and_the_number_of_replicas_is_none(memory: InMemory) -> None:
    scaled = deployment("scaled")
    scaled["spec"]["replicas"] = "${N}"
    cases: tuple[tuple[Body, list[str]], ...] = (
        (config_map("it", labels={"n": "${N}"}), ["build-fails"]),
        (deployment("it", env=[{"name": "N", "value": "${N}"}]), ["build-fails"]),
        (config_map("it", one="is: ${N}", two="${N} in text"), []),
        (scaled, []),
    )
    for body, told in cases:
        found = memory.compared(with_values("0", config_map("other")), with_values("5", config_map("other"), body))
        assert kinds(found) == told, body
    told_of_it = "it.yaml:1: ConfigMap/agreement/it has data.one: ${N}, which becomes 5: a number or a boolean, where only text is allowed"
    assert told_of_it in printed(memory.compared(with_values("a", IT), with_values("5", IT)))
