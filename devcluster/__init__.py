"""The embedded cluster: a real control plane, real Flux controllers and a real Gitea on loopback, for `make demo` and the tests.

Nothing outside this package imports it; `.venv/bin/python -m devcluster --help` lists its commands.
"""
