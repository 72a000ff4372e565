"""Control plane: etcd, the API server and their companions, and plain calls to them.

control_plane  starting and ending them, with kwokctl's binary runtime
kube_client    the few calls to the API server that the embedded cluster itself makes, and its kubeconfig
"""
