"""The annotation, or label, that keeps an object when what applied it would delete it (Flux, "Garbage collection")."""

PRUNE = "kustomize.toolkit.fluxcd.io/prune"
DISABLED = "disabled"
PRUNE_DISABLED = f"{PRUNE}: {DISABLED}"
