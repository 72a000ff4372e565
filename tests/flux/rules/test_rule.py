"""What a rule is: where it looks, where it holds, and one function for the stack and for Git."""

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import replace

import pytest

import flux.rules as package
from flux.any_shape import text
from flux.finding import GIT, STACK, STACK_AND_GIT, Finding, Where
from flux.requirement import EVERYWHERE, Environment
from flux.rules import MODULES, PlannedObjects, check
from flux.rules.plan import Plan
from flux.rules.rule import Rule, rule, rules_in
from tests.flux.rules.plans import git, ks, planned, release


@rule(looks_at=STACK_AND_GIT, environments=("production",))
def every_helm_release_has_a_timeout(plan: Plan) -> Iterator[Finding]:
    """Every HelmRelease has a timeout.

    Without one, a release that hangs holds up those that wait for it for five minutes each time.
    """
    for item in plan.of_kind("HelmRelease"):
        if not text(item.spec, "timeout"):
            yield item.wrong(("spec", "timeout"), "is required but missing", "Flux would wait for five minutes.", "Write timeout: 2m.")


FROM_BOTH = planned(
    release("by-pulumi"), release("fine", timeout="1m"), from_git=[release("by-git", namespace="web")], environment="production"
)


def told(plan: PlannedObjects, asked: Rule[Plan] = every_helm_release_has_a_timeout) -> list[str]:
    return [f"{finding.where}: {finding.object} {finding.dotted} ({finding.rule})" for finding in check(plan, [asked])]


def test_one_function_judges_the_stack_and_git_alike() -> None:
    assert told(FROM_BOTH) == [
        "stack: HelmRelease/flux-system/by-pulumi spec.timeout (every-helm-release-has-a-timeout)",
        "Git: HelmRelease/web/by-git spec.timeout (every-helm-release-has-a-timeout)",
    ]


@pytest.mark.parametrize("environment", ["staging", "development"])
def test_a_rule_holds_only_in_its_environments(environment: Environment) -> None:
    assert told(replace(FROM_BOTH, environment=environment)) == []


@pytest.mark.parametrize(("looks_at", "names"), [(STACK, ["by-pulumi"]), (GIT, ["by-git"]), (STACK_AND_GIT, ["by-pulumi", "by-git"])])
def test_what_a_rule_finds_where_it_does_not_look_is_not_told(looks_at: Where, names: list[str]) -> None:
    found = check(FROM_BOTH, [replace(every_helm_release_has_a_timeout, looks_at=looks_at)])

    assert [finding.object.name for finding in found if finding.object] == names


def test_a_rule_is_called_and_explained_as_its_function_is() -> None:
    made = every_helm_release_has_a_timeout

    assert (made.name, made.summary) == ("every-helm-release-has-a-timeout", "Every HelmRelease has a timeout.")
    assert made.reason == "Without one, a release that hangs holds up those that wait for it for five minutes each time."
    assert (str(made.looks_at), made.environments) == ("stack and Git", ("production",))


def test_rules_see_objects_of_the_stack_and_of_git_in_one_plan() -> None:
    alone = check(planned(from_git=[ks()]))
    together = check(planned(git(), from_git=[ks()]))

    assert [finding.message.wrong for finding in alone] == ['names GitRepository "homelab", which is not in this stack or its repositories']
    assert together == []


def test_an_object_of_git_that_is_one_of_the_stack_is_not_declared_twice_in_the_stack() -> None:
    assert check(planned(git(), from_git=[git()])) == []


def test_every_module_that_makes_rules_is_asked() -> None:
    every = [importlib.import_module(f"flux.rules.{each.name}") for each in pkgutil.iter_modules(package.__path__)]

    assert {module.__name__ for module in every if rules_in(module)} == {module.__name__ for module in MODULES}
    assert all(each.environments == EVERYWHERE or each.environments for module in MODULES for each in rules_in(module))
