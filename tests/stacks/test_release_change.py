"""Another release of Flux than the cluster has: told in words, and refused where it cannot follow, before anything is registered."""

from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from flux.kinds import VERSION_LABEL
from flux.object_reference import ObjectReference, reference_of
from flux.owners_mark import CLUSTER_LABEL, STACK_LABEL
from live.client.object_metadata import LiveMetadata
from live.stored_versions import StoredDefinition
from stacks.judging.release_change import ReleaseChange, newest
from stacks.words.place import Place
from tests.record import Record
from tests.shipped_stacks import dev, shipped
from tests.stacks import guarded_cluster
from tests.stacks.guarded_cluster import FakeCluster, of_kubernetes, warnings

pytestmark = pytest.mark.thorough

up = partial(guarded_cluster.up, stack=dev)
"""Of all controllers: which versions their kinds have is the question."""

ALERTS = "alerts.notification.toolkit.fluxcd.io"
MARK = {STACK_LABEL: "gitops.dev", CLUSTER_LABEL: "dev"}


def cluster_with(version: str, stored: tuple[str, ...] = ("v1beta3",), storage: str = "v1beta3") -> FakeCluster:
    definition = ObjectReference("CustomResourceDefinition", "", ALERTS)
    cluster = FakeCluster({definition: LiveMetadata(name=ALERTS, labels={**MARK, VERSION_LABEL: version})})
    versions = frozenset({"v1beta2", "v1beta3"})
    group = "notification.toolkit.fluxcd.io"
    cluster.stored = [
        StoredDefinition(name=ALERTS, kind="Alert", group=group, plural="alerts", versions=versions, storage=storage, stored=stored)
    ]
    return cluster


def info(record: Record) -> str:
    return "\n".join(each.text for each in record.log if each.severity == "info")


def test_an_upgrade_is_told_with_the_versions_that_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = up(tmp_path, monkeypatch, cluster_with("v2.8.8"))

    assert record.exit_code == 0, record.errors
    assert "Flux v2.8.8 becomes v2.9.4; Alert loses v1beta2." in info(record)


def test_flags_and_rights_that_change_are_told_as_a_comparison_tells_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = cluster_with("v2.8.8")
    controller = ObjectReference("Deployment", "flux-system", "helm-controller")
    role = ObjectReference("ClusterRole", "", "crd-controller")
    binding = ObjectReference("ClusterRoleBinding", "", "cluster-reconciler")
    container = {"name": "manager", "image": "ghcr.io/fluxcd/helm-controller:v1.4.5", "args": ["--concurrent=7", "--no-such-flag"]}
    for reference in (controller, role, binding):
        cluster.found[reference] = LiveMetadata(name=reference.name, namespace=reference.namespace, labels=MARK)
    cluster.bodies = {
        controller: {"spec": {"template": {"spec": {"containers": [container]}}}},
        role: {"rules": [{"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get"]}]},
        binding: {"roleRef": {"name": "view"}, "subjects": [{"kind": "User", "name": "somebody"}]},
    }

    record = up(tmp_path, monkeypatch, cluster, preview=True)

    told = {" ".join(line.split()[:2]): line for line in info(record).splitlines()}
    controller_line = told["Controller helm-controller:"]
    assert controller_line.startswith("Controller helm-controller: v1.4.5 → v1.")
    assert "; flag --concurrent=7 is removed; " in controller_line
    assert "; flag --no-such-flag is removed; " in controller_line
    assert "; flag --log-level=info is added; " in controller_line
    assert told["ClusterRole crd-controller"].startswith("ClusterRole crd-controller newly allows ")
    assert told["ClusterRole crd-controller"].endswith("; no longer allows get deployments.apps.")
    assert " the role cluster-admin instead of view. They may then do " in told["ClusterRoleBinding cluster-reconciler"]
    assert told["Controller source-controller"] == "Controller source-controller is new."


@pytest.mark.parametrize("odd", [None, 7, "x", [], [7], {"a": 7}])
def test_what_a_cluster_says_of_a_controller_may_have_any_form(odd: Any) -> None:
    deployment, role, binding = (
        {"kind": kind, "metadata": {"name": "it"}, **rest}
        for kind, rest in (
            ("Deployment", {"spec": {"template": {"spec": {"containers": [{"name": "manager", "image": "a:1", "args": ["--b"]}]}}}}),
            ("ClusterRole", {"rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}]}),
            ("ClusterRoleBinding", {"roleRef": {"name": "view"}, "subjects": [{"kind": "User", "name": "x"}]}),
        )
    )
    change = ReleaseChange(installed="v1", wanted="v2", definitions=(), stored=(), controllers=(deployment, role, binding))
    running = {
        reference_of(deployment): {"spec": {"template": {"spec": {"containers": odd}}}},
        reference_of(role): {"rules": odd},
        reference_of(binding): {"roleRef": odd, "subjects": odd},
    }

    first, controller, rules, bound = change.told(running)

    assert first == "Flux v1 becomes v2."
    assert controller == 'Controller it: "" → 1; flag --b is added.'
    assert rules == "ClusterRole it newly allows get secrets."
    assert bound.startswith('ClusterRoleBinding it gives x the role view instead of ""')


def test_the_same_controllers_and_rights_are_not_told() -> None:
    binding = {
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "it"},
        "roleRef": {"name": "a"},
        "subjects": [{"kind": "User", "name": "x"}],
    }
    running = {**binding, "subjects": [{"kind": "User", "name": "x", "apiGroup": "rbac.authorization.k8s.io"}]}
    change = ReleaseChange(installed="v1", wanted="v2", definitions=(), stored=(), controllers=(binding,))

    assert list(change.told({reference_of(binding): running})) == ["Flux v1 becomes v2."]


def test_the_same_release_asks_for_no_definition(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = cluster_with("v2.9.4")
    monkeypatch.setattr(cluster, "definitions", None)

    assert up(tmp_path, monkeypatch, cluster).exit_code == 0


def test_a_stored_version_that_the_release_lacks_is_refused_with_the_command_that_rewrites(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = up(tmp_path, monkeypatch, cluster_with("v2.8.8", ("v1beta2", "v1beta3")))

    assert record.exit_code == 32
    assert of_kubernetes(record) == 0
    assert "which lacks versions in which the cluster may store objects: Alert in v1beta2" in record.errors
    assert "Run: gitops migrate --stack dev" in record.errors


def test_a_version_that_managed_fields_name_and_the_release_lacks_is_refused_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is stored in it, and yet no apply of the object would succeed any more."""
    cluster = cluster_with("v2.8.8")
    cluster.named = {ALERTS: frozenset({"v1beta2", "v1beta3"})}

    record = up(tmp_path, monkeypatch, cluster)

    assert record.exit_code == 32
    assert of_kubernetes(record) == 0
    told = " ".join(record.errors.split())
    assert "installs Flux v2.9.4, which lacks versions that the managed fields of objects name: Alert in v1beta2." in told
    assert "Run: gitops migrate --stack dev" in told

    previewed = up(tmp_path, monkeypatch, cluster, preview=True)
    assert previewed.exit_code == 0
    assert "`pulumi up` would refuse: " in warnings(previewed)
    assert "managed fields of objects name: Alert in v1beta2" in " ".join(warnings(previewed).split())


def test_a_kind_that_is_stored_in_the_version_too_is_refused_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = cluster_with("v2.8.8", ("v1beta2", "v1beta3"))
    cluster.named = {ALERTS: frozenset({"v1beta2"})}

    record = up(tmp_path, monkeypatch, cluster)

    assert record.errors.count("gitops migrate --stack dev") == 1


def test_where_the_present_version_goes_too_a_release_in_between_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = up(tmp_path, monkeypatch, cluster_with("v2.2.3", ("v1beta2",), storage="v1beta2"))

    assert "Install a release first that has the old and the new version of each, such as v2.7.5" in record.errors


def test_a_downgrade_is_refused_unless_the_stack_file_allows_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = up(tmp_path, monkeypatch, cluster_with("v2.10.0"))
    assert record.exit_code == 32
    assert "would go back from Flux v2.10.0 to v2.9.4" in record.errors
    assert "gitops:flux.allowDowngrade: true" in record.errors

    allowed = up(tmp_path, monkeypatch, cluster_with("v2.10.0"), flux={**shipped("dev")["gitops:flux"], "allowDowngrade": True})
    assert allowed.exit_code == 0, allowed.errors


def test_releases_are_ordered_as_semver_does_whatever_a_label_says() -> None:
    ordered = ["x", "v2.8.8", "v2.9.0-alpha", "v2.9.0-rc.2", "v2.9.0-rc.11", "v2.9.0", "v2.9.1", "v2.10.0"]
    for older, newer in pairwise(ordered):
        assert newest([newer, older]) == newest([older, newer]) == newer
    assert newest(["v2.9.0", "v²." + "9" * 9999]) == "v2.9.0"


def test_the_candidate_of_an_installed_release_is_a_downgrade() -> None:
    candidate = ReleaseChange(installed="v2.9.5", wanted="v2.9.5-rc.1", definitions=(), stored=())
    assert list(candidate.problems("dev", lambda *_: Place(file="x"), may_go_back=False))


def test_a_preview_warns_of_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = up(tmp_path, monkeypatch, cluster_with("v2.10.0"), preview=True)

    assert record.exit_code == 0
    assert "`pulumi up` would refuse: " in warnings(record)
    assert "would go back from Flux v2.10.0 to v2.9.4" in warnings(record)


def test_objects_that_do_not_go_are_told_before_anything_is_registered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stacks.guard.GOING_SECONDS", 0.0)
    apps = LiveMetadata(
        name="cluster-apps",
        namespace="flux-system",
        labels=MARK,
        finalizers=["finalizers.fluxcd.io"],
        deletion_timestamp="2026-11-27T12:00:00Z",
    )
    cluster = FakeCluster({ObjectReference("Kustomization", "flux-system", "cluster-apps"): apps})

    record = up(tmp_path, monkeypatch, cluster)

    assert record.exit_code == 32
    assert of_kubernetes(record) == 0
    assert "1 object of this stack has been marked for deletion since 2026-11-27T12:00:00Z: Kustomization/cluster-apps" in record.errors
    assert "To finish it, run: gitops destroy --stack dev" in record.errors


def test_what_goes_within_a_moment_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reference = ObjectReference("Kustomization", "flux-system", "cluster-apps")
    cluster = FakeCluster({reference: LiveMetadata(name="cluster-apps", labels=MARK, deletion_timestamp="2026-11-27T12:00:00Z")})
    monkeypatch.setattr("stacks.guard.time.sleep", lambda _: cluster.found.clear())

    record = up(tmp_path, monkeypatch, cluster)

    assert record.exit_code == 0, record.errors
    assert "Waiting up to 120 s for 1 object that Kubernetes is deleting." in info(record)
