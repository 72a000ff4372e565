"""Which changed fields cannot be changed in place, so that the object is replaced."""

from devcluster.providers.kubernetes.provider_settings import ProviderSettings
from devcluster.providers.kubernetes.served_kinds import GroupVersionKind

Path = tuple[str | int, ...]

_NAME_AND_KIND: tuple[Path, ...] = (("kind",), ("metadata", "name"), ("metadata", "namespace"))
_SELECTOR: Path = ("spec", "selector")
_FIELDS: dict[tuple[str, str], tuple[Path, ...]] = {
    ("apps", "Deployment"): (_SELECTOR,),
    ("apps", "DaemonSet"): (_SELECTOR,),
    ("apps", "ReplicaSet"): (_SELECTOR,),
    ("apps", "StatefulSet"): (
        *(("spec", "podManagementPolicy"), ("spec", "revisionHistoryLimit"), ("spec", "serviceName"), ("spec", "volumeClaimTemplates")),
        _SELECTOR,
    ),
    ("batch", "Job"): (("spec", "completions"), ("spec", "parallelism"), _SELECTOR, ("spec", "template")),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): (("roleRef",),),
    ("rbac.authorization.k8s.io", "RoleBinding"): (("roleRef",),),
    ("storage.k8s.io", "StorageClass"): (("parameters",), ("provisioner",)),
    ("", "PersistentVolumeClaim"): (("spec",),),
    ("", "Pod"): (("spec",),),
    ("", "ResourceQuota"): (("spec", "scopes"),),
    ("", "Secret"): (("type",),),
    ("", "Service"): (("spec", "clusterIP"),),
}


def replacing_fields(kind: GroupVersionKind, settings: ProviderSettings, *, immutable: bool = False) -> tuple[Path, ...]:
    """The fields of `kind` whose change replaces the object; more of them where the object itself says that it is immutable."""
    fields = _NAME_AND_KIND + _FIELDS.get((kind.group, kind.name), ())
    if kind == GroupVersionKind("v1", "Secret") and (immutable or not settings.secret_mutable):
        fields += (("data",), ("stringData",))
    if kind == GroupVersionKind("v1", "ConfigMap") and (immutable or not settings.config_map_mutable):
        fields += (("data",), ("binaryData",))
    return fields


def replaces(path: Path, fields: tuple[Path, ...]) -> bool:
    """Whether a change at `path` lies within one of `fields`, or takes one of them along."""
    return any(path[: len(field)] == field or field[: len(path)] == path for field in fields)
