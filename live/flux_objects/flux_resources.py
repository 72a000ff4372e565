"""What an API server serves of Flux."""

from flux.kinds import is_flux_api
from live.client.answer_model import fitting
from live.client.api_answers import ApiGroupList, ApiResource, ApiResourceList
from live.client.bounded_client import BoundedClient, RefusedRequestError

PART_OF_FLUX = "app.kubernetes.io/part-of=flux"
"""What selects everything that Flux's release installs."""
_GONE = 404


def flux_resources(client: BoundedClient) -> list[tuple[str, ApiResource]]:
    """(group/version, resource) of everything of Flux that can be listed, each resource once; empty where Flux is not installed.

    A group's versions are walked in the server's order of preference, and all of them: in Flux 2.9 the preferred version of
    `notification.toolkit.fluxcd.io` has Receivers only, the others are in v1beta3. Raises as `BoundedClient.get` does.
    """
    groups = [group for group in fitting(ApiGroupList, client.get("/apis/"), "/apis/").groups if is_flux_api(group.name)]
    chosen: dict[tuple[str, str], tuple[str, ApiResource]] = {}
    for group in groups:
        for version in group.versions:
            for resource in resources_of(client, f"{group.name}/{version.version}"):
                if "/" not in resource.name and "list" in resource.verbs:
                    chosen.setdefault((group.name, resource.name), (f"{group.name}/{version.version}", resource))
    return list(chosen.values())


def resources_of(client: BoundedClient, group_version: str) -> list[ApiResource]:
    """The resources of one version of a group, or of the core group (`v1`); none where its CRDs are just coming or going."""
    path = f"/apis/{group_version}" if "/" in group_version else f"/api/{group_version}"
    try:
        return fitting(ApiResourceList, client.get(path), path).resources
    except RefusedRequestError as error:
        if error.status == _GONE:
            return []
        raise
