"""Which path an API server serves a kind under, and whether its objects live in namespaces."""

import asyncio
from dataclasses import dataclass

from devcluster.providers.kubernetes.api_client import Api, ApiError

CLUSTER_SCOPED = frozenset(
    {
        *("Namespace", "Node", "PersistentVolume", "ComponentStatus"),
        *("ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", "APIService"),
        *("StorageClass", "CSIDriver", "CSINode", "VolumeAttachment", "VolumeAttributesClass"),
        *("PriorityClass", "IngressClass", "RuntimeClass", "IPAddress", "ServiceCIDR", "DeviceClass", "ResourceSlice"),
        *("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"),
        *("MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"),
        *("CertificateSigningRequest", "ClusterTrustBundle", "FlowSchema", "PriorityLevelConfiguration", "StorageVersion"),
    }
)


class NoSuchKindError(Exception):
    """The API server serves no such kind: most likely its CustomResourceDefinition does not exist (yet)."""


@dataclass(frozen=True)
class GroupVersionKind:
    """An apiVersion and kind, as objects state them."""

    api_version: str
    name: str

    @property
    def group(self) -> str:
        """The API group; empty for the core one."""
        return self.api_version.rpartition("/")[0]

    @property
    def built_in(self) -> bool:
        """Whether the kind belongs to Kubernetes itself."""
        return "." not in self.group or self.group.endswith(".k8s.io")

    def __str__(self) -> str:
        return f"{self.api_version}/{self.name}"


@dataclass(frozen=True)
class Mapping:
    """Where objects of a kind are found."""

    plural: str
    namespaced: bool
    prefix: str

    def path(self, namespace: str, name: str = "") -> str:
        """The URL path of an object, or of its collection."""
        within = f"/namespaces/{namespace}" if self.namespaced else ""
        return f"{self.prefix}{within}/{self.plural}" + (f"/{name}" if name else "")


def kind_of_type(type_token: str) -> GroupVersionKind:
    """The kind behind a Pulumi type token: `kubernetes:core/v1:Secret` → `v1`, `Secret`."""
    _, module, name = type_token.split(":")
    return GroupVersionKind(module.removeprefix("core/"), name)


class Kinds:
    """What an API server serves, asked for each group and version, and again when a kind is missing."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._known: dict[str, dict[str, Mapping]] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def mapping(self, kind: GroupVersionKind) -> Mapping:
        """Where `kind` is served. Raises NoSuchKindError."""
        async with self._locks.setdefault(kind.api_version, asyncio.Lock()):
            known = self._known.get(kind.api_version)
            # A list of others may be older than this kind, which another provider defined: as client-go's RESTMapper, ask once more.
            if known is None or (known and kind.name not in known):
                known = self._known[kind.api_version] = await self._ask(kind.api_version)
        if kind.name not in known:
            raise NoSuchKindError(f'no matches for kind "{kind.name}" in version "{kind.api_version}"')
        return known[kind.name]

    def forget(self, group: str) -> None:
        """Ask again for `group`: one of its kinds was just defined, changed or removed."""
        for api_version in [version for version in self._known if version.rpartition("/")[0] == group]:
            del self._known[api_version]

    async def _ask(self, api_version: str) -> dict[str, Mapping]:
        prefix = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
        try:
            listed = await self._api.request("GET", prefix)
        except ApiError as error:
            if error.code == 404:
                return {}
            raise
        return {
            entry["kind"]: Mapping(plural=entry["name"], namespaced=bool(entry.get("namespaced")), prefix=prefix)
            for entry in listed.get("resources") or []
            if "/" not in entry["name"]
        }


def assumed_namespaced(kind: GroupVersionKind) -> bool:
    """Whether objects of `kind` live in namespaces, where no API server can be asked."""
    return not (kind.built_in and kind.name in CLUSTER_SCOPED)
