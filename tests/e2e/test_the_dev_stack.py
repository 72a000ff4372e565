"""The life of the dev stack: preview, up, sync, a new commit, nothing left to do. test_the_end_of_the_dev_stack.py runs after it."""

from pathlib import Path

from devcluster.gitea.encrypted_files import EncryptedFiles
from gitops.status.row import Readiness
from tests.e2e.running_stack import GIT_SOURCES, FirstPreview, RunningStack, changed_stack_file, eventually


def test_a_preview_on_an_empty_cluster_shows_every_object_and_changes_nothing(previewed: FirstPreview) -> None:
    assert "kustomizations.kustomize.toolkit.fluxcd.io" in previewed.printed
    assert "gitrepository-argo-workflows" in previewed.printed
    assert previewed.controller_afterwards is None, "a preview must not install anything"


def test_every_git_repository_is_ready_at_its_main_commit(synced: RunningStack) -> None:
    seen = {row.name: row for row in synced.rows() if row.kind == "GitRepository"}
    assert set(seen) == set(GIT_SOURCES)
    for name, repository in GIT_SOURCES.items():
        assert seen[name].ready is Readiness.YES
        assert seen[name].revision == f"main@sha1:{synced.cluster.samples.head(repository)}"


def test_variables_are_applied_before_the_applications_that_use_them(synced: RunningStack) -> None:
    ready_since = {}
    for name in ("cluster-vars", "cluster-apps"):
        body = synced.get("Kustomization", name)
        assert body is not None
        ready_since[name] = next(item["lastTransitionTime"] for item in body["status"]["conditions"] if item["type"] == "Ready")
    assert ready_since["cluster-vars"] <= ready_since["cluster-apps"]


def test_flux_decrypts_what_sops_encrypted_for_the_stacks_recipient(synced: RunningStack) -> None:
    plain = EncryptedFiles(synced.cluster.home, synced.cluster.samples).values()
    assert synced.secret("cluster-secrets")["SECRET_ALERT_EMAIL"] == plain["SECRET_ALERT_EMAIL"]
    encrypted = synced.cluster.samples.read("homelab-k8s2", "kubernetes/flux/vars/cluster-secrets.sops.yaml")
    assert encrypted is not None
    assert plain["SECRET_ALERT_EMAIL"].encode() not in encrypted


def test_charts_from_the_helm_repository_and_from_the_oci_repository_are_installed(synced: RunningStack) -> None:
    rows = {row.name: row for row in synced.rows() if row.kind == "HelmRelease"}
    assert set(rows) == {"gatus", "ntfy"}
    gatus, ntfy = (synced.get("HelmRelease", name, "observability") for name in ("gatus", "ntfy"))
    assert gatus is not None
    assert ntfy is not None
    assert gatus["spec"]["chartRef"] == {"kind": "OCIRepository", "name": "tiny-chart", "namespace": "flux-system"}
    assert ntfy["spec"]["chart"]["spec"]["sourceRef"]["kind"] == "HelmRepository"


def test_the_age_secret_holds_one_agekey_for_each_key_of_the_stack(synced: RunningStack) -> None:
    assert set(synced.secret("sops-age")) == {"2026-11.agekey"}


def test_a_new_commit_is_fetched_and_applied(synced: RunningStack) -> None:
    manifest = b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: pushed-by-a-test, namespace: argo}\ndata: {answer: 'forty-two'}\n"
    synced.cluster.samples.push("argo", {"pushed-by-a-test.yaml": manifest}, "test: one more manifest")
    synced.reconcile("GitRepository", "argo-workflows")
    made = eventually(lambda: synced.get("ConfigMap", "pushed-by-a-test", "argo"), lambda body: body is not None, "the pushed ConfigMap")
    assert made is not None
    assert made["data"] == {"answer": "forty-two"}


def test_nothing_is_left_to_do_after_up(synced: RunningStack) -> None:
    synced.preview("--expect-no-changes")


def test_nothing_drifts_while_flux_works(synced: RunningStack) -> None:
    synced.pulumi("refresh", "--stack", synced.name, "--yes", "--skip-preview")
    synced.preview("--expect-no-changes")


def test_a_variable_changes_its_config_map_in_place_and_nothing_else(synced: RunningStack, tmp_path: Path) -> None:
    before = synced.get("ConfigMap", "stack-vars")
    assert before is not None
    file = changed_stack_file(tmp_path, variables={"CLUSTER_NAME": "dev", "CLUSTER_DOMAIN": "changed.localhost"})
    printed = synced.preview("--diff", "--config-file", file).printed
    assert "stack-variables-configmap" in printed, printed
    assert "replace" not in printed
    assert "1 to update" in printed
