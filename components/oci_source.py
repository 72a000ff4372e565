"""An OCI artifact that Flux fetches."""

from dataclasses import dataclass
from typing import Any, Optional

import pulumi

from components.kubernetes_object import KubernetesObject, child_options, component_options
from flux.bodies import oci_repository, with_metadata


@dataclass(frozen=True, kw_only=True)
class OciSourceArgs:
    """An OCIRepository."""

    object_name: str
    url: str
    """`oci://registry/repository`, without a tag; the tag or digest is in `spec.ref`."""
    secret_name: Optional[str] = None
    """The Secret with the registry's credential; None for a public one."""
    certificate_secret_name: Optional[str] = None
    """The Secret with certificates, `ca.crt` or `tls.crt` and `tls.key`."""
    proxy_secret_name: Optional[str] = None
    """The Secret with the address of a proxy."""
    spec: Optional[dict[str, Any]] = None
    """The rest of the spec, verbatim Flux; a Helm chart needs `layerSelector`."""
    labels: Optional[dict[str, str]] = None
    annotations: Optional[dict[str, str]] = None

    def body(self) -> dict[str, Any]:
        """The object, as plain data; it can be judged before it becomes a resource."""
        body = oci_repository(
            self.object_name,
            url=self.url,
            secret_name=self.secret_name,
            certificate_secret_name=self.certificate_secret_name,
            proxy_secret_name=self.proxy_secret_name,
            spec=self.spec,
        )
        return with_metadata(body, self.labels, self.annotations)


class OciSource(pulumi.ComponentResource):
    """One OCIRepository, not awaited."""

    url: pulumi.Output[str]

    def __init__(self, name: str, args: OciSourceArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        super().__init__("gitops:index:OciSource", name, None, component_options(opts))
        body = args.body()
        self.resource = KubernetesObject.of(f"{name}-ocirepository", body, child_options(self, opts))
        self.url = pulumi.Output.from_input(body["spec"]["url"])
        self.register_outputs({"url": self.url})
