"""What holds for every graph of resources that this program registers, whatever the stack.

Each function takes a finished record and raises an AssertionError with everything that is wrong and why it matters.
"""

import base64
import urllib.parse
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tests.record import STACK_TYPE, Record, Resource, Secret

FLUX_GROUP = ".toolkit.fluxcd.io"
SOURCE_GROUP = "source.toolkit.fluxcd.io"
SOURCE_CONTROLLER = "source-controller"
SOPS_AGE_FLAG = "--sops-age-secret="


def check_everything(record: Record, *, markers: Iterable[str] = ()) -> None:
    """Every invariant of a whole stack; `markers` are the values of its secrets."""
    check_parents(record)
    check_providers(record)
    check_identities(record)
    check_components(record)
    check_definitions_and_controllers(record)
    check_references(record)
    check_dependencies_are_few(record)
    check_secret_objects(record)
    check_no_leak(record, markers)


def check_parents(record: Record) -> None:
    """Only components and providers stand directly below the stack."""
    _report(
        f"{resource.urn} has {'no parent' if not resource.parent else 'the bare stack as parent'}: it takes no provider from a component, "
        f"and is shown beside the components instead of within one"
        for resource in record.resources
        if resource.custom and not resource.is_provider and resource.parent in ("", record.stack.urn)
    )


def check_providers(record: Record) -> None:
    """Every Kubernetes object goes through a provider that the program made."""
    made = {resource.urn for resource in record.resources if resource.is_provider}
    _report(
        f"{resource.urn} names no provider of this program: it would go to whatever cluster kubectl points at"
        for resource in record.kubernetes()
        if resource.provider not in made
    )


def check_identities(record: Record) -> None:
    """No two resources are one object of the cluster; the engine sees URNs and would not notice."""
    first: dict[tuple[str, str, str, str], str] = {}
    faults = []
    for resource in record.kubernetes():
        identity = (resource.group, resource.kind, resource.namespace, resource.object_name)
        if identity in first:
            faults.append(f"{resource.urn} and {first[identity]} are one object of the cluster: each would undo what the other applies")
        first.setdefault(identity, resource.urn)
    _report(faults)


def check_components(record: Record) -> None:
    """Every component registers exactly once, and exactly the outputs that its class declares."""
    _report(fault for component in record.components() for fault in _faults_of_component(component))


def check_definitions_and_controllers(record: Record) -> None:
    """A Flux object exists only while its CRD and its controller do: on the way up and, the other way round, on destroy."""
    definitions = {
        (_spec(each).get("group"), _spec(each).get("names", {}).get("kind")): each
        for each in record.kubernetes()
        if each.kind == "CustomResourceDefinition"
    }
    controllers = {each.object_name: each for each in _controllers(record)}
    faults = []
    for resource in _flux_objects(record):
        before = record.waits_for(resource)
        definition = definitions.get((resource.group, resource.kind))
        if definition is None:
            faults.append(f"{resource.urn} is of a kind that this stack installs no CRD for: the API server would refuse it")
        elif definition.urn not in before:
            faults.append(f"{resource.urn} does not wait for its CRD {definition.urn}: it may be sent before its kind exists")
        for controller in _needed_controllers(resource, controllers):
            if controller not in controllers or controllers[controller].urn not in before:
                faults.append(
                    f"{resource.urn} does not wait for the Deployment of {controller}: on destroy that would be gone first, "
                    f"and nobody would be left to remove the finalizers of the object, or of what it applied"
                )
    _report(faults)


def check_references(record: Record) -> None:
    """A Flux object waits for each Secret, ConfigMap and source that it names and that the stack makes."""
    made = {(each.kind, each.namespace, each.object_name): each for each in record.kubernetes()}
    _report(
        f"{resource.urn} names {kind}/{name} at {path} but does not wait for it: it fails until that is there, and loses it on destroy"
        for resource in _flux_objects(record)
        for path, kind, name in [*references(_spec(resource)), *_decryption_key(resource, made)]
        if (target := made.get((kind, resource.namespace, name))) is not None and target.urn not in record.waits_for(resource)
    )


def check_dependencies_are_few(record: Record) -> None:
    """A Flux object waits for its CRD, controllers and what it names, not for the whole install: that costs a quarter with 400 sources."""
    allowed_kinds = {"CustomResourceDefinition", "Deployment", "Secret", "ConfigMap"}
    faults = []
    for resource in _flux_objects(record):
        for urn in resource.dependencies:
            other = record[urn]
            if other.kind not in allowed_kinds and not other.group.endswith(FLUX_GROUP):
                faults.append(f"{resource.urn} waits for {urn}, which it does not need")
            if other.kind == "CustomResourceDefinition" and _spec(other).get("names", {}).get("kind") != resource.kind:
                faults.append(f"{resource.urn} waits for the CRD of another kind, {urn}")
    _report(faults)


def check_secret_objects(record: Record) -> None:
    """Every value of every Secret reaches the engine wrapped: otherwise it stands in the state in plain text."""
    _report(
        f"{resource.urn} has {field}.{key} in plain text: it would stand like that in the state and in every preview"
        for resource in record.kubernetes()
        if resource.kind == "Secret"
        for field in ("data", "stringData")
        if not isinstance(values := resource.inputs.get(field, {}), Secret)
        for key, value in values.items()
        if not isinstance(value, Secret)
    )


def check_no_leak(record: Record, markers: Iterable[str]) -> None:
    """No secret shows outside a wrapped value: not in a name, an input, an output, the log, a message or an exception; in no encoding."""
    places = list(_plain_texts(record))
    _report(
        f"the secret {marker[:4]}… shows in {place}, {how}"
        for marker in markers
        for how, form in _encodings(marker).items()
        for place, text in places
        if form in text
    )


def references(value: Any, path: str = "spec") -> Iterator[tuple[str, str, str]]:
    """Path, kind and name of everything in its own namespace that a Flux spec names."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            here = f"{path}.{key}"
            if isinstance(item, Mapping) and isinstance(item.get("name"), str) and "namespace" not in item:
                if key.lower().endswith("secretref"):
                    yield here, "Secret", item["name"]
                elif key.endswith("Ref") and isinstance(item.get("kind"), str):
                    yield here, item["kind"], item["name"]
            yield from references(item, here)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            here = f"{path}[{index}]"
            if isinstance(item, Mapping) and {"kind", "name"} <= item.keys() and item["kind"] in ("Secret", "ConfigMap"):
                yield here, item["kind"], item["name"]
            yield from references(item, here)


def _decryption_key(resource: Resource, made: Mapping[tuple[str, str, str], Resource]) -> Iterator[tuple[str, str, str]]:
    """The Secret that kustomize-controller's flag names for all Kustomizations which decrypt and name none themselves."""
    decryption = _spec(resource).get("decryption")
    controller = made.get(("Deployment", resource.namespace, "kustomize-controller"))
    if not decryption or "secretRef" in decryption or controller is None:
        return
    for argument in _spec(controller).get("template", {}).get("spec", {}).get("containers", [{}])[0].get("args", []):
        if argument.startswith(SOPS_AGE_FLAG):
            yield "spec.decryption", "Secret", argument.removeprefix(SOPS_AGE_FLAG)


def _faults_of_component(component: Resource) -> Iterator[str]:
    if len(component.registered) != 1:
        times = len(component.registered)
        yield f"{component.urn} called register_outputs {times} times, not once: the engine cannot tell when it is complete"
        return
    declared, registered = component.declared_outputs or frozenset(), frozenset(component.registered[0])
    if declared != registered:
        yield (
            f"{component.urn} declares the outputs {sorted(declared)} but registers {sorted(registered)}: "
            f"users in other languages, and the state, see only what is registered"
        )


def _spec(resource: Resource) -> Mapping[str, Any]:
    spec = resource.inputs.get("spec")
    return spec if isinstance(spec, Mapping) else {}


def _flux_objects(record: Record) -> Iterator[Resource]:
    return (each for each in record.kubernetes() if each.group.endswith(FLUX_GROUP))


def _controllers(record: Record) -> Iterator[Resource]:
    for each in record.kubernetes():
        labels = each.inputs.get("metadata", {}).get("labels", {})
        if each.kind == "Deployment" and labels.get("app.kubernetes.io/part-of") == "flux":
            yield each


def _needed_controllers(resource: Resource, controllers: Mapping[str, Resource]) -> Iterable[str]:
    if resource.group != SOURCE_GROUP:
        return list(controllers) or [SOURCE_CONTROLLER]
    shard = resource.inputs.get("metadata", {}).get("labels", {}).get("sharding.fluxcd.io/key")
    of_shard = f"{SOURCE_CONTROLLER}-{shard}"
    return [of_shard if of_shard in controllers else SOURCE_CONTROLLER]


def _plain_texts(record: Record) -> Iterator[tuple[str, str]]:
    for resource in record.resources:
        yield resource.urn, resource.urn
        yield f"the options of {resource.urn}", repr(resource.options)
        for key, value in resource.inputs.items():
            yield f"input {key} of {resource.urn}", _unwrapped(value)
        for outputs in resource.registered:
            for key, value in outputs.items():
                where = "stack output" if resource.type == STACK_TYPE else f"output of {resource.urn}:"
                yield f"{where} {key}", _unwrapped(value)
    for message in record.log:
        yield f"a {message.severity} message of the log", message.text
    yield "what the program printed", record.printed
    if record.exception is not None:
        yield "the exception", f"{record.exception!r} {record.exception}"


def _unwrapped(value: Any) -> str:
    if isinstance(value, Secret):
        return ""
    if isinstance(value, Mapping):
        return "\n".join(f"{key}: {_unwrapped(item)}" for key, item in value.items())
    if isinstance(value, list):
        return "\n".join(_unwrapped(item) for item in value)
    return str(value)


def _encodings(marker: str) -> dict[str, str]:
    raw = marker.encode()
    forms = {
        "in plain text": marker,
        "in base64": base64.b64encode(raw).decode().rstrip("="),
        "in URL-safe base64": base64.urlsafe_b64encode(raw).decode().rstrip("="),
        "in hex": raw.hex(),
        "URL-encoded": urllib.parse.quote(marker, safe=""),
        "as Python writes it": repr(marker)[1:-1],
    }
    return {how: form for position, (how, form) in enumerate(forms.items()) if form not in list(forms.values())[:position]}


def _report(faults: Iterable[str]) -> None:
    found = list(faults)
    if found:
        raise AssertionError(f"{len(found)} fault{'s' if len(found) > 1 else ''} in the graph:\n  " + "\n  ".join(found))
