"""`gitops migrate`: rewrites Flux's objects in the version in which the cluster stores them now."""
