"""`gitops compare`: what changes between two revisions, in Flux's words."""
