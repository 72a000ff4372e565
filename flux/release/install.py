"""What of a Flux release is installed, and how its controllers run."""

from dataclasses import dataclass
from typing import Any

from flux.errors import FluxInputError
from flux.release.adjusted_objects import adjusted
from flux.release.distribution import Distribution, namespace_object
from flux.release.install_options import InstallOptions, is_chosen
from flux.release.install_patches import patched_objects
from flux.release.shard_copies import shard_copies
from flux.release.usable_options import usable_options


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
    _, findings = usable_options(distribution, options)
    if findings:
        raise FluxInputError(findings[0].message, findings[0].path)
    chosen = [adjusted(body, options) for body in distribution.objects if is_chosen(body, options)]
    namespace = namespace_object(distribution.version)
    patched = patched_objects([namespace, *chosen], options.every_patch())
    controllers = [body for body in patched if body["kind"] not in ("Namespace", "CustomResourceDefinition")]
    return InstallObjects(
        definitions=[body for body in patched if body["kind"] in ("Namespace", "CustomResourceDefinition")],
        controllers=[*controllers, *shard_copies(controllers, options.shards, options.cluster_domain)],
    )
