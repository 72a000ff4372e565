"""The schemas of one release, and what they find in a body."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flux.finding import Finding
from flux.key_path import KeyPath
from flux.kinds import api_group
from flux.object_reference import ObjectReference
from flux.schema.explain import Explainer
from flux.schema.kind_schema import KindSchema
from flux.schema.mismatch import Mismatch
from flux.schema.served import flux_of, served
from flux.schema.showing import shown_name

SCHEMA = "schema"
"""What a finding of this layer has in place of the name of a rule."""


_ABOUT_FIELDS = frozenset({"unknown", "required", "kind", "notAName"})
"""Keywords of mismatches that no other value of the field would fix."""


class Schemas:
    """What the API server checks of a Flux object on creation, with strict field validation: CRDs, their CEL rules, metadata."""

    def __init__(self, kinds: Mapping[str, Mapping[str, KindSchema]], flux: str) -> None:
        """Use `of`."""
        self._kinds = kinds
        self._groups = {api_group(version) for versions in kinds.values() for version in versions}
        self._flux = flux

    @classmethod
    def of(cls, definitions: Iterable[dict[str, Any]]) -> "Schemas":
        """The schemas of CustomResourceDefinitions; objects of other kinds among them are passed over."""
        of_kinds = [body for body in definitions if body.get("kind") == "CustomResourceDefinition"]
        return cls(served(of_kinds), flux_of(of_kinds))

    def kinds(self) -> tuple[str, ...]:
        """Every kind that the release serves, sorted."""
        return tuple(sorted(self._kinds))

    def served_versions(self, kind: str) -> tuple[str, ...]:
        """The apiVersions of a kind that the release serves, newest first; empty for a kind that it does not have."""
        return tuple(self._kinds.get(kind, ()))

    def all_served(self) -> dict[str, tuple[str, ...]]:
        """Every kind with its served apiVersions."""
        return {kind: tuple(versions) for kind, versions in self._kinds.items()}

    def findings(self, body: Mapping[str, Any], *, is_open: Callable[[KeyPath], bool] | None = None) -> list[Finding]:
        """All that the API server would refuse `body` for, sorted; none if it would accept it.

        `is_open`: whether the value at a path is not yet what the API server will see. Then only its field is judged.
        """
        kind, version = body.get("kind"), body.get("apiVersion")
        versions = self._kinds.get(kind, {}) if isinstance(kind, str) else {}
        schema = versions.get(version) if isinstance(version, str) else None
        is_of_flux = not isinstance(version, str) or api_group(version) in self._groups or api_group(version).endswith("fluxcd.io")
        mismatches = schema.mismatches(body) if schema else self._of_another_version(kind, version, versions, body, is_of_flux)
        if is_open is not None:
            mismatches = [each for each in mismatches if each.keyword in _ABOUT_FIELDS or not is_open(each.path)]
        if not mismatches:
            return []
        explainer = Explainer(kind=str(kind or "object"), root=schema.root if schema else {}, flux=self._flux, is_of_flux=is_of_flux)
        reference = _reference(body)
        found = {(_shown_path(mismatch.path), explainer.message(mismatch), explainer.meant(mismatch)) for mismatch in mismatches}
        findings = [Finding(object=reference, path=path, message=message, rule=SCHEMA, meant=meant) for path, message, meant in found]
        return sorted(findings, key=lambda finding: ([(isinstance(part, int), part) for part in finding.path], finding.message))

    def _of_another_version(
        self, kind: Any, version: Any, versions: Mapping[str, KindSchema], body: Mapping[str, Any], is_of_flux: bool
    ) -> list[Mismatch]:
        if not versions:
            return [Mismatch(path=("kind",), keyword="kind", value=kind, detail=self.kinds())]
        wrong = Mismatch(path=("apiVersion",), keyword="apiVersion", value=version, detail=tuple(versions))
        # The rest is judged as the version that will have to be written, unless another object is meant.
        return [wrong, *next(iter(versions.values())).mismatches(body)] if is_of_flux else [wrong]


def _shown_path(path: KeyPath) -> KeyPath:
    """The path up to a name that looks like a secret: it would be printed."""
    secret = [index for index, part in enumerate(path) if isinstance(part, str) and shown_name(part) is None]
    return path[: secret[0]] if secret else path


def _reference(body: Mapping[str, Any]) -> ObjectReference:
    metadata = body.get("metadata")
    metadata = metadata if isinstance(metadata, Mapping) else {}
    kind, namespace, name = body.get("kind"), metadata.get("namespace"), metadata.get("name")
    return ObjectReference(
        kind=kind if isinstance(kind, str) else "",
        namespace=namespace if isinstance(namespace, str) else "",
        name=name if isinstance(name, str) else "",
    )
