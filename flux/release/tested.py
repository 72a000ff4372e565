"""The Flux releases that this program was tested with."""

TESTED_VERSIONS = ("v2.9.4", "v2.8.8", "v2.7.5")
"""Newest first: the one that `gitops new` installs. The tests read the manifests of all of them."""
MANIFESTS = f"ghcr.io/fluxcd/flux-manifests:{TESTED_VERSIONS[0]}"
"""Where Flux itself publishes those of the newest."""
