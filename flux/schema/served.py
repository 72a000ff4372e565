"""Which kinds and versions the CRDs of a release serve."""

import re
from collections.abc import Iterable
from typing import Any

from flux.kinds import VERSION_LABEL
from flux.schema.kind_schema import KindSchema

_VERSION = re.compile(r"v(\d{1,9})(?:(alpha|beta)(\d{1,9}))?")


def served(definitions: Iterable[dict[str, Any]]) -> dict[str, dict[str, KindSchema]]:
    """Kind → apiVersion → schema, of every version that the API server would serve; newest version first."""
    kinds: dict[str, dict[str, KindSchema]] = {}
    for definition in definitions:
        spec = definition["spec"]
        versions = [version for version in spec["versions"] if version.get("served")]
        of_kind = kinds.setdefault(spec["names"]["kind"], {})
        for version in sorted(versions, key=lambda version: _priority(version["name"]), reverse=True):
            of_kind[f"{spec['group']}/{version['name']}"] = KindSchema(
                kind=spec["names"]["kind"],
                root=version.get("schema", {}).get("openAPIV3Schema", {}),
                status_is_dropped="status" in version.get("subresources", {}),
            )
    return {kind: versions for kind, versions in kinds.items() if versions}


def flux_of(definitions: Iterable[dict[str, Any]]) -> str:
    """`Flux v2.9.4`, as the labels of the CRDs say it; `Flux` where they do not."""
    labels = (definition.get("metadata", {}).get("labels", {}) for definition in definitions)
    return next((f"Flux {each[VERSION_LABEL]}" for each in labels if VERSION_LABEL in each), "Flux")


def _priority(version: str) -> tuple[int, int, int, int]:
    """Kubernetes' order: stable before beta before alpha, then the higher number; other names last."""
    match = _VERSION.fullmatch(version)
    if not match:
        return (0, 0, 0, 0)
    major, stage, minor = match.groups()
    return (1, {"alpha": 0, "beta": 1, None: 2}[stage], int(major), int(minor or 0))
