"""The fields of a kustomization.yaml, and which of its entries are addresses of other servers, as kustomize 5 reads both."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from flux.message import Message

FIELDS = {
    name.lower(): name
    for name in (
        *("apiVersion", "kind", "metadata", "openapi", "namePrefix", "nameSuffix", "namespace", "commonLabels", "labels"),
        *("commonAnnotations", "patchesStrategicMerge", "patchesJson6902", "patches", "images", "imageTags", "replacements", "replicas"),
        *("vars", "sortOptions", "resources", "components", "crds", "bases", "configMapGenerator", "secretGenerator", "helmGlobals"),
        *("helmCharts", "helmChartInflationGenerator", "generatorOptions", "configurations", "generators", "transformers"),
        *("validators", "buildMetadata"),
    )
}
"""Each as JSON decoders of Go find it, which ignore case → how it is written."""
HELM_FIELDS = ("helmCharts", "helmChartInflationGenerator", "helmGlobals")
"""What kustomize reads only with --enable-helm, which Flux does not set."""
ORIGINS = "originAnnotations"
"""Of `buildMetadata`: each object says which file it comes from."""
_FIELD = re.compile(r"^([A-Za-z]\w*):", re.MULTILINE)
_FETCHED = re.compile(
    r"^(git::)?((https?|ssh|file)://|([a-z][a-z0-9-]*@)?github\.com[/:]|[a-z][a-z0-9-]*@[^/:]+:)",
    re.IGNORECASE,
)
_LIKE_AN_ADDRESS = re.compile(
    r"^[a-z][a-z0-9+.-]*://|^(github|gitlab|bitbucket)\.(com|org)/|^[a-z0-9-]+(\.[a-z0-9-]+)+(:\d+)?/.*(\.git|//)|[?&]ref=", re.IGNORECASE
)

_INSTALLS_FLUX = re.compile(
    r"github(usercontent)?\.com[/:]("
    r"fluxcd/flux2(\.git)?/.*(manifests/(install|bases|crds)\b|releases/.*/install\.yaml)"
    r"|controlplaneio-fluxcd/flux-operator(\.git)?/.*(\bconfig/|charts/|releases/.*/install\.yaml)"
    r"|fluxcd/(source|kustomize|helm|notification|image-reflector|image-automation)-controller(\.git)?/.*(config/|releases/.*\.yaml))",
    re.IGNORECASE,
)


def is_fetched(entry: str) -> bool:
    """Whether kustomize would ask another server, or run git, for an entry."""
    return bool(_FETCHED.match(entry))


def is_like_an_address(entry: str) -> bool:
    """Whether an entry names another server in a form that kustomize 5 takes for a path."""
    return bool(_LIKE_AN_ADDRESS.search(entry))


def installs_flux(entry: str) -> bool:
    """Whether what an entry names on another server installs Flux, or the operator that does."""
    return bool(_INSTALLS_FLUX.search(entry))


def known_fields(value: Mapping[Any, Any]) -> tuple[dict[str, Any], list[str]]:
    """The fields under kustomize's names, and the names of the others."""
    known: dict[str, Any] = {}
    others: list[str] = []
    for key, each in value.items():
        name = FIELDS.get(str(key).lower())
        if name is None:
            others.append(str(key))
        elif each is not None:
            known[name] = each
    return known, others


def with_known_case(entry: Any, names: tuple[str, ...]) -> Any:
    """A mapping in which the fields `names` are written as kustomize writes them; any other value as it is."""
    if not isinstance(entry, dict):
        return entry
    written = {name.lower(): name for name in names}
    return {written.get(str(key).lower(), str(key)): value for key, value in entry.items()}


def repeated_fields(written: str) -> Iterator[tuple[str, int]]:
    """The fields that a kustomization.yaml has more than once, each with the line of the last."""
    lines: dict[str, list[int]] = {}
    for found in _FIELD.finditer(written):
        lines.setdefault(found[1], []).append(written.count("\n", 0, found.start()) + 1)
    yield from ((name, each[-1]) for name, each in lines.items() if len(each) > 1)


def repeated_field(name: str) -> Message:
    """What happens to a field that is there again further down."""
    return Message(f"has the field {name} twice", "kustomize takes only the last one, and says nothing.", "Write one with all entries.")
