"""What Flux objects can name, as far as Git shows: ConfigMaps, Secrets, ServiceAccounts; and who may make some that no file shows."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flux.kinds import is_flux_api
from flux.object_reference import ObjectReference
from gitops.check.findings.ownership import OwnObject
from gitops.check.follow.built_object import BuiltObject
from gitops.check.follow.known_variables import VariableSources, named
from gitops.check.follow.synced import World
from gitops.check.repository.documents import items

_ACCOUNT = "ServiceAccount"
_EVERYWHERE = ""
_OF_KUBERNETES = (".k8s.io", "apps", "batch", "autoscaling", "policy", "extensions")
_MAKES = frozenset({"create", "*"})
_MADE = frozenset({"secrets", "configmaps", "*"})


def brought_by_git(world: World, own: Iterable[OwnObject]) -> dict[ObjectReference, frozenset[str]]:
    """ConfigMaps and Secrets with their keys, and ServiceAccounts, those of the stack among them."""
    found = {ObjectReference(*key): frozenset(contents) for key, contents in world.variable_sources.contents.items()}
    found |= {ObjectReference(_ACCOUNT, each.namespace, each.name): frozenset() for each in own if each.kind == _ACCOUNT}
    return found | {item.reference: frozenset() for item in _here(world) if item.kind == _ACCOUNT and not item.group}


def made_by_others(sources: VariableSources) -> frozenset[ObjectReference]:
    """What objects of Git make other programs create; of a Secret whose own name is encrypted, the name is unknown."""
    return frozenset(ObjectReference(*each) for each in sources.others)


def unclear_namespaces(world: World) -> frozenset[str]:
    """Where a program of which nothing is known here may create ConfigMaps and Secrets: its objects are there, or a role lets it."""
    return frozenset(item.namespace if item.namespace else _EVERYWHERE for item in _here(world) if _may_make(item))


def _may_make(item: BuiltObject) -> bool:
    if item.kind in ("Role", "ClusterRole") and item.group.endswith(".k8s.io"):
        return any(_MAKES & _listed(rule, "verbs") and _MADE & _listed(rule, "resources") for rule in items(item.body, "rules"))
    if item.kind == "CustomResourceDefinition":
        return False
    return bool(item.group) and not item.group.endswith(_OF_KUBERNETES) and not is_flux_api(item.group)


def _listed(rule: Any, key: str) -> frozenset[str]:
    found = rule.get(key) if isinstance(rule, Mapping) else None
    return frozenset(each for each in found if isinstance(each, str)) if isinstance(found, list) else frozenset()


def _here(world: World) -> Iterator[BuiltObject]:
    for synced, result in world.built:
        if not synced.is_for_another_cluster:
            known = world.variables_of(synced)
            yield from (named(item, known) for item in result.objects)
