"""Objects that need a namespace and have none: kustomize does not mind, the API server does."""

from collections.abc import Iterator

from flux.message import Message
from gitops.check import requirements
from gitops.check.file_finding import FileFinding, error
from gitops.check.follow.built_object import BuiltObject
from gitops.check.follow.synced import World
from gitops.check.repository.documents import text

_FLUX = ".toolkit.fluxcd.io"
_KINDS = {
    "": (
        *("ConfigMap", "Endpoints", "LimitRange", "PersistentVolumeClaim", "Pod", "ReplicationController", "ResourceQuota", "Secret"),
        *("Service", "ServiceAccount"),
    ),
    "apps": ("DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"),
    "autoscaling": ("HorizontalPodAutoscaler",),
    "batch": ("CronJob", "Job"),
    "networking.k8s.io": ("Ingress", "NetworkPolicy"),
    "policy": ("PodDisruptionBudget",),
    "rbac.authorization.k8s.io": ("Role", "RoleBinding"),
    "coordination.k8s.io": ("Lease",),
    "discovery.k8s.io": ("EndpointSlice",),
}
"""Of Kubernetes itself. All kinds of Flux have one, and so have those whose definition in Git says so."""
_KINDS_OF_OTHERS = {
    "bitnami.com": ("SealedSecret",),
    "cert-manager.io": ("Certificate", "CertificateRequest", "Issuer"),
    "cilium.io": ("CiliumNetworkPolicy",),
    "external-secrets.io": ("ExternalSecret", "PushSecret", "SecretStore"),
    "gateway.networking.k8s.io": ("Gateway", "GRPCRoute", "HTTPRoute", "ReferenceGrant", "TCPRoute", "TLSRoute", "UDPRoute"),
    "keda.sh": ("ScaledJob", "ScaledObject", "TriggerAuthentication"),
    "monitoring.coreos.com": ("Alertmanager", "PodMonitor", "Probe", "Prometheus", "PrometheusRule", "ScrapeConfig", "ServiceMonitor"),
    "postgresql.cnpg.io": ("Backup", "Cluster", "Pooler", "ScheduledBackup"),
    "traefik.io": ("IngressRoute", "IngressRouteTCP", "IngressRouteUDP", "Middleware", "ServersTransport"),
    "volsync.backube": ("ReplicationDestination", "ReplicationSource"),
}
"""Of custom resources that are in many repositories, whose definition comes with a chart."""


def no_namespace_findings(world: World) -> Iterator[FileFinding]:
    """What Flux would refuse to apply, since nothing says into which namespace."""
    defined = set(_namespaced(world))
    for synced, result in world.built:
        without = [item for item in result.objects if not (item.namespace or item.is_as_written)]
        found = [item for item in without if _has_namespace(item) or (item.group, item.kind) in defined]
        if not found:
            continue
        others = f" and {len(found) - 1} more objects" if len(found) > 2 else "".join(f" and {each}" for each in found[1:])
        told = Message(
            f"{found[0]}{others} {'have' if others else 'has'} no namespace, and {synced} sets none",
            f"Flux would refuse {'them' if others else 'it'}: all of {synced} would fail.",
            "Write metadata.namespace, `namespace` in the kustomization.yaml, or targetNamespace in the Kustomization.",
        )
        first = found[0]
        yield error(requirements.NO_NAMESPACE, *world.tree_of(synced).origin(first.file), told, first.line, first.reference)


def _namespaced(world: World) -> Iterator[tuple[str, str]]:
    """Group and kind of the custom resources with a namespace that Git defines."""
    for _, result in world.built:
        for item in result.objects:
            if item.kind == "CustomResourceDefinition" and text(item.body, "spec", "scope") == "Namespaced":
                yield text(item.body, "spec", "group"), text(item.body, "spec", "names", "kind")


def _has_namespace(item: BuiltObject) -> bool:
    return has_namespace(item.group, item.kind)


def has_namespace(group: str, kind: str) -> bool:
    """Whether it is known here that an object of this kind is in a namespace."""
    return kind in _KINDS.get(group, ()) or kind in _KINDS_OF_OTHERS.get(group, ()) or group.endswith(_FLUX)
