"""The embedded cluster: a real control plane, real Flux controllers and a real Gitea on loopback, for `make demo` and the tests.

Only `bench` and the tests import it; `.venv/bin/python -m devcluster --help` lists its commands.
"""
