"""The resource monitor of the engine double: records every registration and refuses what the engine refuses."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pulumi
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime import mocks
from pulumi.runtime.proto import resource_pb2

from tests.providers import Answer, reference_of
from tests.record import STACK_TYPE, Options, Resource
from tests.wire import UNKNOWN_MARK, decoded_fields, wrap


class EngineError(Exception):
    """The engine would have refused this program."""


class Monitor(mocks.MockMonitor):
    """Stands where Pulumi's engine stands for a program of one stack."""

    def __init__(self, project: str, stack: str, preview: bool, answers: Mapping[str, Answer]) -> None:
        super().__init__(mocks=None)  # type: ignore[arg-type]  # every call that would ask them is replaced below
        self.preview = preview
        self._classes: dict[tuple[str, str], type[pulumi.ComponentResource]] = {}
        self._identity = (stack, project)
        self._answers = answers
        self._registered: dict[str, Resource] = {}

    @contextmanager
    def watching_components(self) -> Iterator[None]:
        """Note the class behind each type token, for the outputs that it declares."""
        original = pulumi.ComponentResource.__init__

        def watched(component: pulumi.ComponentResource, t: str, name: str, *args: Any, **kwargs: Any) -> None:
            self._classes[t, name] = type(component)
            original(component, t, name, *args, **kwargs)

        with patch.object(pulumi.ComponentResource, "__init__", watched):
            yield

    def finished(self) -> tuple[Resource, ...]:
        """Everything registered, in order."""
        return tuple(
            replace(resource, declared_outputs=declared_outputs(self._classes[resource.type, resource.name]))
            if (resource.type, resource.name) in self._classes
            else resource
            for resource in self._registered.values()
        )

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        """A URN as the engine forms it; unlike Pulumi's own mocks, the stack is not part of its children's types."""
        parents = parent.split("::")[2] if parent else STACK_TYPE
        qualified = type_ if parents == STACK_TYPE else f"{parents}${type_}"
        return "::".join([f"urn:pulumi:{self._identity[0]}", self._identity[1], qualified, name])

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802
        urn = self.make_urn(request.parent, request.type, request.name)
        if urn in self._registered:
            raise EngineError(f"Duplicate resource URN {urn}: two resources share type, parents and logical name; give one another name")
        for known in [request.parent, *request.dependencies]:
            if known and known not in self._registered:
                raise EngineError(f"{urn} refers to {known}, which is not registered")
        if request.transforms or request.state_migrations:
            raise EngineError(f"{urn} uses transforms or state migrations, which this double does not run, so its record would be wrong")
        resource = self._registered[urn] = _resource(urn, request)
        if resource.type == STACK_TYPE:
            return resource_pb2.RegisterResourceResponse(urn=urn)
        identity = "" if self.preview or not resource.custom else reference_of(resource)
        return resource_pb2.RegisterResourceResponse(urn=urn, id=identity, object=self._state(resource, request.object))

    def RegisterResourceOutputs(self, request: Any) -> empty_pb2.Empty:  # noqa: N802
        resource = self._registered.get(request.urn)
        if resource is None or resource.custom:
            raise EngineError(f"outputs registered for {request.urn}, which is no registered component")
        outputs = decoded_fields(request.outputs)
        self._registered[request.urn] = replace(resource, registered=(*resource.registered, outputs))
        return empty_pb2.Empty()

    def Invoke(self, request: Any) -> Any:  # noqa: N802
        if request.tok == "pulumi:pulumi:readStackResourceOutputs":  # the engine's own: this stack has no state yet
            nothing: Any = {"return": {"outputs": {}}}
            return resource_pb2.ResourceInvokeResponse(**nothing)
        raise EngineError(f"the program calls {request.tok}: this double has no providers that could answer")

    def ReadResource(self, request: Any) -> Any:  # noqa: N802
        raise EngineError(f"the program reads {request.type} {request.id} from the outside: this double has no outside")

    def _state(self, resource: Resource, inputs: struct_pb2.Struct) -> struct_pb2.Struct:
        state = struct_pb2.Struct()
        state.CopyFrom(inputs)
        if resource.type in self._answers:
            answer = self._answers[resource.type](resource)
            state.update(dict.fromkeys(answer, UNKNOWN_MARK) if self.preview else answer)
        for key in resource.options.additional_secret_outputs:
            wrap(state, key)
        return state


def _resource(urn: str, request: Any) -> Resource:
    return Resource(
        urn=urn,
        type=request.type,
        name=request.name,
        parent=request.parent,
        custom=request.custom,
        dependencies=frozenset(request.dependencies),
        property_dependencies={key: frozenset(value.urns) for key, value in request.propertyDependencies.items() if value.urns},
        provider=_without_id(request.provider),
        providers={package: _without_id(reference) for package, reference in request.providers.items()},
        inputs=decoded_fields(request.object),
        options=Options(
            protect=request.protect if request.HasField("protect") else None,
            retain_on_delete=request.retainOnDelete if request.HasField("retainOnDelete") else None,
            delete_before_replace=request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None,
            custom_timeouts={field.name: value for field, value in request.customTimeouts.ListFields()},
            aliases=tuple(json_format.MessageToDict(alias) for alias in request.aliases),
            additional_secret_outputs=tuple(request.additionalSecretOutputs),
            import_id=request.importId,
            ignore_changes=tuple(request.ignoreChanges),
            replace_on_changes=tuple(request.replaceOnChanges),
            deleted_with=request.deletedWith,
            version=request.version,
        ),
    )


def _without_id(provider_reference: str) -> str:
    return provider_reference.rpartition("::")[0]


def declared_outputs(component: type[pulumi.ComponentResource]) -> frozenset[str]:
    """What a component's class promises: its attributes annotated as Output, spelt as they are registered."""
    names: set[str] = set()
    for each in component.__mro__:
        if each is pulumi.ComponentResource:
            break
        names |= {name for name, annotation in vars(each).get("__annotations__", {}).items() if "Output[" in str(annotation)}
    return frozenset(_on_the_wire(name) for name in names if not name.startswith("_"))


def _on_the_wire(attribute: str) -> str:
    first, *others = attribute.split("_")
    return first + "".join(part.capitalize() for part in others)
