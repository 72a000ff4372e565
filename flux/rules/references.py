"""References from one Flux object to another."""

from collections.abc import Iterator

from flux.any_shape import shown
from flux.finding import STACK_AND_GIT, Finding
from flux.kinds import KINDS
from flux.listing import either
from flux.object_reference import FLUX_NAMESPACE, ObjectReference
from flux.rules.plan import Plan, PlannedObject
from flux.rules.relations import Reference, references_of
from flux.rules.rule import rule

_SOURCE_KINDS = ("GitRepository", "OCIRepository", "HelmRepository", "Bucket", "HelmChart")
_CONTROLLERS = {
    "Kustomization": "kustomize-controller",
    "HelmRelease": "helm-controller",
    "Alert": "notification-controller",
    "Receiver": "notification-controller",
    "ImagePolicy": "image-reflector-controller",
    "ImageUpdateAutomation": "image-automation-controller",
    "ArtifactGenerator": "source-watcher",
}
_OF_ONE_KIND = ("repository", "providerRef", "imageRepositoryRef")
"""References that have no `kind`."""
TAKEN_AS_SOURCE = {
    "Kustomization": ("GitRepository", "OCIRepository", "Bucket"),
    "HelmRelease": ("HelmRepository", "GitRepository", "Bucket"),
    "HelmChart": ("HelmRepository", "GitRepository", "Bucket"),
    "ImageUpdateAutomation": ("GitRepository",),
    "ArtifactGenerator": ("GitRepository", "OCIRepository", "Bucket", "HelmChart"),
}
"""Kind → the kinds that its CRD takes as a source, without ExternalArtifact, which only controllers create."""
_WRITE_KIND = "Write kind:"
_WITHOUT = {"Alert": "The Alert would send nothing.", "Kustomization": "Flux would have nothing to apply."}


@rule(looks_at=STACK_AND_GIT)
def referred_object_exists(plan: Plan) -> Iterator[Finding]:
    """The source that an object needs exists, as does an Alert's Provider or an ImagePolicy's ImageRepository.

    Flux would look for it forever. Not checked: objects in another namespace, which Git may create, unless Git was read; ExternalArtifacts,
    which controllers create; kinds that do not exist, which the CRD refuses; and the objects whose events an Alert or a Receiver selects.
    """
    for item in plan.objects:
        if not item.is_of_flux:
            continue
        for reference in references_of(item):
            target = reference.target
            if (
                not reference.needed
                or target.kind == "ExternalArtifact"
                or target.kind not in KINDS
                or (target.namespace != item.namespace and not item.is_in_git)
                or plan.find(target)
                or plan.is_unknown(target)
            ):
                continue
            instead = _meant(plan, item, reference)
            if target.kind in _SOURCE_KINDS and target.kind not in _taken(item, reference):
                # Without such advice, what the CRD says of the kind is enough.
                if instead.startswith(_WRITE_KIND):
                    article = "an" if item.kind.startswith(("A", "I", "O")) else "a"
                    wrong = f"is {target.kind}, which {article} {item.kind} does not take as its source"
                    yield item.wrong((*reference.path, "kind"), wrong, f"The API server would refuse the {item.kind}.", instead)
                continue
            yield item.wrong(
                reference.path,
                f"names {_named(item, target)}, which is not in {plan.whole}",
                _WITHOUT.get(item.kind, f"The {item.kind} would never become ready."),
                instead or _added(plan, item, target),
                certain=bool(instead) or plan.is_all_that_there_is(item),
            )


def _named(item: PlannedObject, target: ObjectReference) -> str:
    if not item.is_in_git or target.namespace == FLUX_NAMESPACE:
        return f"{target.kind} {shown(target.name)}"
    return f"{target.kind} {shown(target.name)} in namespace {shown(target.namespace)}"


def _meant(plan: Plan, item: PlannedObject, reference: Reference) -> str:
    """What must have been meant, since that exists."""
    target = reference.target
    if target in plan.planned.left_out:
        return plan.planned.left_out[target]
    if kinds := plan.kinds_named(target.namespace, target.name, _taken(item, reference)):
        return f"{_WRITE_KIND} {either(kinds)}, which {'exists' if len(kinds) == 1 else 'exist'} under this name."
    if "chart" in reference.path and plan.kinds_named(target.namespace, target.name, ("OCIRepository",)):
        return f"Write chartRef instead of chart: {shown(target.name)} is an OCIRepository."
    namespaces = sorted(each.namespace for each in plan.of_kind(target.kind) if each.name == target.name)
    if not namespaces:
        return ""
    if not reference.across_namespaces:
        return f"Move both to one namespace: it is in {namespaces[0]}."
    return f"{'Add' if target.namespace == item.namespace else 'Write'} namespace: {namespaces[0]}."


def _taken(item: PlannedObject, reference: Reference) -> tuple[str, ...]:
    """The kinds that the CRD takes there."""
    if reference.path[-1] in _OF_ONE_KIND:
        return (reference.target.kind,)
    return ("OCIRepository", "HelmChart") if "chartRef" in reference.path else TAKEN_AS_SOURCE.get(item.kind, _SOURCE_KINDS)


def _added(plan: Plan, item: PlannedObject, target: ObjectReference) -> str:
    others = {*plan.names(target.kind, target.namespace)} - ({item.name} if item.kind == target.kind else set())
    near = plan.instead_of(target.name, others)
    return f"Write {near}, or add the {target.kind}." if near else f"Add the {target.kind}."


@rule(looks_at=STACK_AND_GIT)
def reference_stays_in_its_namespace_under_lockdown(plan: Plan) -> Iterator[Finding]:
    """With `--no-cross-namespace-refs`, no object refers to one in another namespace.

    The controllers then deny access (Flux docs, "Multi-tenancy lockdown"): kustomize-, helm-, notification-, image-reflector- and
    image-automation-controller, source-watcher. Not checked: dependsOn, whose namespace no controller checks.
    """
    for item in plan.objects:
        controller = _CONTROLLERS.get(item.kind)
        if controller is None or not item.is_of_flux or not plan.is_on(controller, "no-cross-namespace-refs"):
            continue
        for reference in references_of(item):
            target = reference.target
            if target.namespace != item.namespace:
                yield item.wrong(
                    (*reference.path, "namespace"),
                    f"is {shown(target.namespace)}, but {controller} runs with no-cross-namespace-refs",
                    f"The controller would deny {item} access to {target.kind} {shown(target.name)}.",
                    f"Put both in one namespace, or remove gitops:flux.flags.{controller}.no-cross-namespace-refs.",
                )
