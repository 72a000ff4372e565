"""Sources that Git itself declares: a repository may bring the source from which its own Kustomizations apply."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flux.kinds import SOURCE_API_GROUP
from flux.object_reference import FLUX_NAMESPACE
from gitops.check.follow.built_object import BuiltObject
from gitops.check.follow.known_variables import KnownVariables, substituted
from gitops.check.repository.documents import mapping, text
from gitops.check.repository.included import Include, includes_of


@dataclass(frozen=True, kw_only=True)
class DeclaredSource:
    """A GitRepository or an OCIRepository in Git."""

    kind: str = "GitRepository"
    namespace: str
    name: str
    spec: Mapping[str, Any]
    repository: str
    """Where it is declared."""
    file: str
    line: int

    @property
    def key(self) -> str:
        """What the check calls it."""
        return source_key(self.kind, self.namespace, self.name)

    @property
    def includes(self) -> list[Include]:
        """What it takes from others, which are in its own namespace."""
        return [
            Include(repository=source_key("GitRepository", self.namespace, each.repository), from_path=each.from_path, to_path=each.to_path)
            for each in includes_of(self.spec)
        ]


FOLLOWED_KINDS = ("GitRepository", "OCIRepository")
"""Sources whose files the check can fetch."""
Admit = Callable[[DeclaredSource], str]
"""Whether a source is fetched: nothing, or why not, as in `is not …`."""
MOST_ADMITTED = 20
"""Each costs a fetch of a repository that the stack file does not name."""


def nothing_admitted(_: DeclaredSource) -> str:
    """Where there is nothing to fetch with."""
    return "is not a source of this stack"


def source_key(kind: str, namespace: str, name: str) -> str:
    """`fleet`, as the stack's own GitRepositories are called; `apps/fleet` outside flux-system; `OCIRepository/fleet` for artifacts."""
    called = name if namespace == FLUX_NAMESPACE else f"{namespace}/{name}"
    return called if kind == "GitRepository" else f"{kind}/{called}"


Meant = Callable[[dict[str, Any]], Mapping[str, Any]]
"""A body of Git → the same, with the fields that are misspelt as they are meant."""


def as_it_is(body: dict[str, Any]) -> Mapping[str, Any]:
    """Where no schema says what is misspelt."""
    return body


def declared_in(item: BuiltObject, known: KnownVariables, place: tuple[str, str], meant: Meant = as_it_is) -> DeclaredSource | None:
    """The source that `item` is; None for anything else."""
    if item.kind not in FOLLOWED_KINDS or item.group != SOURCE_API_GROUP:
        return None
    body = meant(substituted(item.body, known))
    namespace, name = text(body, "metadata", "namespace"), text(body, "metadata", "name")
    if not (namespace and name):
        return None
    repository, file = place
    return DeclaredSource(
        kind=item.kind, namespace=namespace, name=name, spec=mapping(body, "spec"), repository=repository, file=file, line=item.line
    )
