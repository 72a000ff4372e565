"""What of the wanted options a release cannot do."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, TypeVar

from flux.close_names import close_to
from flux.finding import STACK_FILE, Finding, in_stack_file
from flux.listing import either, more
from flux.minor_version import minor_of
from flux.release.adjusted_objects import LOG_LEVEL, adjusted
from flux.release.controller_settings import ALL
from flux.release.distribution import Distribution, component_of, namespace_object
from flux.release.install_options import InstallOptions, is_chosen
from flux.release.install_patches import usable_patches
from flux.release.known_flags import Minor
from flux.release.resources import wrong_resources
from flux.release.size_presets import SIZE_PRESETS
from flux.release.wrong_flags import wrong_flag, wrong_values
from flux.sharding import SELECTOR_FLAG, SHARDED_CONTROLLERS

GivenT = TypeVar("GivenT")


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
    controllers = _of_installed(options.controllers, [*components, ALL])
    findings = [
        *unknown,
        *(_not_installed("flags", controller, components, available) for controller in options.flags if controller not in flags),
        *(
            _not_installed("resources", controller, components, available)
            for controller in options.resources
            if controller not in resources
        ),
        *(
            _not_installed("controllers", controller, components, available)
            for controller in options.controllers
            if controller not in controllers
        ),
        *_log_level_twice(options),
        *_no_shards(options, components),
        *(_no_account(controller) for controller in options.service_account_annotations if controller not in annotations),
    ]
    unfit = [
        *_wrong_flags(flags, minor_of(distribution.version)),
        *wrong_resources(distribution.objects, size, resources),
        *_selector_twice(options, flags),
    ]
    if options.size != size:
        findings.append(in_stack_file(("flux", "size"), f'"{options.size}" is not a size', fix=f"Write {either(SIZE_PRESETS)}."))
    usable = replace(
        options,
        components=components,
        chooses_log_level=False,  # told once
        flags=_without(flags, unfit, "flags"),
        size=size,
        resources=_without(resources, unfit, "resources"),
        service_account_annotations=annotations,
        controllers=controllers,
        patches=[],
    )
    objects = [adjusted(body, usable) for body in distribution.objects if is_chosen(body, usable)]
    patches, wrong = usable_patches(
        [namespace_object(distribution.version), *objects], replace(usable, patches=options.patches).every_patch()
    )
    kept = {patch.written[2] for patch in patches if patch.written[:2] == ("flux", "controllers")}
    usable = replace(
        usable,
        controllers={name: each for name, each in controllers.items() if name in kept},
        patches=[patch for patch in patches if patch in options.patches],
    )
    return usable, [*findings, *unfit, *wrong]


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
    what = "settings" if key == "controllers" else key
    wrong, consequence = "is not an installed controller", f"These {what} would have no effect."
    instead = (
        f"Add {controller} to gitops:flux.components"
        if controller in available
        else f"Write {either(close_to(controller, components) or components)}"
    )
    return in_stack_file(("flux", key, controller), wrong, consequence, f"{instead}, or remove the {what}.")


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


def _log_level_twice(options: InstallOptions) -> Iterator[Finding]:
    given = [controller for controller, flags in options.flags.items() if LOG_LEVEL in flags]
    if given and options.chooses_log_level:
        others = f" (and for {more(len(given) - 1, 'controller')})" if len(given) > 1 else ""
        yield in_stack_file(
            ("flux", "flags", given[0], LOG_LEVEL),
            f"conflicts with gitops:flux.logLevel, which sets the same flag{others}",
            f"logLevel would have no effect on {given[0]}.",
            "Remove the flag. For a level that only some controllers have, write the flag for those, and no logLevel.",
        )


def _selector_twice(options: InstallOptions, flags: dict[str, dict[str, Any]]) -> Iterator[Finding]:
    for controller in SHARDED_CONTROLLERS if options.shards else ():
        if SELECTOR_FLAG in flags.get(controller, {}):
            yield in_stack_file(
                ("flux", "flags", controller, SELECTOR_FLAG),
                "conflicts with gitops:flux.shards, which sets the same flag",
                "Objects would be reconciled by two controllers, or by none.",
                "Remove the flag, or the shards.",
            )


def _no_shards(options: InstallOptions, components: list[str]) -> Iterator[Finding]:
    if options.shards and not set(components) & set(SHARDED_CONTROLLERS):
        fix = f"Add {either(SHARDED_CONTROLLERS)} to gitops:flux.components, or remove the shards."
        yield in_stack_file(("flux", "shards"), "has no controller of which a shard could have a copy", "It would have no effect.", fix)


def _no_account(controller: str) -> Finding:
    return in_stack_file(
        ("decryption", "serviceAccountAnnotations"),
        f"is for {controller}, which is not installed",
        "There would be no ServiceAccount to annotate.",
        f"Add {controller} to gitops:flux.components, or remove the annotations.",
    )
