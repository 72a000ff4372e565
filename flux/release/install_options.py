"""How a person wants Flux installed, and what of that a release cannot do."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Optional, TypeVar

from flux.close_names import close_to
from flux.finding import STACK_FILE, Finding, in_stack_file
from flux.listing import either
from flux.merge_patch import merge_patch
from flux.minor_version import minor_of
from flux.release.distribution import DEFAULT_COMPONENTS, Distribution, component_of, namespace_object
from flux.release.known_flags import Minor
from flux.release.resources import wrong_resources
from flux.release.size_presets import SIZE_PRESETS
from flux.release.wrong_flags import wrong_flag, wrong_values

GivenT = TypeVar("GivenT")
UPSTREAM_REGISTRY = "ghcr.io/fluxcd"


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
    resources: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    """Controller → `requests` and `limits` → resource → quantity; null removes one that the release or the size sets."""
    service_account_annotations: dict[str, dict[str, str]] = field(default_factory=dict)
    """Controller → annotations of its ServiceAccount, with which a cloud's key service knows it."""
    patches: list[InstallPatch] = field(default_factory=list)


def is_chosen(body: dict[str, Any], options: InstallOptions) -> bool:
    """Whether an object of the release is installed."""
    if body["kind"] == "NetworkPolicy" and not options.network_policy:
        return False
    component = component_of(body)
    return component is None or component in options.components


def usable_options(distribution: Distribution, options: InstallOptions) -> tuple[InstallOptions, list[Finding]]:
    """The options without what the release does not have, and what is wrong with them.

    Where a component is not known, all that the release has stand in, so that the one that was meant is among them.
    """
    available = sorted({component for body in distribution.objects if (component := component_of(body))})
    unknown = [
        _unknown_component(distribution, index, name, available) for index, name in enumerate(options.components) if name not in available
    ]
    components = available if unknown else options.components
    size = options.size if options.size in SIZE_PRESETS else None
    flags, resources = _of_installed(options.flags, components), _of_installed(options.resources, components)
    annotations = _of_installed(options.service_account_annotations, components)
    findings = [
        *unknown,
        *(_not_installed("flags", controller, components, available) for controller in options.flags if controller not in flags),
        *(
            _not_installed("resources", controller, components, available)
            for controller in options.resources
            if controller not in resources
        ),
        *(_no_account(controller) for controller in options.service_account_annotations if controller not in annotations),
    ]
    unfit = [*_wrong_flags(flags, minor_of(distribution.version)), *wrong_resources(distribution.objects, size, resources)]
    if options.size != size:
        findings.append(in_stack_file(("flux", "size"), f'"{options.size}" is not a size', fix=f"Write {either(SIZE_PRESETS)}."))
    usable = replace(
        options,
        components=components,
        flags=_without(flags, unfit, "flags"),
        size=size,
        resources=_without(resources, unfit, "resources"),
        service_account_annotations=annotations,
        patches=[],
    )
    patches, wrong = _usable_patches([namespace_object(distribution.version), *distribution.objects], usable, options.patches)
    return replace(usable, patches=patches), [*findings, *unfit, *wrong]


def _of_installed(given: dict[str, GivenT], components: list[str]) -> dict[str, GivenT]:
    return {controller: each for controller, each in given.items() if controller in components}


def _without(given: dict[str, dict[str, Any]], findings: list[Finding], key: str) -> dict[str, dict[str, Any]]:
    """What is given to the controllers under `flux.<key>`, without what the findings are about."""
    gone = {finding.path[2:4] for finding in findings if finding.path[1] == key}
    return {
        controller: {name: value for name, value in each.items() if (controller, name) not in gone} for controller, each in given.items()
    }


def _unknown_component(distribution: Distribution, index: int, name: str, available: list[str]) -> Finding:
    wrong = f'"{name}" is not a component of Flux {distribution.version}'
    instead = either(close_to(name, available) or available)
    return in_stack_file(("flux", "components", index), wrong, "It could not be installed.", f"Write {instead}.")


def _not_installed(key: str, controller: str, components: list[str], available: list[str]) -> Finding:
    wrong, consequence = "is not an installed controller", f"These {key} would have no effect."
    instead = (
        f"Add {controller} to gitops:flux.components"
        if controller in available
        else f"Write {either(close_to(controller, components) or components)}"
    )
    return in_stack_file(("flux", key, controller), wrong, consequence, f"{instead}, or remove the {key}.")


def _wrong_flags(flags: dict[str, dict[str, Any]], minor: Minor | None) -> Iterator[Finding]:
    for controller, given in flags.items():
        for name, value in given.items():
            path = ("flux", "flags", controller, name)
            if message := wrong_flag(controller, name, minor):
                message = replace(message, consequence="It would remove nothing.") if value is None else message
                yield Finding(object=None, path=path, message=message, where=STACK_FILE)
                continue
            for index, wrong in wrong_values(controller, name, value, minor):
                yield Finding(object=None, path=path if index is None else (*path, index), message=wrong, where=STACK_FILE)


def _no_account(controller: str) -> Finding:
    return in_stack_file(
        ("decryption", "serviceAccountAnnotations"),
        f"is for {controller}, which is not installed",
        "There would be no ServiceAccount to annotate.",
        f"Add {controller} to gitops:flux.components, or remove the annotations.",
    )


def _usable_patches(
    objects: list[dict[str, Any]], options: InstallOptions, patches: list[InstallPatch]
) -> tuple[list[InstallPatch], list[Finding]]:
    usable, findings = [], []
    targets = {(body["kind"], body["metadata"]["name"]): body for body in objects if is_chosen(body, options)}
    for index, patch in enumerate(patches):
        path, target = ("flux", "patches", index), f"{patch.kind}/{patch.name}"
        body = targets.get((patch.kind, patch.name))
        if body is None:
            names = sorted(name for kind, name in targets if kind == patch.kind)
            instead = either(close_to(patch.name, names) or names)
            fix = f"Write {instead}." if instead else f"Remove it: no {patch.kind} is installed."
            findings.append(in_stack_file(path, f"patches {target}, which is not installed", "The patch would have no effect.", fix))
        elif _what_it_is(merge_patch(body, patch.patch)) != _what_it_is(body):
            crd = "; of a CRD, also group, names, scope and versions" if patch.kind == "CustomResourceDefinition" else ""
            fix = f"Remove apiVersion, kind, name and namespace from it{crd}."
            findings.append(in_stack_file(path, f"turns {target} into another object", "Flux would lack the original.", fix))
        else:
            usable.append(patch)
    return usable, findings


def _what_it_is(body: dict[str, Any]) -> list[Any]:
    metadata, spec = (each if isinstance(each, dict) else {} for each in (body.get("metadata"), body.get("spec")))
    kept = ("group", "names", "scope", "versions") if body.get("kind") == "CustomResourceDefinition" else ()
    return [body.get("apiVersion"), body.get("kind"), metadata.get("name"), metadata.get("namespace"), *(spec.get(key) for key in kept)]
