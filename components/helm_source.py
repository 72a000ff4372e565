"""A Helm chart repository that Flux fetches."""

from dataclasses import dataclass
from typing import Any, Optional

import pulumi

from components.kubernetes_object import KubernetesObject, child_options, component_options
from flux.bodies import helm_repository, with_metadata


@dataclass(frozen=True, kw_only=True)
class HelmSourceArgs:
    """A HelmRepository."""

    object_name: str
    url: str
    """`https://…` or `http://…` of a chart index, or `oci://…`, which Flux keeps but no longer develops: prefer OciSource."""
    secret_name: Optional[str] = None
    """The Secret with the credential; None for a public repository."""
    certificate_secret_name: Optional[str] = None
    """The Secret with certificates, `ca.crt` or `tls.crt` and `tls.key`."""
    proxy_secret_name: Optional[str] = None
    """The Secret with the address of a proxy."""
    spec: Optional[dict[str, Any]] = None
    """The rest of the spec, verbatim Flux."""
    labels: Optional[dict[str, str]] = None
    annotations: Optional[dict[str, str]] = None

    def body(self) -> dict[str, Any]:
        """The object, as plain data; it can be judged before it becomes a resource."""
        body = helm_repository(
            self.object_name,
            url=self.url,
            secret_name=self.secret_name,
            certificate_secret_name=self.certificate_secret_name,
            proxy_secret_name=self.proxy_secret_name,
            spec=self.spec,
        )
        return with_metadata(body, self.labels, self.annotations)


class HelmSource(pulumi.ComponentResource):
    """One HelmRepository, not awaited. Installs no chart: HelmReleases live in Git."""

    url: pulumi.Output[str]

    def __init__(self, name: str, args: HelmSourceArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        super().__init__("gitops:index:HelmSource", name, None, component_options(opts))
        body = args.body()
        self.resource = KubernetesObject.of(f"{name}-helmrepository", body, child_options(self, opts))
        self.url = pulumi.Output.from_input(body["spec"]["url"])
        self.register_outputs({"url": self.url})
