"""Which files a Kustomization applies: such as are there, and that no other one applies."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from flux.any_shape import mapping, shown, text
from flux.finding import STACK, STACK_AND_GIT, Finding
from flux.object_reference import ObjectReference
from flux.rules.plan import Plan, PlannedObject
from flux.rules.rule import rule

Parts = tuple[str, ...]


class _Place(NamedTuple):
    """Where a Kustomization's objects come from and go to; only those of one place can be the same objects."""

    source: tuple[str | None, str, str | None]
    cluster: str
    prefix: str | None
    suffix: str | None


@rule(looks_at=STACK)
def paths_of_one_source_lie_apart(plan: Plan) -> Iterator[Finding]:
    """If two Kustomizations use one source, neither path contains the other.

    Both would apply and own the same objects: each would undo the other's changes, and prune what the other applies
    (https://fluxcd.io/flux/faq). Not checked: Kustomizations with different `targetNamespace`s, for other clusters (`kubeConfig`), or
    with other names (`namePrefix`, `nameSuffix`). Suspended Kustomizations count, because they will be resumed.
    Those in Git are judged by the objects themselves (`applied-twice` of `gitops check`): there, a path inside another is common and right.
    """
    earlier: dict[tuple[_Place, Parts], dict[str | None, PlannedObject]] = {}
    everything: dict[tuple[_Place, Parts], dict[str | None, PlannedObject]] = {}
    items = [(item, _place(item), parts_of(text(item.spec, "path") or "")) for item in plan.of_kind("Kustomization")]
    items = [entry for entry in items if entry[1].source[2]]
    for item, place, parts in items:
        everything.setdefault((place, parts), {}).setdefault(text(item.spec, "targetNamespace"), item)
    for item, place, parts in items:
        namespace = text(item.spec, "targetNamespace")
        other = _clashing(earlier.get((place, parts), {}), namespace)
        for length in range(len(parts) - 1, -1, -1) if other is None else ():
            other = _clashing(everything.get((place, parts[:length]), {}), namespace)
            if other is not None:
                break
        earlier.setdefault((place, parts), {}).setdefault(namespace, item)
        if other is not None:
            yield item.wrong(
                ("spec", "path"),
                _relation(other, parts),
                "Each would undo the other's changes, and prune what the other applies.",
                "Give them separate paths, or each its own targetNamespace.",
            )


@rule(looks_at=STACK_AND_GIT)
def path_is_checked_out(plan: Plan) -> Iterator[Finding]:
    """The path of a Kustomization is in what its GitRepository checks out.

    With `sparseCheckout`, the artifact holds only those directories and the files beside them; Flux would not find any other path.
    """
    for item in plan.of_kind("Kustomization"):
        reference = mapping(item.spec, "sourceRef")
        namespace = text(reference, "namespace") or item.namespace
        source = plan.find(ObjectReference("GitRepository", namespace, text(reference, "name") or ""))
        written = source.spec.get("sparseCheckout") if source and reference.get("kind") == "GitRepository" else None
        parts = parts_of(text(item.spec, "path") or "")
        directories = [parts_of(path) for path in written if isinstance(path, str)] if isinstance(written, list) else []
        if source and directories and not any(some[: len(parts)] == parts or parts[: len(some)] == some for some in directories):
            yield item.wrong(
                ("spec", "path"),
                f"is {_written(parts)}, which {source} does not check out",
                "Flux would not find it.",
                "Add it to sparseCheckout of the GitRepository, or write another path.",
            )


def parts_of(path: str) -> Parts:
    """The directories of a path below the source's root, as Flux joins them: `./`, `/` and `..` never lead out of it."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return tuple(parts)


def _clashing(by_namespace: dict[str | None, PlannedObject], namespace: str | None) -> PlannedObject | None:
    if namespace is None:
        return next(iter(by_namespace.values()), None)
    return by_namespace.get(namespace) or by_namespace.get(None)


def _place(item: PlannedObject) -> _Place:
    reference: Any = mapping(item.spec, "sourceRef")
    source = (text(reference, "kind"), text(reference, "namespace") or item.namespace, text(reference, "name"))
    cluster = repr(item.spec.get("kubeConfig")) if item.spec.get("kubeConfig") else ""
    return _Place(source, cluster, text(item.spec, "namePrefix"), text(item.spec, "nameSuffix"))


def _relation(other: PlannedObject, parts: Parts) -> str:
    other_parts = parts_of(text(other.spec, "path") or "")
    if parts == other_parts:
        return f"is {_written(parts)}, which {other} also applies"
    return f"is {_written(parts)}, inside {_written(other_parts)}, which {other} applies"


def _written(parts: Parts) -> str:
    return shown("./" + "/".join(parts))
