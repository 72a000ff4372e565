"""The first `up` on a cluster where `flux install` and `flux create source` were: refused, and taken over once the stack file says so."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flux.release.install import install_objects
from flux.release.install_options import InstallOptions
from live.ownership.wanted_objects import plural_of
from tests.e2e.lifecycle.objects import apply, figure, not_applied_by_the_stack_alone, objects_of, uids
from tests.e2e.running_stack import RunningStack, changed_stack_file, eventually, stack_on_a_fresh_cluster
from tests.manifests import distribution

SOURCES = "/apis/source.toolkit.fluxcd.io/v1/namespaces/flux-system/gitrepositories"


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningStack, dict[str, str]]]:
    """The dev stack, not yet applied, on a cluster with a Flux of somebody else; and the uids of that."""
    with stack_on_a_fresh_cluster(tmp_path_factory, "gitops-flux-before") as stack:
        made = {}
        objects = install_objects(distribution(), InstallOptions())
        for body in (*objects.definitions, *objects.controllers):
            body = {**body, "metadata": {**body["metadata"], "annotations": {"left-by-flux": "yes"}}}
            path = _collection(body)
            made[f"{path}/{body['metadata']['name']}"] = apply(stack.cluster, path, body, "flux")["metadata"]["uid"]
        eventually(lambda: _served(stack), bool, "GitRepositories are served")
        source = {
            "apiVersion": "source.toolkit.fluxcd.io/v1",
            "kind": "GitRepository",
            "metadata": {"name": "kubeflow", "namespace": "flux-system"},
            "spec": {"interval": "1m", "url": "https://git.test/elsewhere.git", "ignore": "*.md"},
        }
        made[f"{SOURCES}/kubeflow"] = apply(stack.cluster, SOURCES, source, "flux")["metadata"]["uid"]
        yield stack, made


def _served(stack: RunningStack) -> bool:
    with stack.cluster.kube as kube, kube.credentials.client() as client:
        return client.get(SOURCES).is_success  # 429 for a moment


def _collection(body: dict[str, Any]) -> str:
    version, namespace = body["apiVersion"], body["metadata"].get("namespace")
    root = f"/apis/{version}" if "/" in version else f"/api/{version}"
    return f"{root}/{f'namespaces/{namespace}/' if namespace else ''}{plural_of(body['kind'], [])}"


def _uids_now(stack: RunningStack, paths: dict[str, str]) -> dict[str, str]:
    with stack.cluster.kube as kube:
        return {path: (kube.get(path) or {"metadata": {"uid": "gone"}})["metadata"]["uid"] for path in paths}


def test_it_is_refused_with_its_owner_and_nothing_is_created(before: tuple[RunningStack, dict[str, str]]) -> None:
    stack, made = before

    refused = stack.up(expect=None)

    assert refused.code != 0
    told = " ".join(refused.printed.split())
    assert "belong to the flux CLI (`flux install` or `flux bootstrap`)" in told
    assert "11 CustomResourceDefinitions" in told
    assert "If this stack is to own them, write gitops:takeOver: [flux]." in told
    assert "1 problem; nothing was changed." in told
    assert objects_of(stack.cluster) == {}
    assert _uids_now(stack, made) == made


def test_with_consent_it_is_taken_over_and_what_flux_alone_had_is_gone(before: tuple[RunningStack, dict[str, str]], tmp_path: Path) -> None:
    stack, made = before
    file = ("--config-file", changed_stack_file(tmp_path, takeOver=["flux"]))

    started = time.monotonic()
    stack.up(*file)
    seconds = time.monotonic() - started

    changed = [path for path, uid in _uids_now(stack, made).items() if uid != made[path]]
    after = objects_of(stack.cluster)
    figure(f"taken over from flux: {len(changed)} of {len(made)} uids changed, {seconds:.1f} s to converged, {len(after)} objects")
    assert changed == []
    assert len(uids(after)) >= len(made)
    assert not_applied_by_the_stack_alone(after) == {}
    assert [path for path, body in after.items() if "left-by-flux" in body["metadata"].get("annotations", {})] == []
    source = stack.get("GitRepository", "kubeflow")
    assert source is not None
    assert "ignore" not in source["spec"]
    stack.preview("--expect-no-changes", *file)
    stack.preview("--expect-no-changes", expect=0)


def test_what_was_taken_over_stays_on_destroy_and_what_the_stack_made_goes(before: tuple[RunningStack, dict[str, str]]) -> None:
    stack, made = before

    stack.pulumi("destroy", "--stack", stack.name, "--yes", "--skip-preview")

    after = _uids_now(stack, made)
    figure(f"destroyed: {sum(after[path] != uid for path, uid in made.items())} of {len(made)} objects of the former owner are gone")
    assert after == made
    assert stack.get("GitRepository", "homelab-k8s2") is None
    assert stack.get("Secret", "sops-age") is None
