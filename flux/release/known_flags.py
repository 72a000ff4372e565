"""The flags and feature gates that Flux's controllers know, by Flux minor: a controller ends at once when it is given another one.

The install manifests do not list them. Gathered from the sources of the controllers whose images a release names, in their repositories
at https://github.com/fluxcd: `main.go` calls pflag, and `BindFlags` of the fluxcd/pkg modules that go.mod pins (runtime, cache, artifact);
gates stand in `internal/features`. When a minor is added to `flux.release.tested`, its flags are added here.
tests/e2e/test_flags_of_the_controllers.py compares the table with `--help` of those that the embedded cluster runs.
"""

from collections.abc import Mapping
from typing import Literal

FlagType = Literal["text", "texts", "switch", "whole", "uint8", "uint16", "number", "duration", "gates"]
"""How pflag reads a value. `texts` may be repeated, as `gates` may."""
Minor = tuple[int, int]

OLDEST: Minor = (2, 7)
NEWEST: Minor = (2, 9)
"""The minors of which the table knows everything."""

_EVERY: Mapping[str, FlagType] = {
    **dict.fromkeys(("default-service-account", "events-addr", "health-addr", "metrics-addr", "log-encoding", "log-level"), "text"),
    "watch-configs-label-selector": "text",
    **dict.fromkeys(("enable-leader-election", "leader-election-release-on-cancel", "watch-all-namespaces"), "switch"),
    **dict.fromkeys(("concurrent", "kube-api-burst", "token-cache-max-size"), "whole"),
    "kube-api-qps": "number",
    **dict.fromkeys(("leader-election-lease-duration", "leader-election-renew-deadline", "leader-election-retry-period"), "duration"),
    **dict.fromkeys(("max-retry-delay", "min-retry-delay", "token-cache-max-duration"), "duration"),
    "feature-gates": "gates",
}
_WATCHING: Mapping[str, FlagType] = {"watch-label-selector": "text", "requeue-dependency": "duration"}
_TENANTS: Mapping[str, FlagType] = {"no-cross-namespace-refs": "switch"}
_JITTER: Mapping[str, FlagType] = {"interval-jitter-percentage": "uint8"}
_KUBECONFIG: Mapping[str, FlagType] = {
    "default-kubeconfig-service-account": "text",
    **dict.fromkeys(("insecure-kubeconfig-exec", "insecure-kubeconfig-tls"), "switch"),
}
_SSH: Mapping[str, FlagType] = dict.fromkeys(("ssh-hostkey-algos", "ssh-kex-algos"), "texts")
_STORAGE: Mapping[str, FlagType] = {
    **dict.fromkeys(("artifact-digest-algo", "storage-addr", "storage-adv-addr", "storage-path"), "text"),
    "artifact-retention-records": "whole",
    "artifact-retention-ttl": "duration",
}
_FLAGS: Mapping[str, Mapping[str, FlagType]] = {
    "source-controller": {
        **_EVERY,
        **_WATCHING,
        **_JITTER,
        **_SSH,
        **_STORAGE,
        **dict.fromkeys(("helm-cache-purge-interval", "helm-cache-ttl"), "text"),
        **dict.fromkeys(("helm-cache-max-size", "helm-chart-file-max-size", "helm-chart-max-size", "helm-index-max-size"), "whole"),
    },
    "kustomize-controller": {
        **_EVERY,
        **_WATCHING,
        **_TENANTS,
        **_JITTER,
        **_KUBECONFIG,
        **dict.fromkeys(("custom-apply-stage-kinds", "default-decryption-service-account", "sops-age-secret"), "text"),
        "sops-vault-configmap": "text",
        "override-manager": "texts",
        "no-remote-bases": "switch",
        **dict.fromkeys(("concurrent-ssa", "http-retry"), "whole"),
    },
    "helm-controller": {
        **_EVERY,
        **_WATCHING,
        **_TENANTS,
        **_JITTER,
        **_KUBECONFIG,
        **dict.fromkeys(("oom-watch-current-memory-path", "oom-watch-max-memory-path", "snapshot-digest-algo"), "text"),
        "override-manager": "texts",
        "http-retry": "whole",
        "oom-watch-memory-threshold": "uint8",
        **dict.fromkeys(("graceful-shutdown-timeout", "http-timeout", "oom-watch-interval"), "duration"),
    },
    "notification-controller": {
        **_EVERY,
        **_TENANTS,
        "receiverAddr": "text",
        "export-http-path-metrics": "switch",
        "rate-limit-interval": "duration",
    },
    "image-reflector-controller": {
        **_EVERY,
        **_WATCHING,
        **_TENANTS,
        "storage-path": "text",
        "gc-interval": "uint16",
        **dict.fromkeys(("storage-compression-threshold", "storage-value-log-file-size"), "whole"),
    },
    "image-automation-controller": {**_EVERY, **_TENANTS, **_SSH, "watch-label-selector": "text"},
    "source-watcher": {
        **{name: kind for name, kind in _EVERY.items() if not name.startswith(("token-cache-", "default-service-account"))},
        **_WATCHING,
        **_TENANTS,
        **_JITTER,
        **_STORAGE,
        "http-retry": "whole",
        "reconciliation-timeout": "duration",
    },
}
_IDENTITY = frozenset({"ObjectLevelWorkloadIdentity", "CacheSecretsAndConfigMaps"})
_APPLYING = _IDENTITY | {"AdditiveCELDependencyCheck", "CancelHealthCheckOnNewRevision", "DirectSourceFetch", "DisableConfigWatchers"}
_GATES: Mapping[str, frozenset[str]] = {
    "source-controller": _IDENTITY,
    "kustomize-controller": _APPLYING
    | {"DisableFailFastBehavior", "DisableStatusPollerCache", "ExternalArtifact", "GroupChangeLog", "MigrateAPIVersion"}
    | {"StrictPostBuildSubstitutions"},
    "helm-controller": _APPLYING
    | {"AdoptLegacyReleases", "AllowDNSLookups", "CorrectDrift", "DefaultToRetryOnFailure", "DetectDrift", "DisableChartDigestTracking"}
    | {"ExternalArtifact", "OOMWatch", "UseHelm3Defaults"},
    "notification-controller": _IDENTITY | {"DisableConfigWatchers"},
    "image-reflector-controller": _IDENTITY | {"FluxStorage"},
    "image-automation-controller": _IDENTITY | {"GitAllBranchReferences", "GitForcePushBranch", "GitShallowClone", "GitSparseCheckout"},
    "source-watcher": frozenset({"DirectSourceFetch"}),
}
_SINCE: Mapping[tuple[str, str], Minor] = {
    ("kustomize-controller", "custom-apply-stage-kinds"): (2, 8),
    ("kustomize-controller", "sops-vault-configmap"): (2, 9),
    ("helm-controller", "http-timeout"): (2, 8),
    ("helm-controller", "override-manager"): (2, 8),
    ("image-reflector-controller", "storage-compression-threshold"): (2, 9),
    ("kustomize-controller", "DirectSourceFetch"): (2, 8),
    ("kustomize-controller", "MigrateAPIVersion"): (2, 8),
    ("helm-controller", "CancelHealthCheckOnNewRevision"): (2, 8),
    ("helm-controller", "DefaultToRetryOnFailure"): (2, 8),
    ("helm-controller", "DirectSourceFetch"): (2, 8),
    ("helm-controller", "UseHelm3Defaults"): (2, 8),
    ("image-reflector-controller", "FluxStorage"): (2, 9),
    ("source-watcher", "DirectSourceFetch"): (2, 8),
}
"""(controller, flag or gate) → the first minor that has it; what is not here is in all of them. None was taken away since 2.7."""


def controllers_with(name: str) -> list[str]:
    """The controllers that have a flag or a feature gate of this name."""
    return [controller for controller, flags in _FLAGS.items() if name in flags or name in _GATES[controller]]


def is_listed(minor: Minor | None) -> bool:
    """Whether the table knows this minor; of another one nothing can be said."""
    return minor is not None and OLDEST <= minor <= NEWEST


def flags_of(controller: str) -> Mapping[str, FlagType]:
    """The flags that a controller has in any listed minor; empty for a controller that the table does not know."""
    return _FLAGS.get(controller, {})


def gates_of(controller: str) -> frozenset[str]:
    """The feature gates that a controller has in any listed minor."""
    return _GATES.get(controller, frozenset())


def since(controller: str, name: str) -> Minor:
    """The first listed minor that has a flag or a gate."""
    return _SINCE.get((controller, name), OLDEST)
