"""References from one Flux object to another."""

from collections.abc import Iterator
from dataclasses import dataclass

from flux.finding import Finding, Path
from flux.object_reference import ObjectReference
from flux.rules.plan import Plan, PlannedObject
from flux.rules.reading import entries, mapping, shown, text

SOURCE_KINDS = ("GitRepository", "OCIRepository", "HelmRepository", "Bucket", "HelmChart")
_SOURCE_REFERENCES: dict[str, tuple[tuple[str, ...], ...]] = {
    "Kustomization": (("sourceRef",),),
    "HelmRelease": (("chart", "spec", "sourceRef"), ("chartRef",)),
    "HelmChart": (("sourceRef",),),
    "ImageUpdateAutomation": (("sourceRef",),),
}
_CONTROLLERS = {
    "Kustomization": "kustomize-controller",
    "HelmRelease": "helm-controller",
    "Alert": "notification-controller",
    "Receiver": "notification-controller",
    "ImagePolicy": "image-reflector-controller",
    "ImageUpdateAutomation": "image-automation-controller",
    "ArtifactGenerator": "source-watcher",
}
_WITHOUT = {"Alert": "the Alert would send nothing", "Kustomization": "Flux would have nothing to apply"}


@dataclass(frozen=True)
class Reference:
    """That one object needs another."""

    path: Path
    target: ObjectReference
    needed: bool = True
    """Without the other, nothing happens; not so for those that are only listened to."""


def references_of(item: PlannedObject) -> Iterator[Reference]:
    """What `item` refers to, other than by dependsOn, and other than Secrets and ConfigMaps."""
    kind = item.identity.kind
    for path in _SOURCE_REFERENCES.get(kind, ()):
        found = mapping(item.spec, *path)
        yield from _reference(item, ("spec", *path), text(found, "kind"), text(found, "namespace"), text(found, "name"))
    if kind == "GitRepository":
        for at_entry, entry in entries(item.spec, "include"):
            yield from _reference(item, ("spec", *at_entry, "repository"), kind, None, text(entry, "repository", "name"))
    elif kind == "Alert":
        yield from _reference(item, ("spec", "providerRef"), "Provider", None, text(item.spec, "providerRef", "name"))
    elif kind == "ImagePolicy":
        found = mapping(item.spec, "imageRepositoryRef")
        yield from _reference(item, ("spec", "imageRepositoryRef"), "ImageRepository", text(found, "namespace"), text(found, "name"))
    listed = {"ArtifactGenerator": "sources", "Alert": "eventSources", "Receiver": "resources"}.get(kind)
    for at_entry, entry in entries(item.spec, listed) if listed else ():
        needed = kind == "ArtifactGenerator"
        yield from _reference(item, ("spec", *at_entry), text(entry, "kind"), text(entry, "namespace"), text(entry, "name"), needed=needed)


def _reference(
    item: PlannedObject, path: Path, kind: str | None, namespace: str | None, name: str | None, *, needed: bool = True
) -> Iterator[Reference]:
    if kind and name:
        yield Reference(path, ObjectReference(kind, namespace or item.identity.namespace, name), needed)


def referred_object_is_in_the_stack(plan: Plan) -> Iterator[Finding]:
    """The source that an object of the stack needs is in the stack, too; likewise an Alert's Provider, an ImagePolicy's ImageRepository.

    Flux would look for it without an end. Not judged: another namespace, which Git may fill; ExternalArtifacts, which controllers make; and
    what an Alert or a Receiver only listens to.
    """
    for item in plan.objects:
        if not item.group.endswith("fluxcd.io"):
            continue
        for reference in references_of(item):
            target = reference.target
            if (
                not reference.needed
                or target.kind == "ExternalArtifact"
                or target.namespace != item.identity.namespace
                or plan.find(target)
                or plan.is_unknown(target)
            ):
                continue
            without = _WITHOUT.get(item.identity.kind, f"the {item.identity.kind} would never become ready")
            yield item.wrong(
                reference.path,
                f"no {target.kind} {shown(target.name)} is in this stack; {without}; {_instead(plan, item, target)}",
            )


def _instead(plan: Plan, item: PlannedObject, target: ObjectReference) -> str:
    if kinds := plan.kinds_named(target.namespace, target.name, SOURCE_KINDS):
        return f"write kind: {kinds[0]}, which is there under this name"
    namespaces = sorted(it.identity.namespace for it in plan.of_kind(target.kind) if it.identity.name == target.name)
    if namespaces:
        return f"add namespace: {namespaces[0]}"
    others = {*plan.names(target.kind, target.namespace)} - ({item.identity.name} if item.identity.kind == target.kind else set())
    near = plan.nearest(target.name, others)
    return f"write {near}, or add the {target.kind}" if near else f"add the {target.kind}"


def reference_stays_in_its_namespace_under_lockdown(plan: Plan) -> Iterator[Finding]:
    """With `--no-cross-namespace-refs`, no object refers to one in another namespace.

    The controllers then deny access for good (Flux docs, "Multi-tenancy lockdown"): kustomize-, helm-, notification-, image-reflector- and
    image-automation-controller, source-watcher. It does not apply to dependsOn, whose namespace no controller checks.
    """
    for item in plan.objects:
        controller = _CONTROLLERS.get(item.identity.kind)
        if controller is None or not item.group.endswith("fluxcd.io") or not plan.is_on(controller, "no-cross-namespace-refs"):
            continue
        for reference in references_of(item):
            target = reference.target
            if target.namespace != item.identity.namespace:
                yield item.wrong(
                    (*reference.path, "namespace"),
                    f"{target.kind} {shown(target.name)} lies in namespace {shown(target.namespace)}, and {controller} runs with "
                    f"no-cross-namespace-refs; it would deny {item.identity} the access; "
                    f"put both into one namespace, or remove the flag from {controller}",
                )


RULES = (referred_object_is_in_the_stack, reference_stays_in_its_namespace_under_lockdown)
