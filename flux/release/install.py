"""What of a Flux release is installed, and how its controllers run."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Optional

from flux.errors import FluxInputError
from flux.merge_patch import merge_patch
from flux.object_reference import FLUX_NAMESPACE
from flux.release.distribution import DEFAULT_COMPONENTS, Distribution, component_of, namespace_object
from flux.release.flags import FlagValue, set_flags

UPSTREAM_REGISTRY = "ghcr.io/fluxcd"
_SIZED_CONTROLLERS = ("source-controller", "kustomize-controller", "helm-controller")


@dataclass(frozen=True, kw_only=True)
class SizePreset:
    """Concurrency and limits of source-, kustomize- and helm-controller."""

    concurrent: int
    cpu: str
    memory: str


SIZE_PRESETS = {
    "small": SizePreset(concurrent=5, cpu="1000m", memory="512Mi"),
    "medium": SizePreset(concurrent=10, cpu="2000m", memory="1Gi"),
    "large": SizePreset(concurrent=20, cpu="3000m", memory="3Gi"),
}


@dataclass(frozen=True, kw_only=True)
class InstallPatch:
    """A JSON merge patch for one object of the install manifests."""

    kind: str
    name: str
    patch: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class InstallOptions:
    """How Flux is installed. The defaults are those of `flux install`."""

    components: list[str] = field(default_factory=lambda: list(DEFAULT_COMPONENTS))
    flags: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Controller → flag name without dashes → value; null removes the flag."""
    size: Optional[str] = None
    """One of `SIZE_PRESETS`; None leaves the release's own limits and flags."""
    log_level: str = "info"
    cluster_domain: str = "cluster.local"
    network_policy: bool = True
    registry: str = UPSTREAM_REGISTRY
    image_pull_secret: Optional[str] = None
    node_selector: dict[str, str] = field(default_factory=lambda: {"kubernetes.io/os": "linux"})
    tolerations: list[dict[str, Any]] = field(default_factory=list)
    service_account_annotations: dict[str, dict[str, str]] = field(default_factory=dict)
    """Controller → annotations of its ServiceAccount, with which a cloud's key service knows it."""
    patches: list[InstallPatch] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class InstallObjects:
    """The objects to install, in the two groups that live differently: definitions may outlive the controllers."""

    definitions: list[dict[str, Any]]
    """The Namespace and the CustomResourceDefinitions."""
    controllers: list[dict[str, Any]]
    """Everything else: RBAC, quota, network policies, ServiceAccounts, Services, Deployments."""


def install_objects(distribution: Distribution, options: InstallOptions) -> InstallObjects:
    """Select and adjust the release's objects.

    Raises FluxInputError for a component, flag target or patch target that the release does not have.
    """
    _, faults = usable_options(distribution, options)
    if faults:
        raise FluxInputError(faults[0])
    chosen = [_adjusted(body, options) for body in distribution.objects if _is_chosen(body, options)]
    namespace = namespace_object(distribution.version)
    patched = _patched([namespace, *chosen], options.patches)
    return InstallObjects(
        definitions=[body for body in patched if body["kind"] in ("Namespace", "CustomResourceDefinition")],
        controllers=[body for body in patched if body["kind"] not in ("Namespace", "CustomResourceDefinition")],
    )


def usable_options(distribution: Distribution, options: InstallOptions) -> tuple[InstallOptions, list[str]]:
    """The options without what the release does not have, and a sentence for each fault, after its key: `flux.components: …`.

    Where a component is not known, all that the release has stand in, so that nobody misses the one that was meant.
    """
    faults = []
    available = {component for body in distribution.objects if (component := component_of(body))}
    components = options.components
    if unknown := [component for component in components if component not in available]:
        faults.append(
            f"flux.components: {', '.join(unknown)} is not part of Flux {distribution.version}, so nothing of it could be installed. "
            f"It has: {', '.join(sorted(available))}"
        )
        components = sorted(available)
    faults += [
        f"flux.flags.{controller}: that controller is not installed, so its flags would have no effect. "
        f"Add it to flux.components or remove the flags; installed: {', '.join(options.components)}"
        for controller in options.flags
        if controller not in components
    ]
    faults += [
        f"decryption.serviceAccountAnnotations: {controller} is not installed, so there is no ServiceAccount to annotate. "
        f"Add it to flux.components or remove the annotations; installed: {', '.join(options.components)}"
        for controller in options.service_account_annotations
        if controller not in components
    ]
    size = options.size if options.size in SIZE_PRESETS else None
    if options.size != size:
        faults.append(f"flux.size: there is no preset {options.size!r}; choose one of {', '.join(SIZE_PRESETS)}")
    flags = {controller: given for controller, given in options.flags.items() if controller in components}
    annotations = {controller: given for controller, given in options.service_account_annotations.items() if controller in components}
    usable = replace(options, components=components, flags=flags, size=size, service_account_annotations=annotations, patches=[])
    patches, wrong = _usable_patches([namespace_object(distribution.version), *distribution.objects], usable, options.patches)
    return replace(usable, patches=patches), [*faults, *wrong]


def _usable_patches(
    objects: list[dict[str, Any]], options: InstallOptions, patches: list[InstallPatch]
) -> tuple[list[InstallPatch], list[str]]:
    usable, faults = [], []
    targets = {(body["kind"], body["metadata"]["name"]): body for body in objects if _is_chosen(body, options)}
    for patch in patches:
        body = targets.get((patch.kind, patch.name))
        if body is None:
            faults.append(
                f"flux.patches: there is no {patch.kind}/{patch.name} among the objects to install, so the patch would be lost. "
                f"Objects of that kind: {', '.join(sorted(name for kind, name in targets if kind == patch.kind)) or 'none'}"
            )
        elif _what_it_is(merge_patch(body, patch.patch)) != _what_it_is(body):
            faults.append(
                f"flux.patches: the patch would make another object of {patch.kind}/{patch.name}, which Flux's controllers would miss. "
                "Take apiVersion, kind, name and namespace out of it, and, of a CustomResourceDefinition, group, names and versions"
            )
        else:
            usable.append(patch)
    return usable, faults


def _what_it_is(body: dict[str, Any]) -> list[Any]:
    metadata, spec = (each if isinstance(each, dict) else {} for each in (body.get("metadata"), body.get("spec")))
    kept = ("group", "names", "scope", "versions") if body.get("kind") == "CustomResourceDefinition" else ()
    return [body.get("apiVersion"), body.get("kind"), metadata.get("name"), metadata.get("namespace"), *(spec.get(key) for key in kept)]


def _is_chosen(body: dict[str, Any], options: InstallOptions) -> bool:
    if body["kind"] == "NetworkPolicy" and not options.network_policy:
        return False
    component = component_of(body)
    return component is None or component in options.components


def _adjusted(body: dict[str, Any], options: InstallOptions) -> dict[str, Any]:
    if body["kind"] == "Deployment":
        return {**body, "spec": _adjusted_deployment(body["metadata"]["name"], body["spec"], options)}
    if body["kind"] == "ServiceAccount":
        return _adjusted_service_account(body, options)
    return body


def _adjusted_service_account(body: dict[str, Any], options: InstallOptions) -> dict[str, Any]:
    adjusted = {**body, "imagePullSecrets": [{"name": options.image_pull_secret}]} if options.image_pull_secret else body
    annotations = options.service_account_annotations.get(body["metadata"]["name"])
    return merge_patch(adjusted, {"metadata": {"annotations": annotations}}) if annotations else adjusted


def _adjusted_deployment(controller: str, spec: dict[str, Any], options: InstallOptions) -> dict[str, Any]:
    pod = dict(spec["template"]["spec"])
    container, *others = pod["containers"]
    container = dict(container)
    container["image"] = f"{options.registry}/{container['image'].rsplit('/', 1)[-1]}"
    container["args"] = _arguments(controller, container.get("args", []), options)
    if options.size and controller in _SIZED_CONTROLLERS:
        preset = SIZE_PRESETS[options.size]
        container["resources"] = merge_patch(container.get("resources"), {"limits": {"cpu": preset.cpu, "memory": preset.memory}})
    pod["containers"] = [container, *others]
    pod["nodeSelector"] = {**pod.get("nodeSelector", {}), **options.node_selector}
    if options.tolerations:
        pod["tolerations"] = [*pod.get("tolerations", []), *options.tolerations]
    return {**spec, "template": {**spec["template"], "spec": pod}}


def _arguments(controller: str, arguments: list[str], options: InstallOptions) -> list[str]:
    flags: dict[str, FlagValue | None] = {"watch-all-namespaces": True, "log-level": options.log_level}
    if controller != "notification-controller":
        flags["events-addr"] = _events_address(options)
    if any(argument.startswith("--storage-adv-addr=") for argument in arguments):
        flags["storage-adv-addr"] = f"{controller}.$(RUNTIME_NAMESPACE).svc.{options.cluster_domain}."
    if options.size and controller in _SIZED_CONTROLLERS:
        flags["concurrent"] = SIZE_PRESETS[options.size].concurrent
        flags["requeue-dependency"] = "5s"
    if "source-watcher" in options.components and controller in ("kustomize-controller", "helm-controller"):
        flags["feature-gates"] = ["ExternalArtifact=true"]
    chosen: Mapping[str, FlagValue | None] = options.flags.get(controller, {})
    return set_flags(arguments, {**flags, **chosen})


def _events_address(options: InstallOptions) -> str:
    if "notification-controller" not in options.components:
        return ""
    return f"http://notification-controller.{FLUX_NAMESPACE}.svc.{options.cluster_domain}./"


def _patched(objects: list[dict[str, Any]], patches: list[InstallPatch]) -> list[dict[str, Any]]:
    by_target = {(body["kind"], body["metadata"]["name"]): body for body in objects}
    for patch in patches:
        target = (patch.kind, patch.name)
        by_target[target] = merge_patch(by_target[target], patch.patch)
    return list(by_target.values())
