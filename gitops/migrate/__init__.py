"""`gitops migrate`: writes Flux's objects anew in the version in which the cluster stores them now."""
