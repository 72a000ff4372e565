"""What every object has: a name of its own, and a spec."""

from collections.abc import Iterator

from flux.finding import Finding
from flux.rules.plan import Plan

_LONGEST_LABEL = 63


def object_is_declared_once(plan: Plan) -> Iterator[Finding]:
    """No two objects have the same kind, namespace and name.

    They would be one object in the cluster, and the last one written would win, until the other is written again. The name of a
    GitRepository and that of its repository are free to differ, and two sources of different kinds may share a name.
    """
    seen = set()
    for item in plan.objects:
        key = (item.group, item.identity)
        if key in seen and item.identity.name:
            yield item.wrong(
                (),
                f"{item.identity} is declared twice; in the cluster both are one object, and each would overwrite the other; "
                "rename or remove one",
            )
        seen.add(key)


def object_has_a_spec(plan: Plan) -> Iterator[Finding]:
    """Every Flux object has a `spec`.

    The CRDs do not require one, only fields inside of it: the API server accepts an object without, and its controller can do
    nothing with it.
    """
    for item in plan.objects:
        if item.group.endswith("fluxcd.io") and item.identity.kind != "ExternalArtifact" and item.body.get("spec") is None:
            yield item.wrong(
                ("spec",),
                f"there is no spec; the API server would accept the {item.identity.kind}, but Flux could do nothing with it; "
                "write its spec",
            )


def name_fits_into_a_label(plan: Plan) -> Iterator[Finding]:
    """The name of a Kustomization or a HelmRelease has at most 63 characters.

    Flux labels everything that it applies with that name, and the API server refuses a longer label on each of these objects
    (https://github.com/fluxcd/flux2/issues/2004). Names of Helm releases are shortened by helm-controller itself.
    """
    for item in plan.of_kind("Kustomization", "HelmRelease"):
        length = len(item.identity.name)
        if length > _LONGEST_LABEL:
            yield item.wrong(
                ("metadata", "name"),
                f"the name has {length} characters; Flux writes it into a label of everything that it applies, and the API server would "
                f"refuse all of it; write a name of at most {_LONGEST_LABEL}",
            )


RULES = (object_is_declared_once, object_has_a_spec, name_fits_into_a_label)
