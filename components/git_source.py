"""A Git repository that Flux fetches."""

from dataclasses import dataclass
from typing import Any, Optional

import pulumi

from components.kubernetes_object import KubernetesObject, child_options, component_options
from flux.bodies import git_repository, with_metadata


@dataclass(frozen=True, kw_only=True)
class GitSourceArgs:
    """A GitRepository."""

    object_name: str
    """Name of the GitRepository; need not be the repository's."""
    url: str
    """`https://…`, `http://…` or `ssh://…`; Flux refuses `git@host:path`."""
    secret_name: Optional[str] = None
    """The Secret with the credential; None for a public repository."""
    proxy_secret_name: Optional[str] = None
    """The Secret with the address of a proxy."""
    provider: Optional[str] = None
    """`github` for the Secret of a GitHub App."""
    spec: Optional[dict[str, Any]] = None
    """The rest of the spec, verbatim Flux."""
    labels: Optional[dict[str, str]] = None
    annotations: Optional[dict[str, str]] = None

    def body(self) -> dict[str, Any]:
        """The object, as plain data; it can be judged before it becomes a resource."""
        body = git_repository(
            self.object_name,
            url=self.url,
            provider=self.provider,
            secret_name=self.secret_name,
            proxy_secret_name=self.proxy_secret_name,
            spec=self.spec,
        )
        return with_metadata(body, self.labels, self.annotations)


class GitSource(pulumi.ComponentResource):
    """One GitRepository.

    Not awaited: the Git server may run in the very cluster that is being made. Does not make the Secret it names
    (SourceCredential does), nor anything that applies what is fetched (FluxKustomization does).
    """

    url: pulumi.Output[str]

    def __init__(self, name: str, args: GitSourceArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        super().__init__("gitops:index:GitSource", name, None, component_options(opts))
        body = args.body()
        self.resource = KubernetesObject.of(f"{name}-gitrepository", body, child_options(self, opts))
        self.url = pulumi.Output.from_input(body["spec"]["url"])
        self.register_outputs({"url": self.url})
