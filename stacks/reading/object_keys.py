"""Keys of Kubernetes objects that people write beside the key of the catalog below which they belong."""

OF_AN_OBJECT = frozenset({"apiVersion", "kind", "metadata", "spec", "data", "stringData", "type"})
"""Of any object, below `object`."""
_OF_A_REF = frozenset({"branch", "tag", "semver", "commit", "digest"})
_OF_A_SPEC = _OF_A_REF | {
    *("interval", "timeout", "suspend", "ref", "ignore", "include", "verify", "secretRef", "certSecretRef", "proxySecretRef", "insecure"),
    *("path", "sourceRef", "prune", "wait", "force", "dependsOn", "decryption", "postBuild", "patches", "images", "components"),
    *("targetNamespace", "namePrefix", "nameSuffix", "commonMetadata", "healthChecks", "healthCheckExprs", "retryInterval"),
    *("serviceAccountName", "deletionPolicy", "kubeConfig", "layerSelector", "provider", "recurseSubmodules", "sparseCheckout"),
    *("type", "passCredentials"),
}
"""Of sources and Kustomizations (https://fluxcd.io/flux/components/)."""


def written_below(key: str) -> str:
    """`spec: {ref: {branch: …}}`; empty for what is no key of a spec."""
    if key not in _OF_A_SPEC:
        return ""
    return f"spec: {{ref: {{{key}: …}}}}" if key in _OF_A_REF else f"spec: {{{key}: …}}"
