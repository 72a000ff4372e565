"""What ends the former ownership, step by step: what to run or to edit, and whether the cluster and the clone show that it is done.

The order keeps two promises. Nothing that Flux applied is deleted: whatever leaves Git is protected from pruning first. And Flux goes on
reconciling meanwhile: nothing is suspended, and no controller stops.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from shlex import quote

from flux.kinds import KINDS
from flux.object_reference import FLUX_NAMESPACE, ObjectReference
from flux.owners_mark import STACK_LABEL, OwnersMark
from gitops.adopt.adoption import Adoption, inventory_of, source_of
from gitops.adopt.origin import HELM_RELEASE, KUSTOMIZATION_NAME, Origin, applied_by
from live.running_flux import LiveObject
from live.target import Target

PRUNE = "kustomize.toolkit.fluxcd.io/prune"
RECONCILE = "fluxcd.controlplane.io/reconcile"
DISABLED = "disabled"
MANAGER = "gitops-adopt"
"""Who annotates: kustomize-controller takes back what managers write whose name begins with `kubectl`."""
_KINDS = "crd,clusterrole,clusterrolebinding,namespace,serviceaccount,service,resourcequota,networkpolicy,deployment"
_FLUX_KINDS = ",".join(f"{each.plural}.{each.api_group}" for each in KINDS.values() if each.kind in ("GitRepository", "Kustomization"))


class State(StrEnum):
    """Of a step."""

    DONE = "done"
    NEXT = "next"
    LATER = "later"
    UNSEEN = "cannot be seen from here"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step, with what a person runs or edits."""

    title: str
    how: tuple[str, ...]
    is_done: bool | None
    """None: neither the cluster nor the clone shows it."""
    left: str = ""
    """What is still to be done of it, where it is not done."""


@dataclass(frozen=True, kw_only=True)
class Clone:
    """What the clone has of the stack."""

    stack: str
    has_file: bool
    missing_secrets: tuple[str, ...] = ()
    """Commands that set them."""
    takes_over: bool = False
    """Whether the stack file still says `takeOver`."""


def states(steps: Sequence[Step]) -> list[State]:
    """The first that is not done is next."""
    found: list[State] = []
    for step in steps:
        if step.is_done is None:
            found.append(State.UNSEEN)
        elif step.is_done:
            found.append(State.DONE)
        else:
            found.append(State.LATER if State.NEXT in found else State.NEXT)
    return found


def steps_of(adoption: Adoption, clone: Clone, mark: OwnersMark, target: Target) -> list[Step]:
    """All of them, in order."""
    kubectl = _Kubectl(target)
    return [
        *_files(clone),
        *_migration(adoption, clone),
        *_terraform(adoption),
        *_protection(adoption, mark, kubectl),
        *_orphaning(adoption, kubectl),
        *_git(adoption),
        *_operator(adoption, kubectl),
        *_chart(adoption, kubectl),
        _up(adoption, clone, mark),
        _end(adoption, clone, mark, kubectl),
    ]


def is_owned(adoption: Adoption, mark: OwnersMark) -> bool:
    """Whether the stack owns the installation and the objects."""
    return not _others(adoption, mark)


@dataclass(frozen=True)
class _Kubectl:
    target: Target

    def __call__(self, command: str) -> str:
        return self.target.kubectl(command)

    def annotate(self, what: str, annotation: str) -> str:
        return self(f"annotate --overwrite --field-manager={MANAGER} -n {FLUX_NAMESPACE} {what} {annotation}")


def _files(clone: Clone) -> Iterator[Step]:
    yield Step(
        title="Write the stack file and the catalog",
        how=(f"gitops adopt {clone.stack} --output .", f"pulumi stack init {clone.stack} --secrets-provider passphrase"),
        is_done=clone.has_file,
    )
    count = len(clone.missing_secrets)
    yield Step(
        title="Set the stack's secrets, encrypted",
        how=(*clone.missing_secrets, f"# or all at once: gitops adopt {clone.stack} --with-secrets") if count else (),
        is_done=clone.has_file and not count,
        left=f"{count} missing",
    )


def _migration(adoption: Adoption, clone: Clone) -> Iterator[Step]:
    old = [each for each in adoption.running.definitions if not each.is_migrated]
    if old:
        yield Step(
            title="Rewrite the objects that are stored in an old version",
            how=(f"gitops migrate --stack {clone.stack}",),
            is_done=False,
            left=", ".join(f"{each.kind} ({', '.join(each.stored)})" for each in old),
        )


def _terraform(adoption: Adoption) -> Iterator[Step]:
    if adoption.installer.origin in (Origin.TERRAFORM, Origin.BOOTSTRAP):
        title = "Let Terraform forget Flux, without destroying it"
        if adoption.installer.origin is Origin.BOOTSTRAP:
            title = "If Terraform's provider fluxcd/flux ran the bootstrap: let Terraform forget it"
        yield Step(
            title=title,
            how=("terraform state list | grep flux_", "terraform state rm ADDRESS   # and remove the resource from the configuration"),
            is_done=None,
        )


def _protection(adoption: Adoption, mark: OwnersMark, kubectl: _Kubectl) -> Iterator[Step]:
    if not adoption.from_git:
        return
    open_ = [each for each in adoption.from_git if not (_is_protected(each) or _is_marked(each, mark))]
    appliers = sorted({applier for each in adoption.running.installed if (applier := applied_by(each.metadata))})
    selectors = [f"-l {KUSTOMIZATION_NAME}={applier.name},app.kubernetes.io/part-of=flux {_KINDS}" for applier in appliers]
    named = " ".join(map(_named, sorted(each.reference for each in adoption.objects if applied_by(each.metadata))))
    yield Step(
        title="Protect what leaves Git from pruning",
        how=tuple(kubectl.annotate(each, f"{PRUNE}={DISABLED}") for each in (*selectors, named) if each),
        is_done=not open_,
        left=f"{len(open_)} of {len(adoption.from_git)} objects are not protected",
    )


def _orphaning(adoption: Adoption, kubectl: _Kubectl) -> Iterator[Step]:
    for each in adoption.dropped:
        if each.kind == "Kustomization":
            patch = quote('{"spec":{"deletionPolicy":"Orphan"}}')
            command = f"patch {_named(each.reference)} -n {each.metadata.namespace} --type merge --field-manager={MANAGER} -p {patch}"
            yield Step(
                title=f"Let Kustomization {each.metadata.name}, which applies Flux, leave everything behind when it is deleted",
                how=(kubectl(command),),
                is_done=(each.body.get("spec") or {}).get("deletionPolicy") == "Orphan",
            )


def _git(adoption: Adoption) -> Iterator[Step]:
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
        yield Step(
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
            yield Step(title=f"Delete {each.reference}", how=(f"kubectl delete {_named(each.reference)} -n flux-system",), is_done=False)


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
    if any(each.kind not in KINDS for each in gone):
        yield f"git rm -r {quote(f'{path}/flux-system' if path else 'flux-system')}   # gotk-components.yaml and gotk-sync.yaml"
    else:
        yield f"# remove these from the files below {path or './'} (and from their kustomization.yaml)"
    yield "git commit -m 'feat: flux is installed by a stack' && git push"


def _operator(adoption: Adoption, kubectl: _Kubectl) -> Iterator[Step]:
    if adoption.installer.origin is not Origin.OPERATOR:
        return
    instances = adoption.running.instances
    open_ = [each for each in instances if each.metadata.annotations.get(RECONCILE, "").lower() != DISABLED]
    named = " ".join(f"fluxinstances.fluxcd.controlplane.io/{each.metadata.name}" for each in instances)
    yield Step(
        title="Stop flux-operator from reconciling the FluxInstance",
        how=(kubectl.annotate(named, f"{RECONCILE}={DISABLED}"),) if open_ else (),
        is_done=not open_,
    )
    yield Step(
        title="Delete the FluxInstance: flux-operator leaves everything behind, as it is told not to reconcile",
        how=tuple(_deletion(each, kubectl) for each in instances),
        is_done=not instances,
    )
    if "flux-operator" in adoption.running.releases:
        release = adoption.running.find("HelmRelease", "flux-operator")
        how = "# in Git, remove the HelmRelease flux-operator and its source" if release else "helm uninstall flux-operator -n flux-system"
        yield Step(title="Remove flux-operator, which has nothing left to do", how=(how,), is_done=False)


def _deletion(instance: LiveObject, kubectl: _Kubectl) -> str:
    if HELM_RELEASE in instance.metadata.labels:
        name = instance.metadata.labels[HELM_RELEASE]
        return f"# in Git, remove the HelmRelease {name} and its source; flux-operator only after it is gone"
    if release := instance.metadata.annotations.get("meta.helm.sh/release-name"):
        return f"helm uninstall {release} -n {instance.metadata.namespace}"
    return kubectl(f"delete fluxinstances.fluxcd.controlplane.io/{instance.metadata.name} -n {instance.metadata.namespace}")


def _chart(adoption: Adoption, kubectl: _Kubectl) -> Iterator[Step]:
    release = adoption.installer.release
    if adoption.installer.origin is not Origin.CHART or release is None:
        return
    helm_release = adoption.running.find("HelmRelease", release)
    if helm_release is not None:
        yield Step(
            title=f"Suspend HelmRelease {release}: deleted while suspended, it uninstalls nothing",
            how=(f"flux suspend helmrelease {release}", "# then remove it from Git, or delete it"),
            is_done=False,
        )
    yield Step(
        title=f"Let Helm forget the release {release}, without uninstalling it",
        how=(kubectl(f"delete secret -n {FLUX_NAMESPACE} -l owner=helm,name={release}"),),
        is_done=release not in adoption.running.releases,
    )


def _up(adoption: Adoption, clone: Clone, mark: OwnersMark) -> Step:
    others = _others(adoption, mark)
    return Step(
        title="Let the stack take everything over, in place",
        how=(f"pulumi preview --stack {clone.stack}", f"pulumi up --stack {clone.stack}"),
        is_done=not others,
        left=f"{len(others)} objects are not the stack's",
    )


def _end(adoption: Adoption, clone: Clone, mark: OwnersMark, kubectl: _Kubectl) -> Step:
    every = (*adoption.running.installed, *adoption.objects)
    protected = [each for each in every if _is_protected(each)]
    selector = f"-l {STACK_LABEL}={mark.stack} {_KINDS},{_FLUX_KINDS}"
    how = (f"# remove gitops:takeOver from Pulumi.{clone.stack}.yaml, and commit",) if clone.takes_over or not clone.has_file else ()
    return Step(
        title="Remove what was needed for the hand-over alone",
        how=(*how, *((kubectl.annotate(selector, f"{PRUNE}-"),) if protected or adoption.from_git else ())),
        is_done=clone.has_file and not (protected or clone.takes_over or _others(adoption, mark)),
    )


def _others(adoption: Adoption, mark: OwnersMark) -> list[LiveObject]:
    return [each for each in (*adoption.running.installed, *adoption.objects) if not _is_marked(each, mark)]


def _is_marked(each: LiveObject, mark: OwnersMark) -> bool:
    return each.metadata.labels.get(STACK_LABEL) == mark.stack


def _is_protected(each: LiveObject) -> bool:
    return each.metadata.annotations.get(PRUNE, "").lower() == DISABLED


def _named(reference: ObjectReference) -> str:
    kind = KINDS[reference.kind]
    return f"{kind.plural}.{kind.api_group}/{reference.name}"
