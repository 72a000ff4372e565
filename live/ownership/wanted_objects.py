"""What a stack wants to make, as the API server calls it. Loads no client."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flux.kinds import KINDS
from flux.object_reference import ObjectReference


@dataclass(frozen=True, order=True)
class WantedObject:
    """An object that a stack will make, and where the API server would have it."""

    api_version: str
    plural: str
    reference: ObjectReference

    @property
    def collection(self) -> str:
        """The path of what it is listed in."""
        root = f"/apis/{self.api_version}" if "/" in self.api_version else f"/api/{self.api_version}"
        namespace = self.reference.namespace
        return f"{root}/namespaces/{quote(namespace, safe='')}/{self.plural}" if namespace else f"{root}/{self.plural}"

    @property
    def path(self) -> str:
        """Its own path."""
        return f"{self.collection}/{quote(self.reference.name, safe='')}"


def any_of_kind(api_version: str, kind: str, namespace: str = "") -> WantedObject:
    """One without a name, which stands for all of its kind."""
    plural = KINDS[kind].plural if kind in KINDS else plural_of(kind, ())
    return WantedObject(api_version, plural, ObjectReference(kind, namespace, ""))


def plural_of(kind: str, definitions: Iterable[Mapping[str, Any]]) -> str:
    """How a kind is listed: as its CRD says, else as Kubernetes' own kinds are."""
    for each in definitions:
        names = each.get("spec", {}).get("names", {})
        if names.get("kind") == kind:
            return str(names["plural"])
    name = kind.lower()
    if name.endswith("y"):
        return f"{name[:-1]}ies"
    return f"{name}es" if name.endswith(("s", "x", "ch")) else f"{name}s"
