"""The objects of a release as the options want them, before anything is patched."""

from collections.abc import Mapping
from typing import Any

from flux.merge_patch import merge_patch
from flux.object_reference import FLUX_NAMESPACE
from flux.release.flags import FlagValue, set_flags
from flux.release.install_options import InstallOptions
from flux.release.resources import resources_of
from flux.release.size_presets import SIZE_PRESETS, SIZED_CONTROLLERS
from flux.sharding import NO_SHARD, SELECTOR_FLAG, SHARDED_CONTROLLERS

LOG_LEVEL = "log-level"
"""The flag that `gitops:flux.logLevel` sets for every controller."""


def adjusted(body: dict[str, Any], options: InstallOptions) -> dict[str, Any]:
    """An object of the release, changed by all options but patches."""
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
    resources = resources_of(controller, container.get("resources"), options.size, options.resources.get(controller, {}))
    if resources:
        container["resources"] = resources
    pod["containers"] = [container, *others]
    pod["nodeSelector"] = {**pod.get("nodeSelector", {}), **options.node_selector}
    if options.tolerations:
        pod["tolerations"] = [*pod.get("tolerations", []), *options.tolerations]
    return {**spec, "template": {**spec["template"], "spec": pod}}


def _arguments(controller: str, arguments: list[str], options: InstallOptions) -> list[str]:
    flags: dict[str, FlagValue | None] = {"watch-all-namespaces": True, LOG_LEVEL: options.log_level}
    if controller != "notification-controller":
        flags["events-addr"] = _events_address(options)
    if any(argument.startswith("--storage-adv-addr=") for argument in arguments):
        flags["storage-adv-addr"] = f"{controller}.$(RUNTIME_NAMESPACE).svc.{options.cluster_domain}."
    if options.shards and controller in SHARDED_CONTROLLERS:
        flags[SELECTOR_FLAG] = NO_SHARD
    if options.size and controller in SIZED_CONTROLLERS:
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
