"""Any other Flux object of the catalog, verbatim."""

from components.flux_object import FluxObject, FluxObjectArgs
from stacks.choosing.catalog_entry import Entry
from stacks.choosing.choice import Choice
from stacks.choosing.hosts import host_of
from stacks.choosing.planned_body import PlannedBody, planned
from stacks.choosing.source_secrets import give_host_secrets
from stacks.contract.catalog import ObjectEntry


def plan_object(choice: Choice, entry: Entry[ObjectEntry]) -> PlannedBody:
    """The body of an object, with the defaults of its kind."""
    declared = entry.model.object
    spec = choice.spec(declared.kind, entry)
    args = FluxObjectArgs(
        api_version=declared.api_version,
        kind=declared.kind,
        object_name=entry.name,
        spec=spec.value,
        **choice.metadata(entry, declared.metadata.labels, declared.metadata.annotations),
    )
    body = planned(FluxObject, args, entry, spec, former_name=f"{declared.kind.lower()}-{entry.name}")
    give_host_secrets(choice, body, host_of(body.url or "", choice.hosts))
    return body
