"""What a stack accepts although it does less than is written."""

from pathlib import Path

from tests.stack_files import preview

STACK = """config:
  gitops:environment: development
  gitops:cluster: {name: dev, context: dev}
  gitops:flux: {manifests: ghcr.io/fluxcd/flux-manifests:v2.9.4}
  gitops:use: [base]
"""
CA = """
      -----BEGIN CERTIFICATE-----
      MIIBGzCBw6ADAgECAgEHMAoGCCqGSM49BAMCMBcxFTATBgNVBAMMDGV4YW1wbGUu
      dGVzdDAgFw0yNjAxMDEwMDAwMDBaGA8yMTI1MTIwODAwMDAwMFowFzEVMBMGA1UE
      AwwMZXhhbXBsZS50ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE5Mhpt2YL
      K88zfnPbgDrDZ8z8ETuV/maWoZ0CSpB7FUtQKNKqp6yqP+n0T8oeZ1OxHxItLwY2
      MYd00dytT2nfUjAKBggqhkjOPQQDAgNHADBEAiB1a7ZjgKKYckGRJsKeoNIv7KGy
      N+EBNU6w/rCfe9+7LAIgV+5J2Rg54k4UAwwWBOnqq1uBYzHfDH6SybTFHLfBq4s=
      -----END CERTIFICATE-----"""
GIT = "git:\n  app: {url: https://git.test/app.git, spec: {interval: 1h, ref: {branch: main}%s}}\n"


def warned(folder: Path, more: str, catalog: str) -> list[str]:
    record = preview(folder, f"{STACK}{more}---\n{catalog}", catalog=None, register=False)
    assert record.exit_code == 0, record.errors
    warnings = [message.text for message in record.log if message.severity == "warning"]
    return [text for text in warnings if not text.startswith("Previewing Flux")]


def test_line_breaks_that_flux_deletes_from_a_variable_are_a_warning(tmp_path: Path) -> None:
    substituted = (
        "kustomizations:\n  app:\n    spec:\n      interval: 1h\n      prune: true\n      sourceRef: {kind: GitRepository, name: app}\n"
        '      postBuild: {substitute: {MOTD: "a\\nb", NAME: a}}\n'
    )

    told = warned(tmp_path, '  gitops:variables: {CA: "a\\nb", LAST: "a\\n"}\n', GIT % "" + substituted)

    assert told == [
        "Pulumi.fixture.yaml:6 gitops:variables.CA: has several lines. Flux deletes the line breaks when it substitutes the variable. "
        "Write it on one line, or apply it from Git as it is.",
        "catalog.yaml:16 kustomizations.app.spec.postBuild.substitute.MOTD: has several lines. Flux deletes the line breaks when it "
        "substitutes the variable. Write it on one line, or apply it from Git as it is.",
    ]


def test_certificates_of_an_ssh_host_are_a_warning(tmp_path: Path) -> None:
    host = "hosts:\n  %s:\n    url: %s://git.test/org\n    ca: |" + CA + "\n"
    told = warned(tmp_path, "", GIT % "" + host % ("forge", "ssh") + host.removeprefix("hosts:\n") % ("web", "https"))

    assert told == [
        "catalog.yaml:12 hosts.forge.ca: has no effect on an ssh:// URL. SSH does not use certificates. Remove it; `knownHosts` has the "
        "key of the server."
    ]


def test_a_suspended_source_for_which_something_waits_is_a_warning(tmp_path: Path) -> None:
    def applied(suspended: str) -> str:
        return (
            f"kustomizations:\n  app: {{spec: {{interval: 1h, prune: true, sourceRef: {{kind: GitRepository, name: app}}{suspended}}}}}\n"
        )

    suspended = GIT % ", suspend: true"
    told = warned(tmp_path, "", suspended + applied(""))

    assert told == [
        "catalog.yaml:8 git.app.spec.suspend: suspends GitRepository/app, for which Kustomization/app waits. On an empty cluster, Flux "
        "would never fetch it. Remove suspend, or suspend what waits for it, too."
    ]
    assert warned(tmp_path, "", suspended + applied(", suspend: true")) == warned(tmp_path, "", suspended) == []


def test_a_suspended_kustomization_on_which_another_depends_is_a_warning(tmp_path: Path) -> None:
    def kustomizations(more: str) -> str:
        spec = "interval: 1h, prune: true, sourceRef: {kind: GitRepository, name: app}"
        first = f"kustomizations:\n  a: {{spec: {{{spec}, path: ./a, suspend: true}}}}\n"
        return f"{first}  b: {{spec: {{{spec}, path: ./b, dependsOn: [{{name: a}}]{more}}}}}\n"

    assert warned(tmp_path, "", GIT % "" + kustomizations("")) == [
        "catalog.yaml:10 kustomizations.a.spec.suspend: suspends Kustomization/a, for which Kustomization/b waits. On an empty cluster, "
        "Flux would never apply it. Remove suspend, or suspend what waits for it, too."
    ]
    assert warned(tmp_path, "", GIT % "" + kustomizations(", suspend: true")) == []


COMMIT = "0123456789abcdef0123456789abcdef01234567"


def test_a_revision_that_flux_ignores_is_a_warning(tmp_path: Path) -> None:
    def source(ref: str) -> str:
        return f"git:\n  app: {{url: https://git.test/app.git, spec: {{interval: 1h, ref: {{{ref}}}}}}}\n"

    assert warned(tmp_path, "", source(f"commit: {COMMIT}, tag: v1, branch: main")) == [
        "catalog.yaml:8 git.app.spec.ref.tag: has no effect beside ref.commit. Flux checks out the commit only. Remove it."
    ]
    assert warned(tmp_path, "", source(f"commit: {COMMIT}, branch: main")) == warned(tmp_path, "", source("tag: v1, branch: main")) == []
    override = f"  gitops:override: {{git/app: {{spec: {{ref: {{commit: {COMMIT}}}}}}}}}\n"
    assert warned(tmp_path, override, source("tag: v1")) == [
        "catalog.yaml:9 git.app.spec.ref.tag: has no effect beside ref.commit. Flux checks out the commit only. Write tag: null beside "
        "commit in the override."
    ]
