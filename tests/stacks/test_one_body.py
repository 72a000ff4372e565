"""One body for all: URL, Secrets and references are read from what will be applied, whoever wrote them and in whichever section."""

from pathlib import Path
from typing import Any

import pytest

from stacks.cluster import references_in, sources_first
from tests.engine import entry_point, run
from tests.keys import host_key
from tests.record import Record
from tests.shipped_stacks import dev, shipped
from tests.stack_files import preview, shown
from tests.stacks.test_catalog import choice, git
from tests.stacks.test_source_secrets import right, spec_of

BUCKET = {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "Bucket", "metadata": {"name": "models"}}
REPOSITORY = {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository", "metadata": {"name": "verbatim"}}
CHART = {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "HelmChart", "metadata": {"name": "chart"}}
ELSEWHERE = {"kind": "Bucket", "name": "models", "namespace": "other"}


def test_known_hosts_follow_the_url_and_the_secret_of_the_spec() -> None:
    override = {"git/homelab": {"credential": None, "spec": {"url": "ssh://git@mirror.test/x.git", "secretRef": {"name": "deploy"}}}}

    chosen = choice(override=override)

    assert git(chosen, "homelab").url == "ssh://git@mirror.test/x.git"
    assert chosen.known_hosts == {"deploy": [f"mirror.test {host_key('b')}", f"mirror.test {host_key('c')}"]}


def test_known_hosts_follow_a_source_among_the_objects() -> None:
    spec = {"interval": "1h", "url": "ssh://git@github.test/x.git", "secretRef": {"name": "deploy"}}

    chosen = choice({"git": {}, "objects": [{"object": {**REPOSITORY, "spec": spec}}], "kustomizations": {}, "helm": {}})

    assert chosen.known_hosts == {"deploy": [f"github.test {host_key('a')}"]}


def test_certificates_follow_the_secret_that_the_spec_names() -> None:
    named = {"a": {"from": "gitea/a", "spec": {"secretRef": {"name": "read"}}}}
    moved = {"a": {"from": "public/a", "credential": "read", "spec": {"url": "https://git.test/a.git"}}}

    assert set(right(named).certificates) == set(right(moved).certificates) == {"read"}


def test_a_secret_of_the_hosts_own_is_named_where_an_override_moves_a_source_there() -> None:
    chosen = right({"a": {"from": "public/a", "spec": {"url": "https://git.test/a.git"}}})

    assert spec_of(chosen, "a")["secretRef"] == {"name": "gitea-ca"}
    assert set(chosen.host_certificates) == {"gitea-ca"}


def test_deploy_keys_are_those_of_the_urls_that_will_be_applied(tmp_path: Path) -> None:
    url = "ssh://git@127.0.0.1:2222/moved/homelab.git"
    config = {
        "gitops:credentials": {
            **shipped("dev")["gitops:credentials"],
            "homelab-deploy": {"type": "ssh", "generated": ["1"], "active": "1"},
        },
        "gitops:override": {**shipped("dev")["gitops:override"], "git/homelab-k8s2": {"spec": {"url": url}}},
    }
    record = run(entry_point(), **dev(tmp_path, config=config, environment={"GITOPS_SECRET_HOMELAB_DEPLOY_IDENTITY": None}))

    assert record.exports["deployKeys"]["homelab-deploy"]["repositories"] == [url]
    assert record.exports["sources"]["GitRepository"]["homelab-k8s2"] == url


STACK = """\
config:
  gitops:environment: development
  gitops:cluster: {name: dev, context: dev}
  gitops:flux: {manifests: ghcr.io/fluxcd/flux-manifests:v2.9.4}
  gitops:use: [base]
  gitops:credentials: {read: {type: basic, username: flux}}
---
kustomizations:
  data: {spec: {sourceRef: {kind: Bucket, name: models}, path: ./, interval: 1h, prune: true}}
objects:
  - object:
      apiVersion: notification.toolkit.fluxcd.io/v1
      kind: Receiver
      metadata: {name: hook}
      spec: {type: generic, resources: [{kind: Bucket, name: models}], secretRef: {name: token}}
  - object:
      apiVersion: source.toolkit.fluxcd.io/v1
      kind: HelmChart
      metadata: {name: chart}
      spec: {chart: ./x, interval: 1h, sourceRef: {kind: Bucket, name: models}}
  - object:
      apiVersion: source.toolkit.fluxcd.io/v1
      kind: Bucket
      metadata: {name: models}
      spec: {interval: 1h, endpoint: s3.test, bucketName: models}
"""


@pytest.fixture(name="with_bucket", scope="module")
def _with_bucket(tmp_path_factory: pytest.TempPathFactory) -> Record:
    folder = tmp_path_factory.mktemp("bucket")
    record = preview(folder, STACK, catalog="")
    assert record.exit_code == 0, shown(record, folder)
    return record


@pytest.mark.parametrize(("kind", "name"), [("Kustomization", "data"), ("HelmChart", "chart"), ("Receiver", "hook")])
def test_a_source_among_the_objects_is_there_before_what_refers_to_it(kind: str, name: str, with_bucket: Record) -> None:
    bucket = with_bucket.object("Bucket", "models")

    assert bucket.urn in with_bucket.waits_for(with_bucket.object(kind, name))


def test_a_source_waits_for_its_controller_alone_and_what_applies_it_for_all(with_bucket: Record) -> None:
    def controllers(kind: str, name: str) -> set[str]:
        waits = with_bucket.waits_for(with_bucket.object(kind, name))
        return {each.object_name for each in with_bucket.kubernetes() if each.kind == "Deployment" and each.urn in waits}

    assert controllers("Bucket", "models") == {"source-controller"}
    assert {"source-controller", "kustomize-controller", "helm-controller"} <= controllers("Kustomization", "data")


def test_what_is_exported_has_a_url(with_bucket: Record) -> None:
    assert with_bucket.exports["sources"] == {"GitRepository": {}, "HelmRepository": {}, "OCIRepository": {}}


def test_sources_that_refer_to_one_another_in_a_circle_are_taken_as_they_come() -> None:
    def chart(name: str, of: str) -> dict[str, Any]:
        return {"object": {**CHART, "metadata": {"name": name}, "spec": {"sourceRef": {"kind": "HelmChart", "name": of}}}}

    bodies = choice({"git": {}, "helm": {}, "kustomizations": {}, "objects": [chart("a", "b"), chart("b", "a")]}).bodies

    assert [body.name for body in sources_first(bodies)] == ["a", "b"]


@pytest.mark.parametrize(
    ("spec", "references"),
    [
        ({"sourceRef": {"kind": "Bucket", "name": "models"}}, [("Bucket", "models")]),
        ({"sourceRef": ELSEWHERE}, []),
        ({"secretRef": {"name": "a"}, "certSecretRef": {"name": "b"}}, [("Secret", "a"), ("Secret", "b")]),
        ({"postBuild": {"substituteFrom": [{"kind": "ConfigMap", "name": "vars"}]}}, [("ConfigMap", "vars")]),
        ({"sourceRef": {"kind": 5, "name": "models"}, "secretRef": "x", "name": "y"}, []),
    ],
)
def test_references_are_found_wherever_they_stand(spec: dict[str, Any], references: list[tuple[str, str]]) -> None:
    assert list(references_in(spec)) == references
