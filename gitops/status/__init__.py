"""`gitops status`: what Flux says of a live cluster, as a table or as JSON."""
