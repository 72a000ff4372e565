"""A state that was written when each source and each Kustomization had a component for itself is still that of the same objects."""

from tests.engine import REPOSITORY
from tests.record import Record, Resource

FORMER = REPOSITORY / "tests" / "fixtures" / "former_urns.txt"
"""What the states of stacks dev and production had as URNs, without the stack's own part: from the golden files of that time."""


def aliased(resource: Resource) -> set[str]:
    """The URNs, without the stack's own part, that the engine takes for those of the resource."""
    return {alias["urn"].split("::", 2)[2] for alias in resource.options.aliases}


def test_every_object_is_found_where_older_states_have_it(dev_up: Record, production_preview: Record) -> None:
    former = set(FORMER.read_text().splitlines())
    now = [resource for record in (dev_up, production_preview) for resource in record.kubernetes()]

    missing = former - {urn for resource in now for urn in aliased(resource)}

    assert len(former) > 30
    assert not missing, (
        "`up` would delete each of these objects and make it anew, and with a Kustomization go the workloads that it applied"
    )


def test_no_two_objects_claim_one_place_of_an_older_state(dev_up: Record, production_preview: Record) -> None:
    for record in (dev_up, production_preview):
        claimed = [urn for resource in record.kubernetes() for urn in aliased(resource)]

        assert len(claimed) == len(set(claimed))
