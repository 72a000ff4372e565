"""The provider's own settings, as `pulumi_kubernetes.Provider` sends them: booleans, numbers and objects as JSON text."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from devcluster.providers.kubernetes import kubeconfig_target
from devcluster.providers.property_values import UNKNOWN, has_unknown, plain
from live.errors import KubeconfigError

DEFAULT_QPS = 50.0
DEFAULT_BURST = 120
DEFAULT_TIMEOUT_SECONDS = 32.0
UNSUPPORTED = ("renderYamlToDirectory",)
SERVER_SIDE_VARIABLE = "PULUMI_K8S_ENABLE_SERVER_SIDE_APPLY"
AWAIT_ALL_VARIABLE = "PULUMI_K8S_AWAIT_ALL"
ONLY_SERVER_SIDE = "the stand-in Kubernetes provider only knows server-side apply"
ONLY_SOME_AWAITED = (
    "the stand-in Kubernetes provider waits for some kinds and for what pulumi.com/waitFor names, so it would be done before the real one. "
    "Unset it"
)
SWITCHES = {
    "delete_unreachable": ("deleteUnreachable", "PULUMI_K8S_DELETE_UNREACHABLE"),
    "skip_update_unreachable": ("skipUpdateUnreachable", "PULUMI_K8S_SKIP_UPDATE_UNREACHABLE"),
    "config_map_mutable": ("enableConfigMapMutable", "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE"),
    "secret_mutable": ("enableSecretMutable", "PULUMI_K8S_ENABLE_SECRET_MUTABLE"),
    "patch_force": ("enablePatchForce", "PULUMI_K8S_ENABLE_PATCH_FORCE"),
    "upsert_existing": ("upsertExistingObjects", "PULUMI_K8S_UPSERT_EXISTING_OBJECTS"),
}


@dataclass(frozen=True, kw_only=True)
class ProviderSettings:
    """What a person set on the provider."""

    kubeconfig: str = field(default="", repr=False)
    context: str = ""
    cluster: str = ""
    namespace: str = ""
    delete_unreachable: bool = False
    skip_update_unreachable: bool = False
    config_map_mutable: bool = False
    secret_mutable: bool = False
    patch_force: bool = False
    upsert_existing: bool = False
    qps: float = DEFAULT_QPS
    burst: int = DEFAULT_BURST
    timeout: float = DEFAULT_TIMEOUT_SECONDS


def read(arguments: Mapping[str, Any]) -> ProviderSettings:
    """Settings from the arguments of `Configure`; what they leave out comes from the environment, as in the real plugin."""
    given = plain(dict(arguments))
    client = _decoded(given.get("kubeClientSettings")) or {}
    return ProviderSettings(
        kubeconfig=str(given.get("kubeconfig") or os.environ.get("KUBECONFIG") or "~/.kube/config"),
        context=str(given.get("context") or ""),
        cluster=str(given.get("cluster") or ""),
        namespace=str(given.get("namespace") or ""),
        qps=float(client.get("qps") or os.environ.get("PULUMI_K8S_CLIENT_QPS") or DEFAULT_QPS),
        burst=int(client.get("burst") or os.environ.get("PULUMI_K8S_CLIENT_BURST") or DEFAULT_BURST),
        timeout=float(client.get("timeout") or os.environ.get("PULUMI_K8S_CLIENT_TIMEOUT") or DEFAULT_TIMEOUT_SECONDS),
        **{name: _switch(given, argument, variable) for name, (argument, variable) in SWITCHES.items()},
    )


def failures(arguments: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Property (none for the environment) and reason of every setting that the stand-in cannot honour."""
    found = [(name, "not supported by the stand-in Kubernetes provider") for name in UNSUPPORTED if plain(arguments.get(name))]
    applies_on_the_server = _decoded(plain(arguments.get("enableServerSideApply")))
    if applies_on_the_server is False:
        found.append(("enableServerSideApply", ONLY_SERVER_SIDE))
    if applies_on_the_server is None and os.environ.get(SERVER_SIDE_VARIABLE, "true") != "true":
        found.append(("", f"the environment has {SERVER_SIDE_VARIABLE} off; {ONLY_SERVER_SIDE}"))
    if os.environ.get(AWAIT_ALL_VARIABLE) == "true":
        found.append(("", f"the environment has {AWAIT_ALL_VARIABLE}=true; {ONLY_SOME_AWAITED}"))
    return found


@dataclass(frozen=True)
class SettingsChange:
    """Which settings changed, and which of them mean another cluster, so that the provider and all it made are replaced."""

    changed: tuple[str, ...]
    replacing: tuple[str, ...]


def change(old: Mapping[str, Any], new: Mapping[str, Any]) -> SettingsChange:
    """Compare two sets of arguments.

    With a `clusterIdentifier` only a change of it replaces. Without, another active cluster does, and so does a
    kubeconfig, context or cluster that is not known yet: it could be another one.
    """
    changed = tuple(key for key in sorted({*old, *new} - {"version", "pluginDownloadURL"}) if _differs(old.get(key), new.get(key)))
    old_identifier, new_identifier = plain(old.get("clusterIdentifier")), plain(new.get("clusterIdentifier"))
    if old_identifier or new_identifier:
        return SettingsChange(changed, ("clusterIdentifier",) if old_identifier != new_identifier else ())
    unknown = tuple(key for key in ("kubeconfig", "context", "cluster") if has_unknown(new.get(key)))
    if unknown:
        return SettingsChange(changed, unknown)
    return SettingsChange(changed, changed if _cluster(old) != _cluster(new) else ())


def _differs(old: Any, new: Any) -> bool:
    return new is UNKNOWN or has_unknown(new) or plain(old) != plain(new)


def _cluster(arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    given = plain(dict(arguments))
    if not given.get("kubeconfig"):
        return {}
    try:
        config = kubeconfig_target.load(str(given["kubeconfig"]))
    except KubeconfigError:
        return {}
    found = kubeconfig_target.active_cluster(config, context=str(given.get("context") or ""), cluster=str(given.get("cluster") or ""))
    return found.fields if found else {}


def _switch(given: Mapping[str, Any], argument: str, variable: str) -> bool:
    value = _decoded(given.get(argument))
    if value is None:
        return os.environ.get(variable) == "true"
    return value is True


def _decoded(value: Any) -> Any:
    if not isinstance(value, str) or not value:
        return value or None
    try:
        return json.loads(value)
    except ValueError:
        return value
