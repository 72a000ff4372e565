"""What a change of a stack makes Flux do in the cluster, and only `--follow` shows: a comparison without it says so."""

from collections.abc import Iterator
from dataclasses import replace

from gitops.compare.found_changes import Change, RevisionComparison
from gitops.compare.own_words import coded
from gitops.compare.sentence import joined, named

_OF_SOURCES = frozenset({"url", "ref", "ignore", "include", "sparseCheckout", "layerSelector", "bucketName", "endpoint", "prefix"})
_DECIDES = {
    "Kustomization": frozenset(
        {
            "path",
            "sourceRef",
            "components",
            "patches",
            "images",
            "postBuild",
            "decryption",
            "targetNamespace",
            "namePrefix",
            "nameSuffix",
            "commonMetadata",
            "kubeConfig",
            "ignoreMissingComponents",
        }
    ),
    **dict.fromkeys(("GitRepository", "OCIRepository", "HelmRepository", "Bucket"), _OF_SOURCES),
}
"""Kind → the fields that say what Flux applies. The rest says when, and how."""
_VARIABLE = "variable"


def with_what_is_not_followed(comparison: RevisionComparison) -> RevisionComparison:
    """The comparison, and a note where Flux will do something that it does not show."""
    names = list(dict.fromkeys(_concerned(comparison)))
    if not names:
        return comparison
    shown = named(names)
    text = joined([coded("What Flux then does in the cluster is not shown:"), shown, coded(f"{_change(names)}; `--follow` shows it")], " ")
    return replace(comparison, notes=(*comparison.notes, text))


def _change(names: list[str]) -> str:
    return "changes" if len(names) == 1 else "change"


def _concerned(comparison: RevisionComparison) -> Iterator[str]:
    for change in comparison.changes:
        if change.kind == _VARIABLE:
            yield from (f"variable {name}" for name in change.names)
        elif change.kind in _DECIDES:
            yield from _objects(change)


def _objects(change: Change) -> Iterator[str]:
    """The objects of a change; of a field below `spec`, its first part decides."""
    for diff in change.diffs:
        below = [each.key[1:2] for each in diff.fields if each.key[:1] == ("spec",)]
        if () in below or {str(name) for (name,) in filter(None, below)} & _DECIDES[change.kind]:
            yield diff.name
