"""Objects changed by patches as Kubernetes and kustomize do: strategic merge patches, and JSON Patch for what a selector selects."""
