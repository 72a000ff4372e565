"""Objects that there are, although a fault of theirs keeps the program from knowing them: nobody is told that they are missing."""

from collections.abc import Iterable, Iterator
from typing import Any

from flux.object_reference import FLUX_NAMESPACE, ObjectReference
from flux.objects import SOPS_AGE_SECRET, STACK_VARIABLES_CONFIG_MAP
from flux.rules import INSTALLATION
from stacks.contract.catalog import Catalog
from stacks.reading.set_aside import SetAside

KINDS = {"git": ("GitRepository",), "helm": ("HelmRepository", "OCIRepository"), "kustomizations": ("Kustomization",)}
"""Section of the catalog → kinds that its entries can become."""


def unknown_objects(catalog: Catalog, catalog_aside: SetAside, stack_aside: SetAside) -> set[ObjectReference]:
    """What the parts of both files that were set aside would have made; an empty name stands for any."""
    return {*_of_catalog(catalog, catalog_aside, stack_aside), *_of_stack(stack_aside)}


def groups_written(entries: Iterable[Any]) -> set[str]:
    """The groups that faulty entries of the catalog say that they are in, or may mean."""
    written = [_at(entry, "groups") or "base" for entry in entries]
    names = [name for each in written for name in (each if isinstance(each, list) else [each]) if isinstance(name, str)]
    return {*names, *map(str.lower, names)}


def _of_catalog(catalog: Catalog, aside: SetAside, stack_aside: SetAside) -> Iterator[ObjectReference]:
    for section, kinds in KINDS.items():
        names = [str(name) for name in aside.below(section)]
        if stack_aside.touches("use"):
            names += getattr(catalog, section)
        if aside.holds(section):
            names.append("")
        yield from (_named(kind, name) for kind in kinds for name in names)
    bodies = [_at(entry, "object") for entry in aside.below("objects").values()]
    if stack_aside.touches("use"):
        bodies += [item.object.model_dump(by_alias=True) for item in catalog.objects]
    if aside.holds("objects"):
        bodies.append(None)
    yield from (_named(_text(_at(body, "kind")), _text(_at(_at(body, "metadata"), "name"))) for body in bodies)


def _of_stack(aside: SetAside) -> Iterator[ObjectReference]:
    yield from (_named("Secret", str(name)) for name in aside.below("credentials"))
    if aside.holds("credentials"):
        yield _named("Secret", "")
    if aside.touches("age", "keys"):
        yield _named("Secret", SOPS_AGE_SECRET)
    if aside.touches("variables"):
        yield _named("ConfigMap", STACK_VARIABLES_CONFIG_MAP)
    for written in aside.below("externalKustomizations").values():
        namespace, _, name = _text(written).rpartition("/")
        yield ObjectReference("Kustomization", namespace or FLUX_NAMESPACE, name) if name else _named("Kustomization", "")
    if aside.holds("externalKustomizations"):
        yield _named("Kustomization", "")
    if aside.touches("flux", "flags") or aside.touches("flux", "components"):
        yield INSTALLATION


def _named(kind: str, name: str) -> ObjectReference:
    return ObjectReference(kind, FLUX_NAMESPACE if name else "", name)


def _at(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
