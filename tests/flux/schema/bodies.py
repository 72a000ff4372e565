"""One small valid object of every kind, and what is said about a changed one."""

import copy
from functools import cache
from typing import Any

from flux.finding import Finding
from flux.merge_patch import merge_patch
from flux.schema import Schemas
from tests.manifests import VERSION, distribution
from tests.messages import assert_well_formed

VERSIONS = ("v2.7.5", "v2.8.8", VERSION)
SOURCE = {"kind": "GitRepository", "name": "a"}
SPECS: dict[str, dict[str, Any]] = {
    "GitRepository": {"interval": "5m", "url": "https://git.example.com/a"},
    "OCIRepository": {"interval": "5m", "url": "oci://ghcr.io/a/b"},
    "HelmRepository": {"interval": "5m", "url": "https://charts.example.com"},
    "HelmChart": {"interval": "5m", "chart": "a", "sourceRef": {"kind": "HelmRepository", "name": "a"}},
    "Bucket": {"interval": "5m", "bucketName": "a", "endpoint": "minio.example.com"},
    "ExternalArtifact": {"sourceRef": {"kind": "ArtifactGenerator", "name": "a"}},
    "Kustomization": {"interval": "5m", "prune": True, "sourceRef": SOURCE},
    "HelmRelease": {"interval": "5m", "chartRef": {"kind": "OCIRepository", "name": "a"}, "values": {"any": [{"thing": None}]}},
    "Provider": {"type": "slack", "channel": "general"},
    "Alert": {"providerRef": {"name": "a"}, "eventSources": [{"kind": "Kustomization", "name": "*"}]},
    "Receiver": {"type": "github", "secretRef": {"name": "a"}, "resources": [SOURCE]},
    "ImageRepository": {"image": "ghcr.io/a/b", "interval": "5m"},
    "ImagePolicy": {"imageRepositoryRef": {"name": "a"}, "policy": {"semver": {"range": ">=1.0.0"}}},
    "ImageUpdateAutomation": {"interval": "5m", "sourceRef": SOURCE},
    "ArtifactGenerator": {
        "sources": [{"alias": "a", "kind": "GitRepository", "name": "a"}],
        "artifacts": [{"name": "a", "copy": [{"from": "@a/deploy/**", "to": "@artifact/"}]}],
    },
}


@cache
def schemas(version: str = VERSION) -> Schemas:
    """The schemas of a release."""
    return Schemas.of(distribution(version).objects)


def body(kind: str, spec: Any = None, /, *, version: str = VERSION, **changes: Any) -> dict[str, Any]:
    """The valid object with a merge patch of its spec; `changes` replace whole top-level fields."""
    return copy.deepcopy(
        {
            "apiVersion": schemas(version).served_versions(kind)[0],
            "kind": kind,
            "metadata": {"name": "a", "namespace": "flux-system"},
            "spec": merge_patch(SPECS[kind], spec or {}),
            **changes,
        }
    )


def problems(kind: str, spec: Any = None, /, *, version: str = VERSION, **changes: Any) -> list[Finding]:
    """What is wrong with the changed object."""
    return schemas(version).findings(body(kind, spec, version=version, **changes))


def said(kind: str, spec: Any = None, /, **changes: Any) -> dict[str, str]:
    """Dotted path → what is wrong, two dashes, and what to write; between them stands the same in all."""
    found = problems(kind, spec, **changes)
    for finding in found:
        assert_well_formed(finding.message)
        assert finding.message.consequence == f"The API server would refuse the {changes.get('kind', kind)}."
    return {finding.dotted: f"{finding.message.wrong} -- {finding.message.fix}" for finding in found}
