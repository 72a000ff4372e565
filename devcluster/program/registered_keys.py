"""The SSH keys that the stack generated, known to the demo's Gitea, so that Flux can fetch with them.

They live as long as Pulumi's state: after a destroy, the stack has others under the same names, and Gitea still has the old ones.
Registering is a person's own decision elsewhere (`gitops deploy-key register`, which replaces nothing); here only a demo is at stake.
"""

from collections.abc import Collection, Mapping
from typing import Any

from devcluster.gitea.sample_repositories import Samples
from devcluster.messages.errors import DevclusterError
from gitops.deploy_keys.model import DeployCredential, credentials_of
from gitops.deploy_keys.titles import KeyTitles
from gitops.errors import CommandError


def register_generated_keys(samples: Samples, titles: KeyTitles, outputs: Mapping[str, Any], addresses: Collection[str]) -> list[str]:
    """Register those of the stack's output `deployKeys` for its repositories below `addresses`; `repository: title` of what is new there.

    As `gitops deploy-key register`, without keys that are older than the active one.
    """
    generated = outputs.get("deployKeys")
    if not generated:
        return []
    try:
        credentials = credentials_of(generated, titles.stack)
    except CommandError as error:
        told = error.message
        raise DevclusterError(told.wrong, told.consequence, told.fix) from None
    return [
        f"{name}: {title}"
        for credential in credentials
        for name in _repositories(credential, addresses)
        for title, public_key in _keys(titles, credential).items()
        if samples.register(name, title, public_key)
    ]


def _repositories(credential: DeployCredential, addresses: Collection[str]) -> list[str]:
    return [each.name for each in credential.repositories if any(each.url.startswith(f"{address}/") for address in addresses)]


def _keys(titles: KeyTitles, credential: DeployCredential) -> dict[str, str]:
    prefix = titles.prefix(credential.name)
    return {f"{prefix}{key}": public for key, public in credential.keys.items() if not credential.is_old(key)}
