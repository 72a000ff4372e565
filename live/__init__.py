"""The live cluster: read, and changed for `pulumi up` (takeovers, what the cluster lost), `destroy`, `migrate` and `drift --mend`.

Knows no Pulumi, no stack and no command; those ask here.

errors            errors of the cluster, or of the way to it
access            a kubeconfig, and the API server that it leads to
client            a client of that server, which trusts no answer, and the models of its answers
managed_versions  which versions the managed fields of an object name
stored_versions   in which versions etcd may hold Flux's objects, and how `migrate` rewrites them and their managed fields
ownership         who owns an object, who wrote its fields; what applying would change, and setting it back
flux_objects      the Flux that runs: its installation, its objects, its keys, and what holds it when it goes
"""
