"""Objects that exist but have errors, so that the program does not know them: they are not reported as missing."""

from collections.abc import Iterable, Iterator
from typing import Any

from flux.bodies import SOPS_AGE_SECRET, STACK_VARIABLES_CONFIG_MAP
from flux.object_reference import FLUX_NAMESPACE, ObjectReference
from flux.rules import INSTALLATION
from stacks.choosing.sections import SECTIONS
from stacks.contract.catalog import Catalog
from stacks.contract.stack import Stack
from stacks.reading.set_aside import SetAside
from stacks.reading.validation import Validated


def unknown_objects(catalog: Validated[Catalog], stack: Validated[Stack]) -> set[ObjectReference]:
    """What the parts of both files that were set aside would have made; an empty name means any."""
    return {*_of_catalog(catalog, stack.aside), *_of_stack(stack.aside)}


def groups_written(entries: Iterable[Any]) -> set[str]:
    """The groups that faulty entries of the catalog say that they are in, or may mean."""
    written = [_at(entry, "groups") or "base" for entry in entries]
    names = [name for each in written for name in (each if isinstance(each, list) else [each]) if isinstance(name, str)]
    return {*names, *map(str.lower, names)}


def _of_catalog(catalog: Validated[Catalog], stack_aside: SetAside) -> Iterator[ObjectReference]:
    aside, is_everything = catalog.aside, stack_aside.touches("use")
    for name, section in SECTIONS.items():
        names = aside.names(name)
        if is_everything and section.kinds:
            names += section.names(catalog.model)
        if aside.holds(name):
            names.append("")
        yield from (_named(kind, each) for kind in section.kinds for each in names)
    bodies = [_at(entry, "object") for entry in aside.values("objects")]
    yield from (_named(_text(_at(body, "kind")), _text(_at(_at(body, "metadata"), "name"))) for body in bodies)
    if is_everything:
        yield from (_named(item.object.kind, item.object.metadata.name) for item in catalog.model.objects)
    if aside.holds("objects"):
        yield _named("", "")


def _of_stack(aside: SetAside) -> Iterator[ObjectReference]:
    yield from (_named("Secret", name) for name in aside.names("credentials"))
    if aside.holds("credentials"):
        yield _named("Secret", "")
    if aside.touches("age", "keys"):
        yield _named("Secret", SOPS_AGE_SECRET)
    if aside.touches("variables"):
        yield _named("ConfigMap", STACK_VARIABLES_CONFIG_MAP)
    for written in aside.values("externalKustomizations"):
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
