"""The Kustomizations of the catalog, and the body that comes of each."""

from components.flux_kustomization import FluxKustomization, FluxKustomizationArgs
from flux.message import Message
from stacks.choosing.catalog_entry import Entry
from stacks.choosing.choice import Choice
from stacks.choosing.planned_body import PlannedBody, planned
from stacks.contract.catalog import KustomizationEntry
from stacks.contract.stack import OnDestroy
from stacks.reading.document import Document, Places
from stacks.words.did_you_mean import did_you_mean
from stacks.words.problems import Problem

DELETION_POLICIES: dict[OnDestroy, str] = {"keepWorkloads": "Orphan", "removeWorkloads": "WaitForTermination"}


def plan_kustomization(choice: Choice, entry: Entry[KustomizationEntry]) -> PlannedBody:
    """The body of a Kustomization; a field that children cannot inherit becomes a problem."""
    on_destroy = (DELETION_POLICIES[choice.stack.model.on_destroy], choice.stack.place("onDestroy"))
    spec = choice.spec("Kustomization", entry, deletionPolicy=on_destroy)
    for index, field in enumerate(entry.model.inherit):
        # What null takes away is meant to be gone.
        if not spec.places.has((field,)) and not choice.catalog.aside.holds("defaults", "Kustomization"):
            text = Message(
                f"the spec has no {field!r}", "Child Kustomizations would not get it.", did_you_mean(field, spec.value) or "Remove it."
            )
            choice.problems.append(Problem(entry.place("inherit", index), text))
    args = FluxKustomizationArgs(
        object_name=entry.name,
        spec=spec.value,
        inherit=entry.model.inherit,
        **choice.metadata(entry, entry.model.labels, entry.model.annotations, entry.model.shard),
    )
    return planned(FluxKustomization, args, entry, _with_patch(spec, entry))


def _with_patch(spec: Document, entry: Entry[KustomizationEntry]) -> Document:
    """The places of `spec`, and of the patch by which children inherit."""
    if not entry.model.inherit:
        return spec
    written = spec.places.at("patches")
    count = len(spec.value.get("patches") or ())
    patches = Places(written.here, {**written.below, count: Places(entry.place("inherit"), entire=True)})
    return Document(spec.value, Places(spec.places.here, {**spec.places.below, "patches": patches}))
