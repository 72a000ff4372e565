"""What every object has: a name of its own, and a spec."""

from collections.abc import Iterator

from flux.finding import STACK, STACK_AND_GIT, Finding
from flux.rules.plan import Plan
from flux.rules.rule import rule

_LONGEST_LABEL = 63


@rule(looks_at=STACK)
def object_is_declared_once(plan: Plan) -> Iterator[Finding]:
    """No two objects have the same kind, namespace and name.

    They would be one object in the cluster, and each would overwrite the other. The name of a GitRepository may differ from its
    repository's, and sources of different kinds may share a name.
    """
    seen = set()
    for item in plan.objects:
        key = (item.group, item.reference)
        if key in seen and item.name:
            yield item.wrong(
                (),
                f"declares {item} a second time",
                "Both are the same object in the cluster: each would overwrite the other.",
                "Rename or remove one.",
            )
        seen.add(key)


@rule(looks_at=STACK_AND_GIT)
def object_has_a_spec(plan: Plan) -> Iterator[Finding]:
    """Every Flux object has a `spec`.

    The CRDs require only fields inside `spec`: the API server accepts an object without it, but its controller cannot do anything with
    it.
    """
    for item in plan.objects:
        if item.is_of_flux and item.kind != "ExternalArtifact" and item.body.get("spec") is None:
            yield item.wrong(
                ("spec",),
                "is required but missing",
                f"The API server would accept the {item.kind}, but Flux could not act on it.",
                "Write its spec.",
            )


@rule(looks_at=STACK_AND_GIT)
def name_fits_into_a_label(plan: Plan) -> Iterator[Finding]:
    """The name of a Kustomization or a HelmRelease has at most 63 characters.

    Flux labels every object that it applies with that name, and the API server refuses a longer label on each of them
    (https://github.com/fluxcd/flux2/issues/2004). helm-controller itself shortens the names of Helm releases.
    """
    for item in plan.of_kind("Kustomization", "HelmRelease"):
        length = len(item.name)
        if length > _LONGEST_LABEL:
            yield item.wrong(
                ("metadata", "name"),
                f"has {length} characters; at most {_LONGEST_LABEL} fit into a label",
                "Flux labels everything that it applies with this name: the API server would refuse it all.",
                f"Write a name of at most {_LONGEST_LABEL} characters.",
            )
