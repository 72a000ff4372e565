"""Bodies of Flux objects, as plain data.

A `spec` is verbatim Flux. A body never holds a secret or an Output: Secrets are named, by fixed names.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict, Unpack

import yaml

from flux.kinds import api_group
from flux.object_reference import FLUX_NAMESPACE

SOURCE_API = "source.toolkit.fluxcd.io/v1"
KUSTOMIZE_API = "kustomize.toolkit.fluxcd.io/v1"

MANAGED_BY_LABELS = {"app.kubernetes.io/managed-by": "pulumi", "app.kubernetes.io/part-of": "gitops"}
WATCHED_LABELS = {"reconcile.fluxcd.io/watch": "Enabled"}
"""On a Secret or ConfigMap: Flux re-reads it at once when it changes, instead of at the next interval."""

SOPS_AGE_SECRET = "sops-age"  # noqa: S105 (a name)
STACK_VARIABLES_CONFIG_MAP = "stack-vars"
HELM_CHART_LAYER = {"mediaType": "application/vnd.cncf.helm.chart.content.v1.tar+gzip", "operation": "copy"}
NOT_INHERITED_LABEL = "substitution.flux.home.arpa/disabled"
NOT_INHERITED_SELECTOR = f"{NOT_INHERITED_LABEL} notin (true)"
"""Child Kustomizations with this label set to "true" are left as they are, as in the cluster-template."""


def flux_object(
    api_version: str, kind: str, name: str, *, spec: Mapping[str, Any] | None = None, labels: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Any Flux object in the namespace of Flux. Raises TypeError when `spec` is not plain data."""
    body: dict[str, Any] = {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": name, "namespace": FLUX_NAMESPACE, "labels": {**MANAGED_BY_LABELS, **(labels or {})}},
    }
    if spec is not None:
        body["spec"] = plain(spec, f"{kind}/{name} spec")
    return body


class SecretReferences(TypedDict, total=False):
    """The Secrets that a source names. Whether its kind has all of these fields, the CRD says."""

    secret_name: str | None
    """With the credential."""
    certificate_secret_name: str | None
    """With certificates."""
    proxy_secret_name: str | None
    """With the address of a proxy."""


def git_repository(
    name: str, *, url: str, provider: str | None = None, spec: Mapping[str, Any] | None = None, **secrets: Unpack[SecretReferences]
) -> dict[str, Any]:
    """A GitRepository; `provider` is `github` for the Secret of a GitHub App."""
    given = {"provider": provider} if provider else {}
    return flux_object(SOURCE_API, "GitRepository", name, spec={"url": url, **given, **_references(secrets), **(spec or {})})


def helm_repository(name: str, *, url: str, spec: Mapping[str, Any] | None = None, **secrets: Unpack[SecretReferences]) -> dict[str, Any]:
    """A HelmRepository; one of an `oci://` URL gets `type: oci`, without which Flux would look for an index there."""
    whole = {"url": url, **_references(secrets), **(spec or {})}
    kind = {"type": "oci"} if str(whole["url"]).startswith("oci://") else {}
    return flux_object(SOURCE_API, "HelmRepository", name, spec={"url": whole["url"], **kind, **whole})


def oci_repository(name: str, *, url: str, spec: Mapping[str, Any] | None = None, **secrets: Unpack[SecretReferences]) -> dict[str, Any]:
    """An OCIRepository of any artifact; `layerSelector` says which layer, and is the caller's to give for a Helm chart."""
    return flux_object(SOURCE_API, "OCIRepository", name, spec={"url": url, **_references(secrets), **(spec or {})})


def kustomization(name: str, *, spec: Mapping[str, Any], inherit: Sequence[str] = ()) -> dict[str, Any]:
    """A Kustomization.

    The fields of `spec` named in `inherit` are also patched into every Kustomization that this one applies, so that a
    repository need not repeat decryption and substitution in each of its `ks.yaml`.
    """
    spec = dict(spec)
    inherited = {field: spec[field] for field in inherit if field in spec}
    if inherited:
        spec["patches"] = [*spec.get("patches", []), _patch_of_children(inherited)]
    return flux_object(KUSTOMIZE_API, "Kustomization", name, spec=spec)


def with_metadata(body: dict[str, Any], labels: Mapping[str, str] | None, annotations: Mapping[str, str] | None) -> dict[str, Any]:
    """A copy of `body` with its own labels and annotations; those that mark it as a stack's stay unless named."""
    metadata = dict(body["metadata"])
    if labels:
        metadata["labels"] = plain({**metadata["labels"], **labels}, f"{body['kind']}/{metadata['name']} labels")
    if annotations:
        metadata["annotations"] = plain(annotations, f"{body['kind']}/{metadata['name']} annotations")
    return {**body, "metadata": metadata}


def config_map(name: str, data: Mapping[str, str]) -> dict[str, Any]:
    """A ConfigMap that Flux re-reads when it changes."""
    body = flux_object("v1", "ConfigMap", name, labels=WATCHED_LABELS)
    return {**body, "data": plain(data, f"ConfigMap/{name} data")}


def secret_metadata(name: str) -> dict[str, Any]:
    """Metadata of a Secret that Flux re-reads when it changes. Its values are not this module's: they are never plain data."""
    metadata: dict[str, Any] = flux_object("v1", "Secret", name, labels=WATCHED_LABELS)["metadata"]
    return metadata


def plain(value: Any, where: str) -> Any:
    """Return a copy of `value` made only of dict, list, str, int, float, bool and None.

    Raises TypeError for anything else, usually an Output, which would make a body that no preview can check.
    """
    if value is None or type(value) in _SCALARS:
        return value
    # Of a scalar nobody needs to know where it stands.
    if isinstance(value, Mapping):
        return {key: item if type(item) in _SCALARS else plain(item, f"{where}.{key}") for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [item if type(item) in _SCALARS else plain(item, f"{where}[{index}]") for index, item in enumerate(value)]
    raise TypeError(
        f"{where} is a {type(value).__name__}, but Flux objects are plain data: an Output could not be checked before it is applied. "
        f"Refer to Secrets by their fixed names instead"
    )


_SCALARS = frozenset({str, int, float, bool})
_REFERENCES = {"secret_name": "secretRef", "certificate_secret_name": "certSecretRef", "proxy_secret_name": "proxySecretRef"}


def _references(secrets: SecretReferences) -> dict[str, Any]:
    return {_REFERENCES[which]: {"name": name} for which, name in secrets.items() if name}


def _patch_of_children(inherited: Mapping[str, Any]) -> dict[str, Any]:
    patch = {"apiVersion": KUSTOMIZE_API, "kind": "Kustomization", "metadata": {"name": "every-child"}, "spec": dict(inherited)}
    return {
        "patch": yaml.safe_dump(patch, sort_keys=False),
        "target": {"group": api_group(KUSTOMIZE_API), "kind": "Kustomization", "labelSelector": NOT_INHERITED_SELECTOR},
    }
