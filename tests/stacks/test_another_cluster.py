"""A second production-like cluster costs one stack file and no code."""

import pytest

from tests import invariants
from tests.engine import REPOSITORY
from tests.record import Record
from tests.stack_files import preview

STACK_FILE = """\
# yaml-language-server: $schema=schema/stack.schema.json
config:
  pulumi:disable-default-providers: [kubernetes]
  gitops:environment: production
  gitops:cluster:
    name: attic
    context: admin@attic
    server: https://192.168.2.10:6443
    caSha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    kubernetesVersion: "1.34"
  gitops:flux:
    manifests: ghcr.io/fluxcd/flux-manifests:v2.8.8@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    nodeSelector: {kubernetes.io/arch: arm64}
    tolerations: [{key: maintenance, operator: Exists, effect: NoExecute, tolerationSeconds: 300}]
  gitops:age:
    keys: {"2026-11": supplied}
  gitops:credentials:
    homelab-deploy: {type: ssh}
  gitops:variables: {CLUSTER_NAME: attic, CLUSTER_DOMAIN: attic.daviestechlabs.io}
  gitops:use: [base, network]
  gitops:override:
    git/homelab-k8s2: {spec: {ref: {branch: attic}}}
    helm/cilium: {spec: {interval: 6h}}
  gitops:onDestroy: keepWorkloads
"""


@pytest.fixture(name="attic", scope="module")
def _attic(tmp_path_factory: pytest.TempPathFactory) -> Record:
    catalog = (REPOSITORY / "catalog.yaml").read_text(encoding="utf-8")
    return preview(tmp_path_factory.mktemp("attic"), STACK_FILE, catalog=catalog, stack="attic")


@pytest.mark.thorough
def test_it_previews_with_neither_secrets_nor_cluster_and_keeps_every_invariant(attic: Record) -> None:
    assert attic.exit_code == 0, attic.errors
    invariants.check_everything(attic)


def test_it_is_a_cluster_of_its_own(attic: Record, production_preview: Record) -> None:
    def clusters(record: Record) -> set[str]:
        return {each.inputs["clusterIdentifier"] for each in record.of_type("pulumi:providers:kubernetes")}

    assert clusters(attic) == {"attic"}
    assert clusters(production_preview) == {"homelab"}
    assert attic.exports["fluxVersion"] == "v2.8.8"
    assert production_preview.exports["fluxVersion"] == "v2.9.4"


def test_it_takes_its_groups_of_the_catalog_and_changes_them_for_itself_alone(attic: Record, production_preview: Record) -> None:
    sources = attic.exports["sources"]

    assert set(sources["GitRepository"]) == {"homelab-k8s2"}
    assert set(sources["HelmRepository"]) == {"cilium", "coredns", "external-dns", "ingress-nginx", "k8s-gateway"}
    for record, branch in ((attic, "attic"), (production_preview, "main")):
        assert record.object("GitRepository", "homelab-k8s2").inputs["spec"]["ref"] == {"branch": branch}
    assert attic.object("ConfigMap", "stack-vars").inputs["data"]["CLUSTER_NAME"] == "attic"


def test_its_controllers_run_where_it_says(attic: Record) -> None:
    pod = attic.object("Deployment", "source-controller").inputs["spec"]["template"]["spec"]

    assert pod["nodeSelector"] == {"kubernetes.io/arch": "arm64"}
    assert pod["tolerations"] == [{"key": "maintenance", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}]
