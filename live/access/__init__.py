"""The way to a cluster: a kubeconfig, and the API server that it leads to. Loads neither the Kubernetes client nor pydantic.

kubeconfig         a kubeconfig as typed values: parsed, merged as kubectl merges, one context chosen
kubeconfig_parser  from YAML to those values
embedding          the files that a kubeconfig names, put into it
authority          the fingerprints of a cluster's certificate authority
server_address     host and port of a server
target             which kubeconfig and context a command means
api_server         whether an API server answers at all
"""
