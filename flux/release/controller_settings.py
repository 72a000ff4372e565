"""What the pods of Flux's controllers get besides: environment, proxy, places to run. Each becomes a patch of its Deployment."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flux.key_path import KeyPath
from flux.release.install_patches import InstallPatch

ALL = "all"
"""In place of a controller: every one that is installed."""
POD: KeyPath = ("spec", "template", "spec")
ANNOTATIONS: KeyPath = ("spec", "template", "metadata", "annotations")
ENVIRONMENT: KeyPath = (*POD, "containers", 0, "env")
_OF_POD = ("affinity", "hostAliases", "nodeSelector", "priorityClassName", "tolerations", "topologySpreadConstraints")
_CONTAINER = "manager"
"""What Flux calls the container of each controller."""
_API_SERVER = "$(KUBERNETES_SERVICE_HOST)"
"""The address by which a pod reaches the API server: Kubernetes sets the variable, and replaces it where it stands in another."""


@dataclass(frozen=True, kw_only=True)
class Proxy:
    """The HTTP proxy of all controllers."""

    http: str | None = None
    https: str | None = None
    no_proxy: Sequence[str] = ()
    """What is reached without it, besides the cluster itself."""

    def environment(self, cluster_domain: str) -> list[dict[str, str]]:
        """As Go's clients read it (golang.org/x/net/http/httpproxy). Between themselves, controllers use names that end in a dot."""
        own = [_API_SERVER, ".svc", f".{cluster_domain}", f".{cluster_domain}."]
        given = {"HTTPS_PROXY": self.https, "HTTP_PROXY": self.http, "NO_PROXY": ",".join([*own, *self.no_proxy])}
        return [{"name": name, "value": value} for name, value in given.items() if value]


def proxy_patch(proxy: Proxy, cluster_domain: str) -> InstallPatch:
    """The patch that gives every controller the proxy."""
    patch = _patch({"env": proxy.environment(cluster_domain)}, [])
    return InstallPatch(target={"kind": "Deployment"}, patch=patch, written=("flux", "proxy"), places={})


def controller_patches(
    settings: Mapping[str, Mapping[str, Any]], tolerations: Sequence[Mapping[str, Any]], installed: Iterable[str]
) -> list[InstallPatch]:
    """The patches of Deployments that come of `settings`: first those for all, then those of each controller.

    `tolerations`: those that all pods have anyway, because Kubernetes replaces that list. A key without a value adds nothing: in a patch,
    `null` would remove what the release has.
    """
    settings = {name: {key: value for key, value in given.items() if value is not None} for name, given in settings.items()}
    every = dict(settings.get(ALL, {}))
    patches = [_of("Deployment", None, every, ALL, tolerations)] if every else []
    common = [*tolerations, *every.get("tolerations", [])]
    return [*patches, *(_of("Deployment", name, settings[name], name, common) for name in settings if name in installed)]


def _of(kind: str, name: str | None, given: Mapping[str, Any], key: str, tolerations: Sequence[Mapping[str, Any]]) -> InstallPatch:
    target = {"kind": kind, **({"name": name} if name else {})}
    places = {ANNOTATIONS: ("annotations",), ENVIRONMENT: ("env",), **{(*POD, each): (each,) for each in _OF_POD}}
    return InstallPatch(target=target, patch=_patch(given, tolerations), written=("flux", "controllers", key), places=places)


def _patch(given: Mapping[str, Any], tolerations: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    pod = {key: given[key] for key in _OF_POD if key in given}
    if "tolerations" in pod:
        pod["tolerations"] = [*tolerations, *pod["tolerations"]]
    if "env" in given:
        pod["containers"] = [{"name": _CONTAINER, "env": given["env"]}]
    metadata = {"metadata": {"annotations": given["annotations"]}} if "annotations" in given else {}
    return {"spec": {"template": {**metadata, "spec": pod}}}
