"""What ends the former ownership: the steps of each origin in order, and by what each is seen to be done."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from flux.prune import PRUNE
from gitops.adopt.adoption import adoption_of
from gitops.adopt.adoption_report import lines
from gitops.adopt.clone_at_hand import clone_at_hand
from gitops.adopt.description import Description
from gitops.adopt.ending import Clone, steps_of
from gitops.adopt.hand_over_step import HandOverStep, StepState, states
from gitops.adopt.other_tools import RECONCILE
from live.access.target import Target, find_target
from live.client.object_metadata import FieldEntry
from live.flux_objects.running_flux import LiveObject, RunningFlux
from live.stored_versions import StoredDefinition
from tests.gitops.adopt.prepared import PREPARED, by_bootstrap, by_cluster_template, by_install, by_operator, instance
from tests.gitops.adopt.test_files_of_every_origin import MARK
from tests.gitops.api_server import write_kubeconfig

READY = Clone(stack="homelab", has_file=True)
SECRETS = "Set the stack's secrets, encrypted"
FILES, UP = "Write the stack file and the catalog", "Let the stack take everything over, in place"
END = "Remove what only the hand-over needed"
PROTECT, OUT_OF_GIT = "Protect what leaves Git from pruning", "Take it out of Git"


@pytest.fixture
def target(tmp_path: Path) -> Target:
    return find_target(write_kubeconfig(tmp_path / "config", "https://192.168.1.10:6443", "admin@homelab"), None)


def titles(steps: Sequence[HandOverStep]) -> list[str]:
    return [step.title.partition(":")[0] for step in steps]


def next_of(running: RunningFlux, target: Target, clone: Clone = READY) -> str | None:
    steps = steps_of(adoption_of(running), clone, MARK, target)
    return next((step.title.partition(":")[0] for step, state in zip(steps, states(steps), strict=True) if state is StepState.NEXT), None)


def changed(running: RunningFlux, change: Callable[[LiveObject], LiveObject]) -> RunningFlux:
    return replace(running, installed=tuple(map(change, running.installed)), objects=tuple(map(change, running.objects)))


def protected(each: LiveObject) -> LiveObject:
    annotations = {**each.metadata.annotations, PRUNE: "disabled"}
    return replace(each, metadata=each.metadata.model_copy(update={"annotations": annotations}))


def without_inventory(each: LiveObject) -> LiveObject:
    return replace(each, body={**each.body, "status": {}})


def taken_over(each: LiveObject) -> LiveObject:
    return replace(each, metadata=each.metadata.model_copy(update={"labels": MARK.labels}))


def unprotected(each: LiveObject) -> LiveObject:
    return replace(each, metadata=each.metadata.model_copy(update={"annotations": {}}))


def test_the_steps_of_every_origin(target: Target) -> None:
    found = {origin: titles(steps_of(adoption_of(made()), READY, MARK, target)) for origin, made in PREPARED.items()}

    terraform = "Remove Flux from Terraform's state, without destroying it"
    assert found == {
        "install": [FILES, SECRETS, UP, END],
        "bootstrap": [FILES, SECRETS, "If Terraform's provider fluxcd/flux ran the bootstrap", PROTECT, OUT_OF_GIT, UP, END],
        "terraform": [FILES, SECRETS, terraform, PROTECT, OUT_OF_GIT, UP, END],
        "cluster-template": [
            FILES,
            SECRETS,
            PROTECT,
            "Let Kustomization flux, which applies Flux, leave everything behind when it is deleted",
            OUT_OF_GIT,
            UP,
            END,
        ],
        "flux-operator": [
            FILES,
            SECRETS,
            "Stop flux-operator from reconciling the FluxInstance",
            "Delete the FluxInstance",
            "Remove flux-operator, which has nothing left to do",
            UP,
            END,
        ],
        "chart": [FILES, SECRETS, "Delete Helm's record of release flux2, without uninstalling it", UP, END],
    }


def test_each_step_of_a_bootstrap_is_seen_to_be_done(target: Target) -> None:
    running = by_bootstrap()
    assert next_of(running, target, Clone(stack="homelab", has_file=False)) == FILES
    assert next_of(running, target, Clone(stack="homelab", has_file=True, missing_secrets=("one",))) == SECRETS
    assert next_of(running, target) == PROTECT
    running = changed(running, protected)
    assert next_of(running, target) == OUT_OF_GIT
    running = changed(running, without_inventory)
    assert next_of(running, target) == UP
    running = changed(running, lambda each: each if each.metadata.name == "apps" else taken_over(each))
    assert next_of(running, target) == END
    running = changed(running, lambda each: each if each.metadata.name == "apps" else unprotected(each))
    assert next_of(running, target, replace(READY, takes_over=True)) == END
    assert next_of(running, target) is None


def test_nothing_leaves_git_before_it_is_protected(target: Target) -> None:
    for made in (by_bootstrap, by_cluster_template):
        for unprotected_one in range(3):
            found = made()
            installed = [each if index == unprotected_one else protected(each) for index, each in enumerate(found.installed)]
            running = replace(found, installed=tuple(installed), objects=tuple(map(protected, found.objects)))
            assert next_of(running, target) == PROTECT


def test_a_dropped_kustomization_is_told_to_orphan_before_it_leaves_git(target: Target) -> None:
    running = changed(by_cluster_template(), protected)
    assert next_of(running, target) == "Let Kustomization flux, which applies Flux, leave everything behind when it is deleted"
    spec = {"deletionPolicy": "Orphan"}
    orphaned = changed(running, lambda each: replace(each, body={**each.body, "spec": {**each.body.get("spec", {}), **spec}}))
    assert next_of(orphaned, target) == OUT_OF_GIT
    step = next(each for each in steps_of(adoption_of(orphaned), READY, MARK, target) if each.title.startswith(OUT_OF_GIT))
    assert all(name in step.title for name in ("Kustomization/flux", "OCIRepository/flux-manifests", "GitRepository/home-kubernetes"))


def test_a_kustomization_that_applies_more_than_flux_is_kept(target: Target) -> None:
    found = by_cluster_template()
    (own,) = (each for each in found.objects if each.metadata.name == "flux")
    entries = [*own.body["status"]["inventory"]["entries"], {"id": "default_workload__ConfigMap", "v": "v1"}]
    more = replace(own, body={**own.body, "status": {"inventory": {"entries": entries}}})
    running = replace(found, objects=tuple(more if each is own else each for each in found.objects))

    assert adoption_of(running).dropped == ()
    steps = steps_of(adoption_of(running), READY, MARK, target)
    assert not [step for step in steps if "leave everything behind" in step.title]
    (of_flux,) = (step for step in steps if step.title.startswith(OUT_OF_GIT) and "objects of Flux itself" in step.title)
    assert of_flux.how[1] == "# remove these from the files below ./ (and from their kustomization.yaml)"


def test_flux_operator_is_stopped_before_its_instance_goes(target: Target) -> None:
    running = by_operator()
    assert next_of(running, target) == "Stop flux-operator from reconciling the FluxInstance"
    (instance,) = running.instances
    stopped = replace(instance, metadata=instance.metadata.model_copy(update={"annotations": {RECONCILE: "disabled"}}))
    running = replace(running, instances=(stopped,))
    assert next_of(running, target) == "Delete the FluxInstance"
    running = replace(running, instances=())
    assert next_of(running, target) == "Remove flux-operator, which has nothing left to do"
    assert next_of(replace(running, releases=()), target) == UP


def test_an_instance_whose_release_is_in_git_is_taken_out_of_git(target: Target) -> None:
    by_git = replace(by_operator(), instances=(instance({"helm.toolkit.fluxcd.io/name": "flux-instance"}),))
    steps = {step.title: step.how for step in steps_of(adoption_of(by_git), READY, MARK, target)}
    (how,) = next(each for title, each in steps.items() if title.startswith("Delete the FluxInstance"))
    assert how == "# in Git, remove the HelmRelease flux-instance and its source; flux-operator only after it is gone"


def test_objects_stored_in_an_old_version_are_migrated_before_anything_else(target: Target) -> None:
    old = StoredDefinition(
        name="kustomizations.kustomize.toolkit.fluxcd.io",
        kind="Kustomization",
        group="kustomize.toolkit.fluxcd.io",
        plural="kustomizations",
        versions=frozenset({"v1beta2", "v1"}),
        storage="v1",
        stored=("v1beta2", "v1"),
    )
    assert next_of(replace(by_install(), definitions=(old,)), target) == "Rewrite the objects that are in an old version"
    assert next_of(replace(by_install(), definitions=(replace(old, stored=("v1",)),)), target) == UP


def test_an_object_whose_managed_fields_name_a_version_that_flux_lacks_is_migrated_too(target: Target) -> None:
    """No apply of it succeeds, `pulumi up`'s neither."""
    group, found = "kustomize.toolkit.fluxcd.io", by_install()
    known = StoredDefinition(
        name=f"kustomizations.{group}",
        kind="Kustomization",
        group=group,
        plural="kustomizations",
        versions=frozenset({"v1"}),
        storage="v1",
        stored=("v1",),
    )
    entry = FieldEntry(manager="kustomize-controller", operation="Apply", api_version=f"{group}/v1beta2", fields_v1={"f:spec": {}})
    objects = tuple(replace(each, metadata=each.metadata.model_copy(update={"managed_fields": [entry]})) for each in found.objects)
    running = replace(found, objects=objects, definitions=(known,))

    step = next(each for each in steps_of(adoption_of(running), READY, MARK, target) if "gitops migrate --stack homelab" in each.how)

    assert step.left == "Kustomization (v1beta2)"
    served = replace(running, definitions=(replace(known, versions=frozenset({"v1", "v1beta2"})),))
    assert not any("gitops migrate" in how for each in steps_of(adoption_of(served), READY, MARK, target) for how in each.how)


def test_the_report_names_the_origin_the_next_command_and_what_stays_in_git(target: Target) -> None:
    adoption = adoption_of(by_bootstrap())
    steps = steps_of(adoption, READY, MARK, target)
    text = "\n".join(lines(adoption, Description(), steps, is_owned=False, is_first=False))

    assert text.startswith(
        "Flux was installed by flux bootstrap.\nThe stack will own: GitRepository/flux-system, Kustomization/flux-system.\n"
    )
    assert "Applied from Git as before: 1 Kustomization.\n" in text
    assert "Protect what leaves Git from pruning [next: 34 of 34 objects are not protected]" in text
    assert "--field-manager=gitops-adopt" in text


def test_what_the_catalog_lacks_is_named_whatever_its_section(target: Target, tmp_path: Path) -> None:
    bodies = [{"kind": kind, "metadata": {"name": "models"}} for kind in ("Bucket", "OCIRepository", "Receiver")]
    described = Description(
        catalog={
            **{section: {"there": {}, "gone": {}} for section in ("git", "helm", "oci", "kustomizations")},
            "objects": [{"object": body} for body in bodies],
        }
    )
    catalog = tmp_path / "catalog.yaml"

    def missing(text: str) -> tuple[str, ...]:
        catalog.write_text(text, encoding="utf-8")
        return clone_at_hand("homelab", tmp_path, described, target).missing_entries

    sections = "".join(f"{section}: {{there: {{}}}}\n" for section in ("git", "helm", "oci", "kustomizations"))
    named = ("git.gone", "helm.gone", "oci.gone", "kustomizations.gone")
    assert missing(sections) == (*named, "Bucket/models", "OCIRepository/models", "Receiver/models")
    assert missing(f"{sections}objects: [{{object: {{kind: Bucket, metadata: {{name: models}}}}}}]") == (
        *named,
        "OCIRepository/models",
        "Receiver/models",
    )
    as_object = "objects: [{object: {kind: GitRepository, metadata: {name: gone}}}]"
    assert "git.gone" not in missing(f"{sections}{as_object}"), "an entry may stand there as an object"
    moved = "oci: {models: {}, gone: {}}\nhosts: {}\nobjects: 3"
    assert missing(moved)[-2:] == ("Bucket/models", "Receiver/models"), "an object may move to the section for its kind"
