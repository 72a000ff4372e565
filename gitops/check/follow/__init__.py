"""Follow: from one Kustomization to the next, as Flux and kustomize would go."""
