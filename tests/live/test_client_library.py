"""The Kubernetes client library is loaded in part, and whoever asks it for more gets it."""

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import sys
import live.client.connection
from kubernetes.config import kube_config
assert "kubernetes.client.models.v1_pod" not in sys.modules, "none of its 700 classes is used"
assert not hasattr(sys.modules["kubernetes.client"], "__wrapped__"), "asked by tools, and no reason to load them"
assert "kubernetes.client.api.core_v1_api" not in sys.modules

import kubernetes
from kubernetes import client, watch
assert kubernetes.client.CoreV1Api(client.ApiClient()).read_namespace
assert client.models.V1Pod().to_dict() and watch.Watch
assert client.ApiClient is live.client.connection.ApiClient is kube_config.ApiClient
try:
    client.NoSuchKind
except AttributeError as error:
    print(error)
"""


@pytest.mark.thorough
def test_of_the_client_library_only_what_is_used_is_loaded_until_more_is_asked_for() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])

    assert done.stdout == "module 'kubernetes.client' has no attribute 'NoSuchKind'\n", done.stderr
