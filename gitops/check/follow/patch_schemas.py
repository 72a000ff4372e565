"""Whether kustomize needs the schemas of Kubernetes' own kinds, which takes it longer than all else in a small build.

A strategic merge patch merges lists by their keys, which a schema names. kustomize has those of Kubernetes' own kinds, and parses all of
them for the first such patch. For custom resources there are none: patches of those, as of HelmReleases in most clusters, are the same
without. tests/gitops/check/test_kustomize_agreement.py holds that.
"""

from collections.abc import Iterable
from typing import Any

from flux.bounded_documents import UnreadableError
from flux.kinds import api_group
from gitops.check.follow.builtin_plugins import FIELDS_OF_PLUGINS
from gitops.check.follow.gathered import Gathered
from gitops.check.repository.documents import items, mapping, parse, text
from gitops.check.repository.tree import joined

NO_SCHEMAS = b'{"definitions": {}}'
_OF_KUBERNETES = ".k8s.io"
_MOST_PATCHES = 200
"""Of which each is looked at; a build with more takes long in any case."""
_KINDS_OF_FLUX = ("HelmRelease", "HelmRepository", "HelmChart", "GitRepository", "OCIRepository", "Kustomization")
"""No group of Kubernetes has kinds of these names."""


def merges_only_custom_resources(gathered: Gathered, kustomizations: Iterable[tuple[str, dict[str, Any]]]) -> bool:
    """Whether there are strategic merge patches, and all of them are for kinds that Kubernetes itself does not have."""
    kustomizations = list(kustomizations)
    if sum(len(items(value, "patches")) for _, value in kustomizations) > _MOST_PATCHES:
        return False
    merged = False
    for directory, value in kustomizations:
        if value.keys() & {"openapi", "crds", "patchesStrategicMerge", *FIELDS_OF_PLUGINS}:
            return False
        for patch in items(value, "patches"):
            for document in _documents(gathered, directory, patch):
                if isinstance(document, list):
                    continue  # operations, which need no schema
                if not _is_custom(document, mapping(patch, "target")):
                    return False
                merged = True
    return merged


def _documents(gathered: Gathered, directory: str, patch: Any) -> list[Any]:
    try:
        if inline := text(patch, "patch"):
            return [each.value for each in parse(inline)]
    except UnreadableError:
        return [None]
    return [each.value for each in gathered.tree.documents(joined(directory, text(patch, "path"))) or []]


def _is_custom(document: Any, target: dict[str, Any]) -> bool:
    group, kind = api_group(text(document, "apiVersion")), text(document, "kind")
    if "." not in group or group.endswith(_OF_KUBERNETES):
        return False
    return not target or (target.get("kind") == kind and (target.get("group") == group or kind in _KINDS_OF_FLUX))
