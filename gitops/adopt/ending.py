"""What ends the former ownership, step by step: what to run or to edit, and whether the cluster and the clone show that it is done.

The order keeps two promises. Nothing that Flux applied is deleted: whatever leaves Git is protected from pruning first. And Flux goes on
reconciling meanwhile: nothing is suspended, and no controller stops.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from flux.kinds import KINDS
from flux.owners_mark import STACK_LABEL, OwnersMark
from flux.prune import PRUNE
from gitops.adopt.adoption import Adoption
from gitops.adopt.hand_over_step import INSTALLED_KINDS, HandOverStep, KubectlCommands, is_marked, is_protected
from gitops.adopt.leaving_git import orphaning, out_of_git, protection
from gitops.adopt.other_tools import chart, flux_operator, terraform
from live.access.target import VARIABLE, Target
from live.flux_objects.running_flux import LiveObject, RunningFlux
from live.managed_versions import versions_named
from live.stored_versions import StoredDefinition


@dataclass(frozen=True, kw_only=True)
class Clone:
    """What the clone has of the stack."""

    stack: str
    has_file: bool
    missing_entries: tuple[str, ...] = ()
    """Of the catalog: `git.flux-system`."""
    missing_secrets: tuple[str, ...] = ()
    """Commands that set them."""
    takes_over: bool = False
    """Whether the stack file still says `takeOver`."""


def steps_of(adoption: Adoption, clone: Clone, mark: OwnersMark, target: Target) -> list[HandOverStep]:
    """All of them, in order."""
    kubectl = KubectlCommands(target)
    return [
        *_files(clone),
        *_migration(adoption, clone),
        *terraform(adoption),
        *protection(adoption, mark, kubectl),
        *orphaning(adoption, kubectl),
        *out_of_git(adoption, kubectl),
        *flux_operator(adoption, kubectl),
        *chart(adoption, kubectl),
        _up(adoption, clone, mark, target),
        _end(adoption, clone, mark, kubectl),
    ]


def is_owned(adoption: Adoption, mark: OwnersMark) -> bool:
    """Whether the stack owns the installation and the objects."""
    return not _others(adoption, mark)


def _files(clone: Clone) -> Iterator[HandOverStep]:
    again = (f"# add the entries to catalog.yaml that this prints, without the stack file: gitops adopt {clone.stack}",)
    yield HandOverStep(
        title="Write the stack file and the catalog",
        how=again if clone.has_file else (f"gitops adopt {clone.stack} --output .   # --replace-catalog replaces the example's",),
        is_done=clone.has_file and not clone.missing_entries,
        left=f"catalog.yaml lacks {', '.join(clone.missing_entries)}" if clone.has_file else "",
    )
    count = len(clone.missing_secrets)
    yield HandOverStep(
        title="Set the stack's secrets, encrypted",
        how=(
            f"pulumi stack init {clone.stack} --secrets-provider passphrase   # once",
            *clone.missing_secrets,
            f"# or all at once: gitops adopt {clone.stack} --with-secrets",
        )
        if count
        else (),
        is_done=clone.has_file and not count,
        left=f"{count} missing",
    )


def _migration(adoption: Adoption, clone: Clone) -> Iterator[HandOverStep]:
    old = {each.kind: versions for each in adoption.running.definitions if (versions := _old_versions(each, adoption.running))}
    if old:
        yield HandOverStep(
            title="Rewrite the objects that are in an old version",
            how=(f"gitops migrate --stack {clone.stack}",),
            is_done=False,
            left=", ".join(f"{kind} ({', '.join(versions)})" for kind, versions in old.items()),
        )


def _old_versions(definition: StoredDefinition, running: RunningFlux) -> list[str]:
    """In which objects of a kind may be stored, with the current one; and those that only managed fields name: no apply succeeds."""
    stored = [] if definition.is_migrated else definition.stored
    of_kind = (each.metadata for each in running.objects if each.kind == definition.kind)
    named = {version for each in of_kind for version in versions_named(each, definition.group)}
    return [*stored, *sorted(named - definition.versions - set(stored))]


def _up(adoption: Adoption, clone: Clone, mark: OwnersMark, target: Target) -> HandOverStep:
    others = _others(adoption, mark)
    is_read = os.environ.get(VARIABLE) == target.config_file
    exported = () if is_read else (f"export {VARIABLE}={quote(str(Path(target.config_file).expanduser()))}   # pulumi reads only this one",)
    return HandOverStep(
        title="Let the stack take everything over, in place",
        how=(*exported, f"pulumi preview --stack {clone.stack}", f"pulumi up --stack {clone.stack}"),
        is_done=not others,
        left=f"{len(others)} objects are not the stack's",
    )


def _end(adoption: Adoption, clone: Clone, mark: OwnersMark, kubectl: KubectlCommands) -> HandOverStep:
    every = (*adoption.installation, *adoption.objects)
    protected = [each for each in every if is_protected(each)]
    kinds = sorted({each.kind for each in adoption.objects})
    of_flux = [f"{KINDS[kind].plural}.{KINDS[kind].api_group}" for kind in kinds if kind in KINDS]
    selector = f"-l {STACK_LABEL}={mark.stack} {','.join([INSTALLED_KINDS, *of_flux])}"
    how = (f"# remove gitops:takeOver from Pulumi.{clone.stack}.yaml, and commit",) if clone.takes_over or not clone.has_file else ()
    return HandOverStep(
        title="Remove what only the hand-over needed",
        how=(*how, *((kubectl.annotate(selector, f"{PRUNE}-"),) if protected or adoption.from_git else ())),
        is_done=clone.has_file and not (protected or clone.takes_over or _others(adoption, mark)),
    )


def _others(adoption: Adoption, mark: OwnersMark) -> list[LiveObject]:
    return [each for each in (*adoption.installation, *adoption.objects) if not is_marked(each, mark)]
