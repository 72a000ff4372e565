"""The schemas of one release, and the sentences about a body that breaks them."""

from collections.abc import Iterable, Mapping
from typing import Any

from flux.finding import Finding, Path
from flux.object_reference import ObjectReference
from flux.schema.kind_schema import KindSchema
from flux.schema.problem import Problem
from flux.schema.sentences import Words
from flux.schema.served import served
from flux.schema.showing import shown_name


class Schemas:
    """What the API server checks of a Flux object on creation, with strict field validation: CRDs, their CEL rules, metadata."""

    def __init__(self, kinds: Mapping[str, Mapping[str, KindSchema]]) -> None:
        """Use `of`."""
        self._kinds = kinds

    @classmethod
    def of(cls, definitions: Iterable[dict[str, Any]]) -> "Schemas":
        """The schemas of CustomResourceDefinitions; objects of other kinds among them are passed over."""
        return cls(served(body for body in definitions if body.get("kind") == "CustomResourceDefinition"))

    def kinds(self) -> tuple[str, ...]:
        """Every kind that the release serves, sorted."""
        return tuple(sorted(self._kinds))

    def served_versions(self, kind: str) -> tuple[str, ...]:
        """The apiVersions of a kind that the release serves, newest first; empty for a kind that it does not have."""
        return tuple(self._kinds.get(kind, ()))

    def field_names(self, kind: str, path: Path = ()) -> tuple[str, ...]:
        """The fields that the newest version of a kind has at `path`, sorted; empty where any name is allowed."""
        versions = self._kinds.get(kind, {})
        for schema in versions.values():
            return tuple(sorted(schema.node_at(path).get("properties", ())))
        return ()

    def findings(self, body: Mapping[str, Any]) -> list[Finding]:
        """All that the API server would refuse `body` for, sorted; none if it would accept it."""
        kind, version = body.get("kind"), body.get("apiVersion")
        versions = self._kinds.get(kind, {}) if isinstance(kind, str) else {}
        schema = versions.get(version) if isinstance(version, str) else None
        problems = schema.problems(body) if schema else self._of_another_version(kind, version, versions, body)
        if not problems:
            return []
        words = Words(str(kind or "object"), schema.root if schema else {})
        identity = _identity(body)
        found = {(_shown_path(problem.path), words.sentence(problem)) for problem in problems}
        findings = [Finding(identity=identity, path=path, text=text) for path, text in found]
        return sorted(findings, key=lambda finding: ([(isinstance(part, int), part) for part in finding.path], finding.text))

    def _of_another_version(self, kind: Any, version: Any, versions: Mapping[str, KindSchema], body: Mapping[str, Any]) -> list[Problem]:
        if not versions:
            return [Problem(path=("kind",), keyword="kind", value=kind, detail=self.kinds())]
        # The rest is judged as the version that will have to be written.
        newest = next(iter(versions.values()))
        return [Problem(path=("apiVersion",), keyword="apiVersion", value=version, detail=tuple(versions)), *newest.problems(body)]


def _shown_path(path: Path) -> Path:
    """The path up to a name that looks like a secret: it would be printed."""
    secret = [index for index, part in enumerate(path) if isinstance(part, str) and shown_name(part) is None]
    return path[: secret[0]] if secret else path


def _identity(body: Mapping[str, Any]) -> ObjectReference:
    metadata = body.get("metadata")
    metadata = metadata if isinstance(metadata, Mapping) else {}
    kind, namespace, name = body.get("kind"), metadata.get("namespace"), metadata.get("name")
    return ObjectReference(
        kind=kind if isinstance(kind, str) else "",
        namespace=namespace if isinstance(namespace, str) else "",
        name=name if isinstance(name, str) else "",
    )
