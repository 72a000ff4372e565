"""Control plane: etcd, the API server and their companions, and plain calls to them."""
