"""Files of a synced repository, and what is found of a change of them."""

from typing import Any

import yaml

from gitops.compare.found_changes import RevisionComparison
from gitops.compare.table import render
from tests.gitops.compare.charts_at_hand import chart_repository
from tests.gitops.compare.synced_builders import Body, config_map, kustomization, kustomize
from tests.gitops.compare.synced_repository import Files

APPS = "kubernetes/apps"


def yaml_of(*bodies: Body) -> str:
    return yaml.safe_dump_all(bodies, sort_keys=False)


def app(**files: Body | str | None) -> Files:
    """Files of the path of `cluster-apps`, which names them: `it` → it.yaml; None: gone."""
    names = [f"{name}.yaml" for name, content in files.items() if content is not None]
    texts = {f"{APPS}/{name}.yaml": yaml_of(content) if isinstance(content, dict) else content for name, content in files.items()}
    return {f"{APPS}/kustomization.yaml": yaml_of(kustomize(*names)), **texts}


def placed(body: Body, namespace: str = "media") -> Body:
    return {**body, "metadata": {**body["metadata"], "namespace": namespace}}


def release(version: str = "1.0.0", **values: Any) -> Body:
    chart = {"chart": "tiny", "version": version, "sourceRef": {"kind": "HelmRepository", "name": "charts", "namespace": "flux-system"}}
    metadata = {"name": "tiny", "namespace": "media"}
    spec = {"interval": "1h", "chart": {"spec": chart}, "values": values}
    return {"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "metadata": metadata, "spec": spec}


def in_media(name: str, **spec: Any) -> Body:
    return kustomization(name, "", path=f"./{APPS}/{name}", targetNamespace="media", **spec)


JELLYFIN = {**release("8.4.0", replicas=1), "metadata": {"name": "jellyfin"}}
CLAIM = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "films"}, "spec": {"resources": {}}}
BEFORE = {
    **app(charts=chart_repository(), jellyfin_ks=in_media("jellyfin"), storage_ks=in_media("storage"), sonarr_ks=in_media("sonarr")),
    f"{APPS}/jellyfin/release.yaml": yaml_of(JELLYFIN),
    f"{APPS}/jellyfin/films.yaml": yaml_of(CLAIM),
    f"{APPS}/storage/quota.yaml": yaml_of(config_map("quota")),
    f"{APPS}/sonarr/settings.yaml": yaml_of(config_map("sonarr-settings")),
}
AFTER = {
    **app(charts=chart_repository(), jellyfin_ks=in_media("jellyfin"), storage_ks=in_media("storage"), sonarr_ks=None),
    f"{APPS}/jellyfin/release.yaml": yaml_of({**JELLYFIN, "spec": release("9.0.0", replicas=2)["spec"]}),
    f"{APPS}/jellyfin/films.yaml": None,
    f"{APPS}/storage/films.yaml": yaml_of(CLAIM),
    f"{APPS}/sonarr/settings.yaml": None,
}


def actions(found: RevisionComparison) -> dict[str, str]:
    return {diff.name: each.action.value for each in found.changes for diff in each.diffs}


def kinds(found: RevisionComparison) -> list[str]:
    return [each.kind for each in found.decisions]


def printed(found: RevisionComparison) -> str:
    return render(found, None).plain
