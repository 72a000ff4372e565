"""What a destruction removes and keeps, told from the cluster."""

from dataclasses import replace

from gitops.destroy.confirmation import Consent, notes, refusal
from gitops.destroy.effects import effects_of
from tests.gitops.destroy.samples import RUNNING, applied_by, flux_object, is_own, things

RELEASE = flux_object("HelmRelease", "web", namespace="apps")
CHILD = flux_object("Kustomization", "child", *things(2), RELEASE.reference)
ROOT = flux_object("Kustomization", "root", *things(3), CHILD.reference, own=True)
SOURCE = flux_object("GitRepository", "fleet", own=True)
ALL = [ROOT, SOURCE, applied_by(CHILD, ROOT), applied_by(RELEASE, CHILD)]


def said(**changes: str | None) -> Consent:
    values = {
        "stack": "dev",
        "cluster": "homelab",
        "environment": "production",
        "on_destroy": "removeWorkloads",
        "remove_workloads_of": None,
    }
    return Consent(**{**values, **changes})  # type: ignore[arg-type]


def test_what_kustomizations_applied_goes_with_them_at_any_depth_and_is_counted_once() -> None:
    effects = effects_of(ALL, is_own, RUNNING)

    assert [each.found.reference.name for each in effects.appliers] == ["root", "child", "web"]
    assert (effects.removed, effects.releases, effects.kept, effects.kept_releases) == (5, 1, 0, 0)
    assert effects.strangers == ()
    assert {each.reference.name for each in effects.from_git} == {"child", "web"}


def test_a_child_that_its_parent_does_not_prune_keeps_what_it_applied() -> None:
    child = applied_by(replace(CHILD, is_left=True), ROOT)

    effects = effects_of([ROOT, SOURCE, child, applied_by(RELEASE, CHILD)], is_own, RUNNING)

    assert [(each.found.reference.name, each.removes) for each in effects.appliers] == [("root", True), ("child", False), ("web", False)]
    assert (effects.removed, effects.releases, effects.kept, effects.kept_releases) == (3, 0, 2, 1)
    assert {each.reference.name for each in effects.spared(effects.from_git)} == {"child", "web"}


def test_what_a_chart_brought_is_known_by_its_label() -> None:
    labels = {"helm.toolkit.fluxcd.io/name": "web", "helm.toolkit.fluxcd.io/namespace": "apps"}
    brought = flux_object("Kustomization", "brought", *things(4), labels=labels)

    effects = effects_of([*ALL, brought], is_own, RUNNING)

    assert (effects.removed, effects.appliers[-1].parent) == (9, RELEASE.reference)


def test_a_kustomization_that_orphans_keeps_everything_below_it() -> None:
    root = flux_object("Kustomization", "root", *ROOT.applied, own=True, removes=False)

    effects = effects_of([root, SOURCE, applied_by(CHILD, root), applied_by(RELEASE, CHILD)], is_own, RUNNING)

    assert (effects.removed, effects.releases, effects.kept, effects.kept_releases) == (0, 0, 5, 1)
    assert not [each for each in effects.appliers if each.removes]


def test_as_much_is_kept_as_would_be_removed() -> None:
    effects = effects_of(ALL, is_own, RUNNING)
    kept = effects.keeping_workloads()

    assert (kept.kept, kept.kept_releases) == (effects.removed, effects.releases) == (5, 1)
    assert (kept.removed, kept.releases) == (0, 0)


def test_without_its_controller_nothing_is_removed_and_that_is_told() -> None:
    effects = effects_of(ALL, is_own, frozenset({"source-controller"}))

    assert not effects.removes_workloads
    assert effects.kept == 5
    (told,) = notes(effects, said(), keep=False)
    assert "The controllers of Kustomization root do not run: what these applied stays" in told


def test_a_flux_object_of_nobody_here_is_a_stranger_and_a_chart_of_a_release_is_not() -> None:
    chart = flux_object("HelmChart", "apps-web")
    other = flux_object("GitRepository", "of-another-team")

    assert effects_of([*ALL, chart, other], is_own, RUNNING).strangers == (other,)


def test_what_an_interrupted_run_left_of_git_is_no_strangers() -> None:
    """Its parent is gone already, and only the state still knows that it was the stack's: else CRDs and namespace would stay."""
    left = [each for each in ALL if each.reference != ROOT.reference]

    effects = effects_of(left, is_own, RUNNING, {ROOT.reference})

    assert effects.strangers == ()
    assert {each.reference.name for each in effects.from_git} == {"child", "web"}
    assert [each.reference.name for each in effects_of(left, is_own, RUNNING).strangers] == ["child", "web"]


def test_production_wants_the_name_of_the_cluster_before_workloads_go() -> None:
    effects = effects_of(ALL, is_own, RUNNING)

    refused = refusal(effects, said())
    assert refused is not None
    assert "removes the workloads of a production cluster" in refused.wrong
    assert "5 objects that Flux applied and 1 Helm release would be removed" in refused.consequence
    assert "--yes-remove-workloads-of homelab" in refused.fix
    assert refusal(effects, said(remove_workloads_of="homelab")) is None
    wrong = refusal(effects, said(remove_workloads_of="attic"))
    assert wrong is not None
    assert "does not name the cluster of stack dev, homelab" in wrong.wrong
    assert refusal(effects.keeping_workloads(), said()) is None
    assert refusal(effects, said(environment="development")) is None
    assert refusal(effects, said(environment=None)) is not None, "a stack file that is gone allows nothing"


def test_a_stack_file_that_says_otherwise_is_told_in_both_directions() -> None:
    removing = effects_of(ALL, is_own, RUNNING)
    refused = refusal(removing, said(environment="development", on_destroy="keepWorkloads"))
    assert refused is not None
    assert "says onDestroy: keepWorkloads, and the last `pulumi up` set removeWorkloads" in refused.wrong

    keeping = effects_of([flux_object("Kustomization", "root", *things(3), own=True, removes=False)], is_own, RUNNING)
    (told,) = notes(keeping, said(), keep=False)
    assert "says onDestroy: removeWorkloads, and the last `pulumi up` set keepWorkloads: they stay" in told
    assert not [*notes(keeping, said(), keep=True)], "it was asked for"
