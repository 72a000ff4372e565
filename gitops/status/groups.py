"""The groups of the table, and the order of the kinds in it."""

from enum import StrEnum

from flux.kinds import KINDS, api_group


class Group(StrEnum):
    """What a kind is for. The order is the order of the table: a failure further down usually has its cause further up."""

    CONTROLLERS = "controllers"
    SOURCES = "sources"
    KUSTOMIZATIONS = "kustomizations"
    RELEASES = "releases"
    NOTIFICATIONS = "notifications"
    IMAGES = "images"
    OTHER = "other"


_OF_API = {
    "apps": Group.CONTROLLERS,
    "source.toolkit.fluxcd.io": Group.SOURCES,
    "source.extensions.fluxcd.io": Group.SOURCES,
    "kustomize.toolkit.fluxcd.io": Group.KUSTOMIZATIONS,
    "helm.toolkit.fluxcd.io": Group.RELEASES,
    "notification.toolkit.fluxcd.io": Group.NOTIFICATIONS,
    "image.toolkit.fluxcd.io": Group.IMAGES,
}
_GROUP_ORDER = {group: position for position, group in enumerate(Group)}
_KIND_ORDER = {kind: position for position, kind in enumerate(KINDS)}


def group_of(api_version: str) -> Group:
    """The group of an object; a kind in an API group of a later Flux is `other`, never left out."""
    return _OF_API.get(api_group(api_version), Group.OTHER)


def place_in_table(api_version: str, kind: str) -> tuple[int, int]:
    """A sort key: group first, then the kind's place in it."""
    return _GROUP_ORDER[group_of(api_version)], _KIND_ORDER.get(kind, len(_KIND_ORDER))
