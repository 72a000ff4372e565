"""One fault gives one message: what only follows from it is not told, and what has nothing to do with it is not named."""

from pathlib import Path

import pytest

from tests.keys import host_key
from tests.stack_files import preview, shown
from tests.stacks.test_catalog import CATALOG, chosen_from

STACK = """\
config:
  gitops:environment: development
  gitops:cluster: {name: dev, %s: dev}
  gitops:flux: {manifests: ghcr.io/fluxcd/flux-manifests:v2.9.4}
  gitops:use: [base]
  gitops:credentials: {deploy: {type: ssh}}
  gitops:override: %s
---
hosts:
  forge: {url: ssh://git@forge.test/org, knownHosts: %s}
git:
  app: {url: https://git.test/app.git, spec: {interval: 1h, %s}}
  own: %s
helm:
  c: {url: https://charts.test/c, spec: {interval: 1h}}
"""
OWN = "{url: https://git.test/own.git, spec: {interval: 1h, ref: {branch: main}}}"
RIGHT = "ref: {branch: main}"


def told(
    folder: Path, *, context: str = "context", override: str = "{}", known_hosts: str = "", app: str = RIGHT, own: str = OWN
) -> list[str]:
    lines = known_hosts or f"forge.test {host_key()}"
    record = preview(folder, STACK % (context, override, lines, app, own), catalog="", register=False)
    return shown(record, folder).splitlines()[1:]


@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        ({"context": "contxt"}, "Pulumi.fixture.yaml:3 gitops:cluster.contxt: is an unknown key."),
        ({"app": "ref: {brnach: main}"}, 'catalog.yaml:12 git.app.spec.ref.brnach: "brnach" is not a field here.'),
        ({"app": "rfe: {branch: main}"}, 'catalog.yaml:12 git.app.spec.rfe: "rfe" is not a field here.'),
        (
            {
                "known_hosts": "forge.test",
                "own": OWN.replace("https://git.test", "ssh://git@forge.test").replace("spec:", "credential: deploy, spec:"),
            },
            "catalog.yaml:10 hosts.forge.knownHosts: ",
        ),
    ],
    ids=["a key of the stack file", "a field of a field", "a field of the spec", "a host"],
)
def test_what_follows_from_a_fault_is_not_told(tmp_path: Path, wrong: dict[str, str], line: str) -> None:
    (only,) = told(tmp_path, **wrong)

    assert only.startswith(line)


def test_a_server_that_only_another_host_with_a_fault_is_not_on_is_told(tmp_path: Path) -> None:
    elsewhere = OWN.replace("https://git.test", "ssh://git@nowhere.test").replace("spec:", "credential: deploy, spec:")

    first, second = told(tmp_path, known_hosts="forge.test", own=elsewhere)

    assert "hosts.forge.knownHosts" in first
    assert "git.own.url: is fetched over SSH, but no host of the catalog is on this server" in second


def test_a_missing_field_is_told_with_the_override_only_if_that_changes_what_lacks_it(tmp_path: Path) -> None:
    bucket = "verify: {mode: head}, ref: {branch: main}"

    (untouched,) = told(tmp_path, app=bucket, override="{git/app: {spec: {timeout: 30s}}}")
    (touched,) = told(tmp_path, override="{git/app: {spec: {verify: {mode: head}, include: [{fromPath: a}]}}}", app=RIGHT)[:1]

    assert "git.app.spec.verify.secretRef" in untouched
    assert "override" not in untouched
    assert "override" in touched


def test_the_url_of_a_spec_decides_about_kind_and_section() -> None:
    helm = {"c": {"url": "https://charts.test/c"}}
    override = {"override": {"helm/c": {"spec": {"url": "oci://registry.test/c"}}}}

    chosen, problems = chosen_from({"helm": helm}, **override)

    assert problems == []
    (body,) = (each for each in chosen.bodies if each.name == "c")
    assert (body.kind, body.url) == ("OCIRepository", "oci://registry.test/c")


def test_a_helm_repository_whose_spec_has_an_oci_url_gets_its_type_from_there() -> None:
    helm = {"c": {"url": "https://charts.test/c", "kind": "HelmRepository"}}
    override = {"override": {"helm/c": {"spec": {"url": "oci://registry.test/c"}}}}

    chosen, problems = chosen_from({"helm": helm}, **override)

    assert problems == []
    (body,) = (each for each in chosen.bodies if each.name == "c")
    assert body.spec["type"] == "oci"
    assert str(body.places.of(("spec", "type"))) == "stack override.helm/c.spec.url"


def test_a_type_that_the_program_does_not_set_is_told_where_it_is_written_or_would_be() -> None:
    chosen, _ = chosen_from({"helm": {"c": "https://charts.test/c"}})

    (body,) = (each for each in chosen.bodies if each.name == "c")
    assert not body.places.has(("spec", "type"))


def test_a_url_of_the_spec_that_is_for_another_section_is_told_there() -> None:
    override = {"override": {"git/homelab": {"spec": {"url": "oci://registry.test/c"}}}}

    _, (problem, *others) = chosen_from(CATALOG, **override)

    assert problem.startswith("stack override.git/homelab.spec.url: is an oci:// URL, which no GitRepository fetches.")
    assert others == []
