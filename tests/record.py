"""What the engine double saw of one run: plain, finished, frozen data to assert on."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

STACK_TYPE: Final = "pulumi:pulumi:Stack"
PROVIDER_PREFIX: Final = "pulumi:providers:"
KUBERNETES_PREFIX: Final = "kubernetes:"


def on_one_line_each(problems: str) -> str:
    """Problems as a person sees them, each joined to one line."""
    return re.sub(r"\n{2,}", "\n", re.sub(r"\n {2,}", " ", problems))


@dataclass(frozen=True)
class Secret:
    """A value that reached the engine wrapped: the engine encrypts it in the state and hides it in output."""

    value: Any


class _Unknown:
    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = _Unknown()
"""A value that a preview cannot know yet."""


@dataclass(frozen=True)
class Reference:
    """A whole resource passed as a value."""

    urn: str


@dataclass(frozen=True, kw_only=True)
class Options:
    """Resource options as the program registered them; None means that it said nothing."""

    protect: bool | None = None
    retain_on_delete: bool | None = None
    delete_before_replace: bool | None = None
    custom_timeouts: Mapping[str, str]
    aliases: tuple[Mapping[str, Any], ...] = ()
    additional_secret_outputs: tuple[str, ...] = ()
    import_id: str = ""
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    deleted_with: str = ""
    version: str = ""


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One RegisterResource call."""

    urn: str
    type: str
    name: str
    """The logical name: with the type and the parents' types it is the identity in the state."""
    parent: str
    """URN; empty for the stack alone."""
    custom: bool
    dependencies: frozenset[str]
    """URNs of everything it waits for: `depends_on`, and whatever its inputs were made from."""
    property_dependencies: Mapping[str, frozenset[str]]
    provider: str
    """URN of the explicit provider; empty means the ambient default provider."""
    providers: Mapping[str, str]
    """Package → URN of the provider handed to a component's children."""
    inputs: Mapping[str, Any]
    options: Options
    declared_outputs: frozenset[str] | None = None
    """For a component: the attributes its class annotates as Output, in the spelling of the wire."""
    registered: tuple[Mapping[str, Any], ...] = ()
    """One entry for each register_outputs call."""

    @property
    def outputs(self) -> Mapping[str, Any]:
        """What the one register_outputs call gave."""
        if len(self.registered) != 1:
            raise AssertionError(f"{self.urn} called register_outputs {len(self.registered)} times, so it has no one set of outputs")
        return self.registered[0]

    @property
    def is_kubernetes(self) -> bool:
        """Whether it is an object of a cluster."""
        return self.type.startswith(KUBERNETES_PREFIX)

    @property
    def is_provider(self) -> bool:
        """Whether it is a provider and not something that a provider manages."""
        return self.type.startswith(PROVIDER_PREFIX)

    @property
    def kind(self) -> str:
        """Kind of the Kubernetes object."""
        return str(self.inputs.get("kind", ""))

    @property
    def group(self) -> str:
        """API group of the Kubernetes object; empty for the core group."""
        version = str(self.inputs.get("apiVersion", ""))
        return version.rpartition("/")[0]

    @property
    def object_name(self) -> str:
        """metadata.name of the Kubernetes object."""
        return str(self._metadata().get("name", ""))

    @property
    def namespace(self) -> str:
        """metadata.namespace of the Kubernetes object; empty for cluster-scoped ones."""
        return str(self._metadata().get("namespace", ""))

    def _metadata(self) -> Mapping[str, Any]:
        metadata = self.inputs.get("metadata")
        return metadata if isinstance(metadata, dict) else {}


@dataclass(frozen=True, kw_only=True)
class Message:
    """One line of the program's log."""

    severity: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Record:
    """One finished run of a program."""

    resources: tuple[Resource, ...]
    """In the order in which they were registered, the stack first."""
    log: tuple[Message, ...]
    printed: str
    """Standard output and error of the program."""
    exit_code: int
    exception: BaseException | None
    preview: bool

    @property
    def stack(self) -> Resource:
        """The root."""
        return self.resources[0]

    @property
    def exports(self) -> Mapping[str, Any]:
        """Stack outputs."""
        return self.stack.outputs

    @property
    def errors_as_shown(self) -> str:
        """What `pulumi` would show the person as errors of the program."""
        return "\n".join(message.text for message in self.log if message.severity == "error")

    @property
    def errors(self) -> str:
        """The same with each problem on one line, wherever a terminal's lines end: so tests look for sentences."""
        return on_one_line_each(self.errors_as_shown)

    def __getitem__(self, urn: str) -> Resource:
        """The resource of that URN."""
        return next(resource for resource in self.resources if resource.urn == urn)

    def of_type(self, token: str) -> tuple[Resource, ...]:
        """Every resource of a type."""
        return tuple(resource for resource in self.resources if resource.type == token)

    def named(self, name: str) -> Resource:
        """The one resource with that logical name."""
        return self._one([resource for resource in self.resources if resource.name == name], f"named {name}")

    def object(self, kind: str, name: str, namespace: str | None = None) -> Resource:
        """The one Kubernetes object of that kind and name, and namespace if given."""
        found = [
            resource
            for resource in self.kubernetes()
            if (resource.kind, resource.object_name) == (kind, name) and namespace in (None, resource.namespace)
        ]
        return self._one(found, f"that is {kind} {name}")

    def kubernetes(self) -> Iterator[Resource]:
        """Every Kubernetes object."""
        return (resource for resource in self.resources if resource.is_kubernetes)

    def components(self) -> Iterator[Resource]:
        """Every component; the stack is none."""
        return (resource for resource in self.resources if not resource.custom and resource.type != STACK_TYPE)

    def children(self, parent: Resource) -> tuple[Resource, ...]:
        """What has `parent` as its parent."""
        return tuple(resource for resource in self.resources if resource.parent == parent.urn)

    def waits_for(self, resource: Resource) -> frozenset[str]:
        """URNs of everything that is there before `resource` is created, and still there when it is deleted."""
        by_urn = {each.urn: each for each in self.resources}
        seen: set[str] = set()
        open_ends = [*resource.dependencies]
        while open_ends:
            urn = open_ends.pop()
            if urn not in seen:
                seen.add(urn)
                open_ends.extend(by_urn[urn].dependencies if urn in by_urn else ())
        return frozenset(seen)

    def _one(self, found: list[Resource], what: str) -> Resource:
        if len(found) != 1:
            known = "\n  ".join(resource.urn for resource in self.resources)
            raise AssertionError(f"{len(found)} resources {what}, not one. Registered were:\n  {known}")
        return found[0]
