"""What leaves Git when a stack takes Flux over: protected from pruning first, then set to leave everything behind, then taken out."""

from collections.abc import Iterator, Sequence
from shlex import quote

from flux.kinds import KINDS
from flux.object_reference import ObjectReference
from flux.owners_mark import OwnersMark
from flux.prune import DISABLED, PRUNE
from gitops.adopt.adoption import Adoption, inventory_of, source_of
from gitops.adopt.hand_over_step import INSTALLED_KINDS, MANAGER, HandOverStep, KubectlCommands, is_marked, is_protected, named
from gitops.adopt.origin import KUSTOMIZATION_NAME, InstalledBy, applied_by
from live.flux_objects.running_flux import LiveObject


def protection(adoption: Adoption, mark: OwnersMark, kubectl: KubectlCommands) -> Iterator[HandOverStep]:
    """Before anything leaves Git."""
    if not adoption.from_git:
        return
    open_ = [each for each in adoption.from_git if not (is_protected(each) or is_marked(each, mark))]
    appliers = sorted({applier for each in adoption.running.installed if (applier := applied_by(each.metadata))})
    selectors = [f"-l {KUSTOMIZATION_NAME}={applier.name},app.kubernetes.io/part-of=flux {INSTALLED_KINDS}" for applier in appliers]
    objects = " ".join(map(named, sorted(each.reference for each in adoption.objects if applied_by(each.metadata))))
    yield HandOverStep(
        title="Protect what leaves Git from pruning",
        how=tuple(kubectl.annotate(each, f"{PRUNE}={DISABLED}") for each in (*selectors, objects) if each),
        is_done=not open_,
        left=f"{len(open_)} of {len(adoption.from_git)} objects are not protected",
    )


def orphaning(adoption: Adoption, kubectl: KubectlCommands) -> Iterator[HandOverStep]:
    """Of the Kustomization that applies Flux alone, which goes."""
    for each in adoption.dropped:
        if each.kind == "Kustomization":
            patch = quote('{"spec":{"deletionPolicy":"Orphan"}}')
            command = f"patch {named(each.reference)} -n {each.metadata.namespace} --type merge --field-manager={MANAGER} -p {patch}"
            yield HandOverStep(
                title=f"Let Kustomization {each.metadata.name}, which applies Flux, leave everything behind when it is deleted",
                how=(kubectl(command),),
                is_done=(each.body.get("spec") or {}).get("deletionPolicy") == "Orphan",
            )


def out_of_git(adoption: Adoption, kubectl: KubectlCommands) -> Iterator[HandOverStep]:
    """What leaves Git, one step for each Kustomization that applies it; and what nothing in Git applies is deleted by hand."""
    dropped = {each.reference for each in adoption.dropped}
    by_applier: dict[ObjectReference, list[ObjectReference]] = {}
    for each in (*adoption.from_git, *adoption.dropped):
        applier = applied_by(each.metadata)
        if applier and applier not in dropped:
            by_applier.setdefault(applier, []).append(each.reference)
    for applier, gone in sorted(by_applier.items()):
        found = next((each for each in adoption.running.objects if each.reference == applier), None)
        if found is None:
            continue
        applied = inventory_of(found)
        still = sorted(applied & set(gone))
        rest = applied - set(gone)
        yield HandOverStep(
            title=f"Take it out of Git: {_what(gone)}",
            how=(
                *_where(adoption, found, gone),
                *(() if rest else ("# keep one manifest in that directory: Flux refuses an empty one",)),
                f"# then wait for Flux, or run: flux reconcile kustomization {applier.name} --with-source",
            ),
            is_done=not still,
            left=f"Kustomization {applier.name} still applies {len(still)} of them",
        )
    for each in adoption.dropped:
        if applied_by(each.metadata) is None:
            yield HandOverStep(
                title=f"Delete {each.reference}",
                how=(kubectl(f"delete {named(each.reference)} -n {each.metadata.namespace}"),),
                is_done=False,
            )


def _what(gone: Sequence[ObjectReference]) -> str:
    of_flux = [f"{each.kind}/{each.name}" for each in sorted(gone) if each.kind in KINDS]
    rest = len(gone) - len(of_flux)
    return ", ".join([*of_flux, *([f"and the {rest} objects of Flux itself"] if rest else [])])


def _where(adoption: Adoption, applier: LiveObject, gone: Sequence[ObjectReference]) -> Iterator[str]:
    source = source_of(applier)
    found = next((each for each in adoption.running.objects if each.reference == source), None)
    url = (found.body.get("spec") or {}).get("url") if found else None
    path = str((applier.body.get("spec") or {}).get("path") or "./").strip("./")
    yield f"# in a clone of {url or source}:"
    is_bootstrapped = adoption.installer.origin in (InstalledBy.BOOTSTRAP, InstalledBy.TERRAFORM)
    if is_bootstrapped and any(each.kind not in KINDS for each in gone):
        yield f"git rm -r {quote(f'{path}/flux-system' if path else 'flux-system')}   # gotk-components.yaml and gotk-sync.yaml"
    else:
        yield f"# remove these from the files below {path or './'} (and from their kustomization.yaml)"
    yield "git commit -m 'feat: flux is installed by a stack' && git push"
