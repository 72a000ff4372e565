"""Secrets and ConfigMaps that no file holds, because an object in Git makes another program create them; and who changes Kustomizations."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from gitops.check.follow.built_object import BuiltObject
from gitops.check.repository.documents import items, mapping, text, texts

ANYWHERE = ""
"""In place of a namespace: in all of them, or in some that no file names."""
_COPIERS = ("reflector", "replicator", "kubed.appscode.com/sync", "kubernetes.io/reflection")
"""In the names of annotations by which others copy a Secret or ConfigMap into further namespaces."""
_WEBHOOK = "kustomize-mutating-webhook"
"""A chart whose webhook writes variables into every Kustomization (https://github.com/xunholy/kustomize-mutating-webhook)."""
_OF_A_DATABASE = ("app", "superuser", "ca", "server", "replication")
"""What CloudNativePG appends to the name of a Cluster (https://cloudnative-pg.io/documentation, Certificates and Applications)."""
ObjectOfAController: TypeAlias = tuple[str, str, str]
"""Kind, namespace and name."""


def made_by(item: BuiltObject) -> Iterator[ObjectOfAController]:
    """What exists because of `item`, besides itself: known programs, and any other kind that has `Secret` in its name."""
    if item.kind in ("Secret", "ConfigMap") and not item.group:
        if any(copier in key for key in mapping(item.body, "metadata", "annotations") for copier in _COPIERS):
            yield item.kind, ANYWHERE, item.name
        return
    if not item.group:
        return
    spec = mapping(item.body, "spec")
    if "Secret" in item.kind and not item.kind.endswith("Store") and not (item.kind == "ExternalSecret" and text(spec, "target", "name")):
        namespace = ANYWHERE if item.kind.startswith("Cluster") else item.namespace
        yield "Secret", namespace, item.name
    if item.kind == "Cluster" and item.group == "postgresql.cnpg.io":
        yield from (("Secret", item.namespace, f"{item.name}-{ending}") for ending in _OF_A_DATABASE)
    for kind, where, name in _BY_KIND.get(item.kind, _nothing)(spec):
        yield kind, item.namespace if where is None else where, name or item.name


def changes_kustomizations(item: BuiltObject) -> bool:
    """Whether `item` makes the API server change Kustomizations when they are applied, so that no file shows their variables."""
    spec = mapping(item.body, "spec")
    if item.kind in ("HelmRelease", "OCIRepository", "HelmChart"):
        names = (text(spec, "chart", "spec", "chart"), text(spec, "chart"), text(spec, "url").rpartition("/")[2])
        return _WEBHOOK in names
    if item.kind == "MutatingWebhookConfiguration":
        rules = (rule for each in items(item.body, "webhooks") for rule in items(each, "rules"))
    elif item.kind == "MutatingAdmissionPolicy":
        rules = (rule for rule in items(mapping(spec, "matchConstraints"), "resourceRules"))
    elif item.kind in ("ClusterPolicy", "Policy") and item.group == "kyverno.io":
        return any(
            each.rpartition("/")[2] == "Kustomization" for rule in items(spec, "rules") if mapping(rule, "mutate") for each in _kinds(rule)
        )
    else:
        return False
    return any({"kustomizations", "*", "*/*"} & set(texts(rule, "resources")) for rule in rules if _is_of_flux(rule))


def _is_of_flux(rule: Any) -> bool:
    return bool({"kustomize.toolkit.fluxcd.io", "*"} & set(texts(rule, "apiGroups")))


def _kinds(rule: Any) -> Iterator[str]:
    """The kinds of objects that a rule of Kyverno matches."""
    match = mapping(rule, "match")
    for each in (match, *items(match, "any"), *items(match, "all")):
        yield from texts(mapping(each, "resources"), "kinds")


_Named: TypeAlias = tuple[str, str | None, str]
"""Kind, namespace (None: that of the object), name (empty: that of the object)."""


def _nothing(_: Mapping[str, Any]) -> Iterator[_Named]:
    yield from ()


def _secret_at(*path: str) -> Callable[[Mapping[str, Any]], Iterator[_Named]]:
    def found(spec: Mapping[str, Any]) -> Iterator[_Named]:
        if name := text(spec, *path):
            where = mapping(spec, *path[:-1])
            yield "Secret", text(where, "namespace") or text(where, "secretNamespace") or None, name

    return found


def _cluster_external(spec: Mapping[str, Any]) -> Iterator[_Named]:
    name = text(spec, "externalSecretSpec", "target", "name") or text(spec, "externalSecretName")
    yield "Secret", ANYWHERE, name


def _templates(spec: Mapping[str, Any]) -> Iterator[_Named]:
    yield from (("Secret", None, text(each, "name")) for each in items(spec, "secretTemplates") if text(each, "name"))


def _secret_objects(spec: Mapping[str, Any]) -> Iterator[_Named]:
    yield from (("Secret", None, text(each, "secretName")) for each in items(spec, "secretObjects") if text(each, "secretName"))


def _bundle(_: Mapping[str, Any]) -> Iterator[_Named]:
    yield from ((kind, ANYWHERE, "") for kind in ("ConfigMap", "Secret"))


def _claim(_: Mapping[str, Any]) -> Iterator[_Named]:
    yield from ((kind, None, "") for kind in ("ConfigMap", "Secret"))


def _item(_: Mapping[str, Any]) -> Iterator[_Named]:
    yield "Secret", None, ""


def _generated(spec: Mapping[str, Any]) -> Iterator[_Named]:
    for rule in items(spec, "rules"):
        generated = mapping(rule, "generate")
        if text(generated, "kind") in ("Secret", "ConfigMap") and text(generated, "name"):
            yield text(generated, "kind"), ANYWHERE, text(generated, "name")


_BY_KIND: Mapping[str, Callable[[Mapping[str, Any]], Iterator[_Named]]] = {
    "ExternalSecret": _secret_at("target", "name"),
    "ClusterExternalSecret": _cluster_external,
    "SealedSecret": _secret_at("template", "metadata", "name"),
    "SopsSecret": _templates,
    "OnePasswordItem": _item,
    "VaultStaticSecret": _secret_at("destination", "name"),
    "VaultDynamicSecret": _secret_at("destination", "name"),
    "VaultPKISecret": _secret_at("destination", "name"),
    "InfisicalSecret": _secret_at("managedSecretReference", "secretName"),
    "BitwardenSecret": _secret_at("secretName"),
    "DopplerSecret": _secret_at("managedSecret", "name"),
    "AzureKeyVaultSecret": _secret_at("output", "secret", "name"),
    "SecretProviderClass": _secret_objects,
    "Certificate": _secret_at("secretName"),
    "Bundle": _bundle,
    "ObjectBucketClaim": _claim,
    "ClusterPolicy": _generated,
    "Policy": _generated,
}
