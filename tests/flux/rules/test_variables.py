"""Variables that a Kustomization substitutes."""

from typing import Any

import pytest

from tests.flux.rules.plans import found, git, ks, said


def build(*names: str, **substitute: str) -> dict[str, Any]:
    kinds = {"s": "Secret", "c": "ConfigMap"}
    return {"substituteFrom": [{"kind": kinds[name[0]], "name": name} for name in names], "substitute": substitute}


def test_what_the_stack_makes_is_there() -> None:
    bodies = [git(), ks(postBuild=build("c-stack-vars", "s-made"))]
    assert said(*bodies, config_maps=frozenset({"c-stack-vars"}), secrets={"s-made": frozenset()}) == []


def test_variables_that_only_the_own_path_can_bring_never_start_an_empty_cluster() -> None:
    bodies = [git(), ks("vars"), ks(postBuild=build("c-stack-vars", "c-settings", "s-secrets"))]
    after = (
        "which neither this stack nor a dependency provides. On an empty cluster, the build would fail before Flux applies anything. "
        "Name the Kustomization that provides it in dependsOn, or write optional: true."
    )
    assert said(*bodies, config_maps=frozenset({"c-stack-vars"})) == [
        f'Kustomization/flux-system/apps spec.postBuild.substituteFrom[1]: names ConfigMap "c-settings", {after}',
        f'Kustomization/flux-system/apps spec.postBuild.substituteFrom[2]: names Secret "s-secrets", {after}',
    ]


def test_a_name_that_is_nearly_one_that_the_stack_makes_was_probably_meant() -> None:
    made: dict[str, Any] = {"config_maps": frozenset({"c-stack-vars"}), "secrets": {"s-git-login": frozenset()}}
    findings = found(git(), ks(postBuild=build("c-stack-var", "s-git-logins", "s-stack-vars", "c-settings")), **made)
    assert [finding.message.fix.partition(" the Kust")[0] for finding in findings] == [
        "Write c-stack-vars, which this stack creates, or name",
        "Write s-git-login, which this stack creates, or name",
        "Name",
        "Name",
    ]
    elsewhere = [git(namespace="team"), ks(namespace="team", postBuild=build("c-stack-var"))]
    assert "which this stack makes" not in said(*elsewhere, **made)[0]


def test_a_kustomization_that_it_waits_for_could_bring_them() -> None:
    assert said(git(), ks("vars"), ks(dependsOn=[{"name": "vars"}], postBuild=build("c-settings"))) == []


def test_also_one_further_along_the_chain_but_not_one_that_applies_elsewhere() -> None:
    far: dict[str, Any] = {"kubeConfig": {"secretRef": {"name": "east"}}}
    chain = [git(), ks("between", dependsOn=[{"name": "vars"}], **far), ks(dependsOn=[{"name": "between"}], postBuild=build("c-settings"))]
    assert said(ks("vars"), *chain) == []
    assert len(said(ks("vars", **far), *chain)) == 1


@pytest.mark.parametrize(
    "unclear",
    ["vars", ["vars"], {"name": "vars"}, [{"nam": "vars"}], [{"name": "vars"}, 5], [{"kind": "HelmRelease", "name": "vars"}]],
    ids=str,
)
def test_what_a_kustomization_waits_for_in_the_wrong_words_could_bring_them_too(unclear: Any) -> None:
    itself = found(git(), ks(dependsOn=unclear, postBuild=build("c-settings")))
    far: dict[str, Any] = {"kubeConfig": {"secretRef": {"name": "east"}}}
    between = ks("between", dependsOn=unclear, **far)
    through_another = found(git(), between, ks(dependsOn=[{"name": "between"}], postBuild=build("c-settings")))

    assert not [each for each in [*itself, *through_another] if "postBuild" in each.path]


def test_an_empty_list_of_dependencies_brings_nothing() -> None:
    assert len(said(git(), ks(dependsOn=[], postBuild=build("c-settings")))) == 1


def test_also_one_that_lives_in_git() -> None:
    bodies = [git(), ks(dependsOn=[{"name": "vars"}], postBuild=build("c-settings"))]
    assert said(*bodies, external_kustomizations=frozenset({"vars"})) == []


def test_waiting_for_itself_brings_nothing() -> None:
    sentences = said(git(), ks(dependsOn=[{"name": "apps"}], postBuild=build("c-settings")))
    assert [sentence.split(" ")[1] for sentence in sentences] == ["spec.dependsOn[0]:", "spec.postBuild.substituteFrom[0]:"]


def test_the_stacks_variables_are_in_its_own_namespace() -> None:
    there = [git(namespace="team"), ks(namespace="team", postBuild=build("c-stack-vars"))]
    assert len(said(*there, config_maps=frozenset({"c-stack-vars"}))) == 1


def test_what_is_optional_may_be_missing() -> None:
    assert said(git(), ks(postBuild={"substituteFrom": [{"kind": "ConfigMap", "name": "later", "optional": True}]})) == []


def test_the_name_of_a_variable_is_one_that_a_shell_would_take() -> None:
    assert said(git(), ks(postBuild=build(CLUSTER_NAME="x", _a1="y"))) == []
    assert said(git(), ks(postBuild=build(**{"cluster-name": "x", "2nd": "y"}))) == [
        'Kustomization/flux-system/apps spec.postBuild.substitute.cluster-name: "cluster-name" is not a valid name for a variable. '
        "Flux would refuse to build the Kustomization. Write cluster_name.",
        'Kustomization/flux-system/apps spec.postBuild.substitute.2nd: "2nd" is not a valid name for a variable. Flux would refuse '
        "to build the Kustomization. Write _2nd.",
    ]


def test_a_secret_in_place_of_a_variables_name_is_not_repeated() -> None:
    secret = "AGE-SECRET-KEY-1" + "Q" * 20
    (sentence,) = said(git(), ks(postBuild=build(**{secret: "x"})))
    assert secret not in sentence.split(": ", 1)[1]
    assert sentence.endswith(
        "this value (not shown: it could be a secret) is not a valid name for a variable. Flux would refuse to build the "
        "Kustomization. Use letters, digits and underscores."
    )


def test_the_config_map_of_the_stacks_own_variables_is_made_by_declaring_them() -> None:
    fixes = [
        finding.message.fix for finding in found(git(), ks(postBuild={"substituteFrom": [{"kind": "ConfigMap", "name": "stack-vars"}]}))
    ]
    assert fixes == ["Declare gitops:variables in the stack file: the stack then creates it."]
    of_secret = found(git(), ks(postBuild={"substituteFrom": [{"kind": "Secret", "name": "stack-vars"}]}))
    in_another: dict[str, Any] = {"postBuild": {"substituteFrom": [{"kind": "ConfigMap", "name": "stack-vars"}]}}
    elsewhere = found(git(namespace="team"), ks(namespace="team", **in_another))
    assert [finding.message.fix.partition(" the Kust")[0] for finding in (*of_secret, *elsewhere)] == ["Name", "Name"]
