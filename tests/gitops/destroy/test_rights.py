"""A role with too few rights is told which one is missing, before anything is removed."""

import pytest

from live.errors import LiveError
from tests.gitops.destroy.test_destruction import KUSTOMIZATIONS, SECRETS, SOPS_AGE, Cluster, cluster, destroy

__all__ = ["cluster"]


def test_a_role_that_may_not_remove_everything_removes_nothing(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    group, here = "kustomize.toolkit.fluxcd.io", f"{KUSTOMIZATIONS}/kustomizations"
    metadata = {"name": "apps", "namespace": "flux-system", "uid": "1", "labels": cluster.labels}
    cluster.answers |= {
        "/apis/": {"groups": [{"name": group, "versions": [{"version": "v1"}]}]},
        KUSTOMIZATIONS: {"resources": [{"name": "kustomizations", "kind": "Kustomization", "namespaced": True, "verbs": ["list"]}]},
        here: {"metadata": {}, "items": [{"metadata": metadata, "spec": {"deletionPolicy": "Orphan"}}]},
        f"{KUSTOMIZATIONS}/namespaces/flux-system/kustomizations/apps": 403,
    }

    with pytest.raises(LiveError, match="What belongs to the stack cannot be removed"):
        destroy(monkeypatch)
    assert [each["dryRun"] for each in cluster.bodies] == [["All"]]

    cluster.answers[f"{KUSTOMIZATIONS}/namespaces/flux-system/kustomizations/apps"] = 400
    with pytest.raises(LiveError, match="400"):
        destroy(monkeypatch)
    assert "dryRun" not in cluster.bodies[-1], "a webhook that knows no dry run is no reason to stop"


def test_a_role_that_may_not_list_what_is_held_is_told_so_and_leaves_it_to_pulumi(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.answers[SECRETS] = 403

    code, printed = destroy(monkeypatch, reference=SOPS_AGE, body={"apiVersion": "v1", "kind": "Secret"})

    assert (code, cluster.written) == (0, ["pulumi destroy"])
    told = " ".join(printed.split())
    assert " refuses: " in told
    assert "If somebody's finalizer holds an object of the stack, only `pulumi destroy` finds that out, and fails." in told
    assert "Use a role that may list everything that the stack makes." in told
    assert "auth can-i --list -n flux-system" in told
    assert "Objects of somebody else could be overwritten" not in told


def test_a_role_that_may_not_remove_what_is_held_removes_nothing(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    metadata = {"name": "sops-age", "namespace": "flux-system", "uid": "1", "finalizers": ["example.com/backup"]}
    cluster.answers |= {SECRETS: {"metadata": {}, "items": [{"metadata": metadata}]}, f"{SECRETS}/sops-age": 403}

    with pytest.raises(LiveError) as refused:
        destroy(monkeypatch, reference=SOPS_AGE, body={"apiVersion": "v1", "kind": "Secret"})

    assert "Use a role that may delete secrets." in str(refused.value)
    assert "auth can-i delete secrets -n flux-system" in str(refused.value)
    assert [each["dryRun"] for each in cluster.bodies] == [["All"]]
