"""How a person wants Flux installed."""

from dataclasses import dataclass, field
from typing import Any, Optional

from flux.release.controller_settings import Proxy, controller_patches, proxy_patch
from flux.release.distribution import DEFAULT_COMPONENTS, component_of
from flux.release.install_patches import InstallPatch

UPSTREAM_REGISTRY = "ghcr.io/fluxcd"


@dataclass(frozen=True, kw_only=True)
class InstallOptions:
    """How Flux is installed. The defaults are those of `flux install`."""

    components: list[str] = field(default_factory=lambda: list(DEFAULT_COMPONENTS))
    flags: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Controller → flag name without dashes → value; null removes the flag."""
    shards: list[str] = field(default_factory=list)
    """Names of shards, each with controllers of its own."""
    size: Optional[str] = None
    """One of `SIZE_PRESETS`; None leaves the release's own limits and flags."""
    log_level: str = "info"
    chooses_log_level: bool = False
    """Whether a person wrote it: not beside a flag that sets it, too."""
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
    controllers: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Controller, or `all` → what its pod gets besides: `env`, `affinity`, `annotations` and so on, as Kubernetes has them."""
    proxy: Optional[Proxy] = None
    patches: list[InstallPatch] = field(default_factory=list)
    """What a person patches; `every_patch` has all."""

    def every_patch(self) -> list[InstallPatch]:
        """The patches that are applied, in turn: those of other options first."""
        proxy = [proxy_patch(self.proxy, self.cluster_domain)] if self.proxy else []
        return [*proxy, *controller_patches(self.controllers, self.tolerations, self.components), *self.patches]


def is_chosen(body: dict[str, Any], options: InstallOptions) -> bool:
    """Whether an object of the release is installed."""
    if body["kind"] == "NetworkPolicy" and not options.network_policy:
        return False
    component = component_of(body)
    return component is None or component in options.components
