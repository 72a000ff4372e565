"""The live cluster, read: its kubeconfig, the connection, and the objects in it. Knows no Pulumi."""
