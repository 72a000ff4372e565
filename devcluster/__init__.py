"""The embedded cluster: a real control plane, real Flux controllers and a real Gitea on loopback, for `make demo` and the tests.

Nothing outside this package imports it; `python -m devcluster --help` lists its commands.
"""
