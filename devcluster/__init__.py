"""The embedded cluster: a real control plane, real Flux controllers and a real Gitea on loopback, for `make demo` and the tests.

Only `bench` and the tests import it. The folders, each of which knows those below it and none above:

commands       what `python -m devcluster` does: the demo, a bare cluster, its environment, one more repository
embedded_cluster   one embedded cluster as a whole: start and stop
program        this repository's Pulumi program, run on a cluster, and what Flux makes of it
controllers    Gitea and the Flux controllers as processes of this machine, which follow their live Deployments
gitea          the Git server: its settings, its repositories, chart and encrypted files
control_plane  etcd, the API server and their companions, and plain calls to them
toolchain      the programs that all of this runs: built or downloaded
machine        the directory, processes, keys and certificates of one cluster
messages       what a person reads: errors, progress, how the commands are called

providers      apart from all that: stand-ins for Pulumi's provider plugins, processes of their own that know nothing of the cluster
"""
