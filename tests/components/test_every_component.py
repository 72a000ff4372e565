"""What holds for each component, used alone."""

import pulumi
import pytest

from tests import invariants
from tests.components.samples import SAMPLES
from tests.engine import run
from tests.hygiene.test_components import component_classes
from tests.record import Record
from tests.small_programs import config_map, provider

CHILDREN = {
    "AgeKeys": {"it-2026-11-seed", "it-secret"},
    "FluxDefinitions": {"it-namespace-flux-system", "it-customresourcedefinition-buckets.source.toolkit.fluxcd.io"},
    "FluxInstall": {
        "it-deployment-source-controller",
        "it-service-source-controller",
        "it-serviceaccount-source-controller",
        "it-networkpolicy-allow-egress",
    },
    "FluxKustomization": {"it-kustomization"},
    "FluxObject": {"it-bucket"},
    "FluxSection": {"it-artifacts"},
    "GitSource": {"it-gitrepository"},
    "HelmSource": {"it-helmrepository"},
    "OciSource": {"it-ocirepository"},
    "SourceCredential": {"it-seed_2026-11", "it-secret"},
    "StackVariables": {"it-configmap"},
}
"""Logical names are state: a change here replaces objects in every cluster."""

every_component = pytest.mark.parametrize("component", list(SAMPLES), ids=lambda each: each.__name__)


def alone(component: type[pulumi.ComponentResource], *, preview: bool = False, depends: bool = False, **options: object) -> Record:
    def program() -> None:
        waits = [config_map("before")] if depends else []
        SAMPLES[component]("it", pulumi.ResourceOptions(providers=[provider()], depends_on=waits, **options))  # type: ignore[arg-type]

    return run(program, preview=preview)


def children(record: Record) -> tuple[set[str], list[str]]:
    made = record.children(record.named("it"))
    return {each.name for each in made}, [each.urn for each in made]


def test_there_is_a_sample_of_every_component() -> None:
    assert set(SAMPLES) == set(component_classes())


@every_component
@pytest.mark.parametrize("preview", [False, True], ids=["up", "preview"])
def test_its_children_have_stable_names_and_types(component: type[pulumi.ComponentResource], preview: bool) -> None:
    record = alone(component, preview=preview)

    assert record.named("it").type == f"gitops:index:{component.__name__}"
    assert children(record)[0] == CHILDREN[component.__name__]
    assert len(record.resources) == 3 + len(CHILDREN[component.__name__]), "everything it makes is its child"


@every_component
def test_it_keeps_the_invariants_of_every_graph(component: type[pulumi.ComponentResource]) -> None:
    record = alone(component)

    invariants.check_parents(record)
    invariants.check_providers(record)
    invariants.check_identities(record)
    invariants.check_components(record)
    invariants.check_secret_objects(record)


@every_component
def test_what_it_waits_for_its_children_wait_for(component: type[pulumi.ComponentResource]) -> None:
    record = alone(component, depends=True)

    for child in record.children(record.named("it")):
        if child.is_kubernetes:
            assert record.named("before").urn in child.dependencies, f"{child.urn} would be made at once"


@every_component
def test_it_does_not_wait_itself_or_its_children_would_be_registered_late(component: type[pulumi.ComponentResource]) -> None:
    record = alone(component, depends=True)

    assert not record.named("it").dependencies


@every_component
def test_its_own_options_do_not_land_on_its_children(component: type[pulumi.ComponentResource]) -> None:
    record = alone(
        component,
        aliases=[pulumi.Alias(name="formerly")],
        ignore_changes=["spec"],
        delete_before_replace=True,
        retain_on_delete=True,
        custom_timeouts=pulumi.CustomTimeouts(create="1h"),
        replace_on_changes=["spec"],
    )

    assert record.named("it").options.ignore_changes == ("spec",)
    for child in record.children(record.named("it")):
        options = child.options
        assert (options.ignore_changes, options.replace_on_changes, options.delete_before_replace) == ((), (), None), child.urn
        assert not options.retain_on_delete, child.urn
        assert "1h" not in options.custom_timeouts.values(), child.urn
        # The alias of a parent is inherited as a parent's alias; the child's own name stays as it is.
        assert not [alias for alias in options.aliases if alias.get("spec", {}).get("name") == "formerly"], child.urn


@every_component
def test_two_of_it_do_not_collide(component: type[pulumi.ComponentResource]) -> None:
    def program() -> None:
        for name in ("first", "second"):
            SAMPLES[component](name, pulumi.ResourceOptions(providers=[provider()] if name == "first" else None))

    record = run(program)

    assert len(record.children(record.named("first"))) == len(record.children(record.named("second")))
