"""`gitops check` fetches what the cluster fetches: as the bodies say that will be applied."""

from pathlib import Path

import pytest

from tests.flux.oci_server import serving
from tests.gitops.check.stack import URL, run

pytestmark = pytest.mark.thorough

LOGIN = "apiVersion: v1\nkind: Secret\nmetadata: {name: login, namespace: default}\nstringData: {password: hunter}\n"


def test_what_is_fetched_is_what_the_cluster_fetches_whatever_the_entry_says(clone: Path) -> None:
    catalog, stack = clone / "catalog.yaml", clone / "Pulumi.homelab.yaml"
    catalog.write_text(
        catalog.read_text().replace(f'url: "{URL}"', 'url: "https://git.test/gone.git"').replace("branch: main", "branch: gone")
    )
    assert run("--stack", "homelab")[0] == 1, "the entry alone cannot be fetched"
    spec = f'{{url: "{URL}", ref: {{branch: main}}}}'
    stack.write_text(stack.read_text().replace("  gitops:use", f"  gitops:override: {{git/repository: {{spec: {spec}}}}}\n  gitops:use"))

    code, out, err = run("--stack", "homelab")

    assert code == 0, out + err
    assert URL in out


def test_a_repository_among_the_objects_is_fetched_too(clone: Path) -> None:
    catalog = clone / "catalog.yaml"
    entry = f'  repository: {{url: "{URL}", spec: {{interval: 1h, ref: {{branch: main}}}}}}\n'
    body = (
        "objects:\n  - object:\n      apiVersion: source.toolkit.fluxcd.io/v1\n      kind: GitRepository\n"
        f'      metadata: {{name: repository}}\n      spec: {{url: "{URL}", interval: 1h, ref: {{branch: main}}}}\n'
    )
    assert entry in catalog.read_text()
    catalog.write_text(catalog.read_text().replace(f"git:\n{entry}", "") + body)

    code, out, err = run("--stack", "homelab")

    assert code == 0, out + err
    assert "repository" in out
    assert "was not checked" not in out


def test_an_artifact_of_the_stack_is_judged(clone: Path) -> None:
    with serving() as registry:
        registry.tag("v1", registry.add({"deploy/a.yaml": LOGIN}))
        catalog = clone / "catalog.yaml"
        more = "  app: {spec: {sourceRef: {kind: OCIRepository, name: app}, path: ./deploy, interval: 1h, prune: true}}\n"
        source = f"oci:\n  app: {{url: 'oci://{registry.address}/fluxcd/flux-manifests', spec: {{interval: 1h, ref: {{tag: v1}}}}}}\n"
        catalog.write_text(f"{catalog.read_text()}{more}{source}")
        stack = clone / "Pulumi.homelab.yaml"
        stack.write_text(f"{stack.read_text()}  gitops:insecureHosts: {{127.0.0.1: made for this test}}\n")

        code, out, err = run("--stack", "homelab")

        assert (code, err) == (1, "Wrote checked/homelab.yaml: commit it, because previews read it.\n")
        assert "error plain-secret OCIRepository/app: deploy/a.yaml:1" in out
        assert "source: OCIRepository/app" in (clone / "checked" / "homelab.yaml").read_text()
