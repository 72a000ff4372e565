"""Which files a Kustomization applies: such as are there, and that no other one applies."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from flux.finding import Finding
from flux.object_reference import ObjectReference
from flux.rules.plan import Plan, PlannedObject
from flux.rules.reading import mapping, shown, text

Parts = tuple[str, ...]


class _Place(NamedTuple):
    """Where a Kustomization's objects come from and go to; only those of one place can be the same objects."""

    source: tuple[str | None, str, str | None]
    cluster: str
    prefix: str | None
    suffix: str | None


def paths_of_one_source_lie_apart(plan: Plan) -> Iterator[Finding]:
    """Two Kustomizations of one source have paths of which neither contains the other.

    Both would apply and own the same objects: each would undo the other's changes, and pruning by one would delete what the other
    applies (https://fluxcd.io/flux/faq). Not judged: Kustomizations that both set `targetNamespace`, and not the same; other clusters
    (`kubeConfig`); other names (`namePrefix`, `nameSuffix`). Being suspended is no excuse: it ends one day.
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
            yield item.wrong(("spec", "path"), _sentence(item, other, parts))


def path_is_checked_out(plan: Plan) -> Iterator[Finding]:
    """The path of a Kustomization lies in what its GitRepository checks out.

    With `sparseCheckout`, only those directories, and the files beside them, are in the artifact; Flux would not find any other path.
    """
    for item in plan.of_kind("Kustomization"):
        reference = mapping(item.spec, "sourceRef")
        namespace = text(reference, "namespace") or item.identity.namespace
        source = plan.find(ObjectReference("GitRepository", namespace, text(reference, "name") or ""))
        written = source.spec.get("sparseCheckout") if source and reference.get("kind") == "GitRepository" else None
        parts = parts_of(text(item.spec, "path") or "")
        directories = [parts_of(path) for path in written if isinstance(path, str)] if isinstance(written, list) else []
        if source and directories and not any(some[: len(parts)] == parts or parts[: len(some)] == some for some in directories):
            yield item.wrong(
                ("spec", "path"),
                f"{shown('./' + '/'.join(parts))} is not among the directories that {source.identity} checks out; Flux would not find it; "
                "add it to sparseCheckout of the GitRepository, or write another path",
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
    source = (text(reference, "kind"), text(reference, "namespace") or item.identity.namespace, text(reference, "name"))
    cluster = repr(item.spec.get("kubeConfig")) if item.spec.get("kubeConfig") else ""
    return _Place(source, cluster, text(item.spec, "namePrefix"), text(item.spec, "nameSuffix"))


def _sentence(item: PlannedObject, other: PlannedObject, parts: Parts) -> str:
    other_parts = parts_of(text(other.spec, "path") or "")
    here, there = (shown("./" + "/".join(some)) for some in (parts, other_parts))
    relation = f"{other.identity} already applies {here}"
    if parts != other_parts:
        relation = f"{here} lies inside {there}, which {other.identity} applies"
    return (
        f"{relation} of the same {text(item.spec, 'sourceRef', 'kind') or 'source'}; both would own the same objects, "
        "undo each other's changes and prune what the other applies; give them paths that lie apart, or both a targetNamespace of its own"
    )


RULES = (paths_of_one_source_lie_apart, path_is_checked_out)
