"""What `gitops adopt` prints of an adoption: where Flux comes from, the steps with their states, and what it leaves to a person."""

from collections.abc import Iterator, Sequence

from flux.object_reference import FLUX_NAMESPACE
from gitops.adopt.adoption import Adoption
from gitops.adopt.description import Description, stays_in_git
from gitops.adopt.hand_over_step import HandOverStep, StepState, states

_LEFT = 3


def lines(adoption: Adoption, description: Description, steps: Sequence[HandOverStep], *, is_owned: bool, is_first: bool) -> Iterator[str]:
    """The report. `is_first`: with what a person should know of the files."""
    kinds = ", ".join(f"{each.kind}/{each.metadata.name}" for each in adoption.objects)
    yield "The stack owns this Flux." if is_owned else f"Flux was installed by {adoption.installer.origin}."
    yield f"The stack will own: {kinds or 'no source and no Kustomization'}."
    if dropped := ", ".join(f"{each.kind}/{each.metadata.name}" for each in adoption.dropped):
        yield f"No longer needed: {dropped}."
    if staying := ", ".join(stays_in_git(adoption)):
        yield f"Applied from Git as before: {staying}."
    if is_first and description.notes:
        yield "\nNote:"
        yield from (f"  {note}" for note in description.notes)
    yield "\nSteps:"
    for number, (step, state) in enumerate(zip(steps, states(steps), strict=True), start=1):
        left = f": {step.left}" if step.left and state is StepState.NEXT else ""
        yield f"{number}. {step.title} [{state}{left}]"
        if state is not StepState.DONE:
            yield from (f"     {command}" for command in step.how)
    yield "\nThis command changes nothing in the cluster and commits nothing to Git. It does not handle:"
    yield from (f"  {each}" for each in _not_ours(adoption))


def _not_ours(adoption: Adoption) -> Iterator[str]:
    outside = [each for each in adoption.running.objects if each.metadata.namespace != FLUX_NAMESPACE]
    if outside:
        named = ", ".join(str(each.reference) for each in outside[:_LEFT])
        yield f"objects outside {FLUX_NAMESPACE}, which no stack owns: {named}{' …' if len(outside) > _LEFT else ''}"
    if in_git := sorted(name for name in adoption.running.secrets if name not in adoption.secrets and name != "sops-age"):
        yield f"Secrets that Git applies, or that no source uses: {', '.join(in_git)}"
    yield "Terraform's state, Helm's history elsewhere, and your own tools that still install Flux"
