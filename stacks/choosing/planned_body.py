"""One Flux object that a stack makes: the body that will be applied, as everything else reads it, with its places."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, Protocol

import pulumi

from flux.kinds import api_group
from flux.object_reference import ObjectReference, reference_of
from stacks.choosing.catalog_entry import WrittenEntry
from stacks.reading.document import Document, Places
from stacks.words.place import Place


class ComponentArgs(Protocol):
    """Arguments of a component of one object."""

    def body(self) -> dict[str, Any]:
        """The object, as plain data."""


@dataclass(frozen=True)
class FormerResource:
    """The resource that was made of an object by a component for it alone."""

    component: str
    """The component's class, by which its type is called."""
    name: str
    """The component's logical name."""

    def urn(self, project: str, stack: str, token: str) -> str:
        """The URN of the resource, whose type token is `token`: where an older state of the stack has it."""
        kind = token.rpartition(":")[2].lower()
        return f"urn:pulumi:{stack}::{project}::gitops:index:{self.component}${token}::{self.name}-{kind}"


@dataclass(frozen=True, kw_only=True, eq=False)
class PlannedBody:
    """What will be applied, and where each part of it was written."""

    body: Mapping[str, Any]
    formerly: FormerResource
    """What older states have of it."""
    entry: WrittenEntry
    written: Document
    """What is written of its spec."""
    filled: Mapping[str, Place | str]
    """Field of the spec that the program fills in if it is not written → the place of what it is made of, or a key of the entry."""

    @cached_property
    def places(self) -> Places:
        """Where each part of the body was written."""
        entry, spec = self.entry.document.places, self.written.places
        below = dict(spec.below)
        for field, made_of in self.filled.items():
            if field not in self.written.value:
                below[field] = Places(entry.of((made_of,)) if isinstance(made_of, str) else made_of, entire=True)
        parts: dict[str | int, Places] = {key: entry.at(key) for key in ("apiVersion", "kind") if entry.has((key,))}
        return Places(entry.here, parts | {"metadata": self.entry.metadata, "spec": Places(spec.here, below)}, entire=True)

    @property
    def kind(self) -> str:
        """`GitRepository`."""
        return str(self.body["kind"])

    @property
    def name(self) -> str:
        """`argo-workflows`."""
        return str(self.body["metadata"]["name"])

    @property
    def group(self) -> str:
        """`source.toolkit.fluxcd.io`."""
        return api_group(str(self.body["apiVersion"]))

    @property
    def spec(self) -> dict[str, Any]:
        """Its spec, as it will be applied."""
        spec: dict[str, Any] = self.body["spec"]
        return spec

    @property
    def url(self) -> str | None:
        """Where it is fetched from, if it is a source with a URL."""
        url = self.spec.get("url")
        return url if isinstance(url, str) else None

    @cached_property
    def reference(self) -> ObjectReference:
        """What it is called in the cluster."""
        return reference_of(self.body)

    def named_secret(self, field: str) -> str | None:
        """The Secret that a field of the spec names, such as `secretRef`."""
        reference = self.spec.get(field)
        name = reference.get("name") if isinstance(reference, dict) else None
        return name if isinstance(name, str) else None


def planned(
    component: type[pulumi.ComponentResource],
    args: ComponentArgs,
    entry: WrittenEntry,
    spec: Document,
    filled: Mapping[str, Place | str] = MappingProxyType({}),
    former_name: str | None = None,
) -> PlannedBody:
    """The body of `entry`. `spec` is what is written of its spec; see `PlannedBody.filled`."""
    body = args.body()
    return PlannedBody(
        body=body,
        formerly=FormerResource(component.__name__, former_name or entry.name),
        entry=entry,
        written=spec,
        filled=filled,
    )
