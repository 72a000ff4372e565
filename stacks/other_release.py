"""Another release of Flux than the cluster has: put into words, and refused where it cannot follow."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from flux.object_reference import ObjectReference
from stacks.judging.release_change import SHOWN_KINDS, ReleaseChange, installed_versions, newest, versions_of
from stacks.settings import Settings
from stacks.words import log
from stacks.words.problems import Problem

if TYPE_CHECKING:
    from live.client.object_metadata import LiveMetadata
    from live.ownership.owned_objects import OwnedObjects
    from live.ownership.wanted_objects import WantedObject


def other_release(
    found: Mapping[ObjectReference, "LiveMetadata"],
    wanted: Mapping[ObjectReference, "WantedObject"],
    settings: Settings,
    owned: "OwnedObjects",
) -> Iterator[Problem]:
    """A release other than the cluster's is announced, and refused where it cannot follow."""
    version, installed = settings.installation.distribution.version, installed_versions(found)
    if not installed - {version}:
        return
    objects = settings.installation.objects
    stored = owned.definitions(versions_of(objects.definitions))
    change = ReleaseChange(
        installed=newest(installed),
        wanted=version,
        definitions=objects.definitions,
        stored=stored,
        named=owned.versions_in_fields(stored),
        controllers=objects.controllers,
    )
    if change.installed != version:
        running = owned.bodies_of(wanted[reference] for reference in found if reference in wanted and reference.kind in SHOWN_KINDS)
        for line in change.told(running):
            log.info(line)
    yield from change.problems(settings.stack_name, settings.place, may_go_back=settings.stack.flux.allow_downgrade)
