"""The kubectl commands that `gitops adopt` prints, carried out as kubectl does: annotate, patch and delete, with their field manager."""

import argparse
import json
import shlex
from typing import Any

import httpx

from devcluster.embedded_cluster import Devcluster

_SHORT = {
    "crd": ("/apis/apiextensions.k8s.io/v1", "customresourcedefinitions", False),
    "clusterrole": ("/apis/rbac.authorization.k8s.io/v1", "clusterroles", False),
    "clusterrolebinding": ("/apis/rbac.authorization.k8s.io/v1", "clusterrolebindings", False),
    "namespace": ("/api/v1", "namespaces", False),
    "serviceaccount": ("/api/v1", "serviceaccounts", True),
    "service": ("/api/v1", "services", True),
    "secret": ("/api/v1", "secrets", True),
    "resourcequota": ("/api/v1", "resourcequotas", True),
    "networkpolicy": ("/apis/networking.k8s.io/v1", "networkpolicies", True),
    "deployment": ("/apis/apps/v1", "deployments", True),
}


def as_kubectl(cluster: Devcluster, command: str) -> int:
    """Carry it out; how many objects it met."""
    parser = argparse.ArgumentParser(exit_on_error=False)
    for name in ("--kubeconfig", "--context", "-n", "-l", "--field-manager", "--type", "-p"):
        parser.add_argument(name)
    parser.add_argument("--overwrite", action="store_true")
    given, words = parser.parse_known_args(shlex.split(command)[1:])
    verb, *words = words
    with cluster.kube as kube, kube.credentials.client() as client:
        if verb == "patch":
            return _patched(client, _named(words[0], given.n), json.loads(given.p), given.field_manager)
        if verb == "annotate":
            *what, annotation = words
            key, is_set, value = annotation.partition("=")
            patch = {"metadata": {"annotations": {key if is_set else key.removesuffix("-"): value if is_set else None}}}
            return sum(_patched(client, path, patch, given.field_manager) for path in _found(client, what, given))
        assert verb == "delete", command
        paths = _found(client, words, given)
        for path in paths:
            client.delete(path).raise_for_status()
        return len(paths)


def _found(client: httpx.Client, words: list[str], given: Any) -> list[str]:
    if given.l is None:
        return [_named(word, given.n) for word in words]
    paths = []
    for kind in words[0].split(","):
        folder = _folder(kind, given.n)
        answer = client.get(folder, params={"labelSelector": given.l}).raise_for_status()
        paths += [f"{folder}/{item['metadata']['name']}" for item in answer.json()["items"]]
    return paths


def _named(word: str, namespace: str) -> str:
    kind, _, name = word.partition("/")
    return f"{_folder(kind, namespace)}/{name}"


def _folder(kind: str, namespace: str) -> str:
    if kind in _SHORT:
        root, plural, is_namespaced = _SHORT[kind]
        return f"{root}/namespaces/{namespace}/{plural}" if is_namespaced else f"{root}/{plural}"
    plural, _, group = kind.partition(".")
    return f"/apis/{group}/v1/namespaces/{namespace}/{plural}"


def _patched(client: httpx.Client, path: str, patch: dict[str, Any], manager: str) -> int:
    headers = {"Content-Type": "application/merge-patch+json"}
    answer = client.patch(path, content=json.dumps(patch), params={"fieldManager": manager}, headers=headers)
    assert answer.is_success, f"{path}: {answer.text}"
    return 1
