"""Which Kubernetes a Flux minor supports."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from flux.finding import STACK_FILE, Finding, in_stack_file
from flux.listing import either
from flux.minor_version import minor_of
from flux.rules.plan import Plan
from flux.rules.rule import rule

_PATH = ("cluster", "kubernetesVersion")


@dataclass(frozen=True)
class Supported:
    """Kubernetes 1.`oldest` to 1.`newest`, and the first good patch release of a minor where that is not its .0."""

    oldest: int
    newest: int
    first_patches: dict[int, int] = field(default_factory=dict)


KUBERNETES_OF_FLUX: dict[tuple[int, int], Supported] = {
    # the table "Kubernetes compatibility" of each minor's release page (https://github.com/fluxcd/flux2/releases);
    # 2.7's lower bound also in https://github.com/fluxcd/website/pull/2353
    (2, 7): Supported(32, 34),
    (2, 8): Supported(33, 35),
    (2, 9): Supported(34, 36),
    (2, 10): Supported(35, 37, {35: 2, 36: 1}),
}
"""Flux minor → Kubernetes minors. Of a minor that is not listed nothing is known, so nothing is reported."""


@rule(looks_at=STACK_FILE)
def flux_supports_the_declared_kubernetes(plan: Plan) -> Iterator[Finding]:
    """The declared Kubernetes version is one that this Flux minor supports.

    Each Flux minor is tested with three Kubernetes minors (release pages of fluxcd/flux2); others may lack API versions and fields that
    the controllers need. Not checked: a Flux minor that is newer than this program's table.
    """
    declared = plan.planned.kubernetes_version
    kubernetes = minor_of(declared) if declared else None
    supported = KUBERNETES_OF_FLUX.get(plan.flux_minor) if plan.flux_minor else None
    if kubernetes is None or supported is None or plan.flux_minor is None:
        return
    flux = "{}.{}".format(*plan.flux_minor)
    minor = kubernetes[1]
    if kubernetes[0] != 1 or not supported.oldest <= minor <= supported.newest:
        others = [f"{major}.{of}" for (major, of), range_ in KUBERNETES_OF_FLUX.items() if range_.oldest <= minor <= range_.newest]
        instead = f"Install Flux {either(others)}" if others and kubernetes[0] == 1 else "Install a Flux that supports it"
        yield in_stack_file(
            _PATH,
            f"is {kubernetes[0]}.{minor}, but Flux {flux} supports 1.{supported.oldest} to 1.{supported.newest}",
            "The controllers would run untested, and may find APIs missing.",
            f"{instead}, or bring the cluster to a supported version first.",
        )
        return
    patch = re.match(r"v?\d{1,9}\.\d{1,9}\.(\d{1,9})(?!\d)", declared or "")
    first = supported.first_patches.get(minor, 0)
    if patch and int(patch[1]) < first:
        yield in_stack_file(
            _PATH,
            f"is 1.{minor}.{patch[1]}, but Flux {flux} needs at least 1.{minor}.{first}",
            "Flux's release page excludes this API server.",
            f"Bring the cluster to 1.{minor}.{first} first.",
        )
