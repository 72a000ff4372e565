"""`gitops check` as a person runs it: a stack file, a catalog, a real repository, and no engine."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
import yaml
from typer.testing import CliRunner

from gitops.check import run as check_run
from gitops.cli import app
from gitops.errors import CommandError
from tests.gitops.check.git_server import bare_repository, committed, git
from tests.gitops.check.samples import RECIPIENTS, laid_out, sealed
from tests.manifests import manifests_directory
from tests.stack_files import files_in

URL = "https://git.test/repository.git"
STACK = f"""
config:
  gitops:environment: production
  gitops:cluster: {{name: homelab, context: homelab, server: "https://192.168.1.10:6443", caSha256: "{"0" * 64}"}}
  gitops:flux: {{manifests: ./manifests}}
  gitops:age:
    keys: {{"2026-05": supplied, "2026-11": supplied}}
    recipients: [{RECIPIENTS["person"]}]
  gitops:age-2026-11: {{secure: v1:closed}}
  gitops:use: [base]
  gitops:variables: {{CLUSTER_NAME: homelab}}
  gitops:onDestroy: keepWorkloads
"""
CATALOG = f"""
git:
  repository: {{url: "{URL}", spec: {{interval: 1h, ref: {{branch: main}}}}}}
kustomizations:
  vars:
    spec: {{sourceRef: {{kind: GitRepository, name: repository}}, path: ./vars, interval: 1h, prune: true, decryption: {{provider: sops}}}}
  apps:
    inherit: [decryption, postBuild]
    spec:
      sourceRef: {{kind: GitRepository, name: repository}}
      path: ./apps
      interval: 1h
      prune: true
      dependsOn: [{{name: vars}}]
      decryption: {{provider: sops}}
      postBuild: {{substituteFrom: [{{kind: ConfigMap, name: stack-vars}}, {{kind: Secret, name: cluster-secrets}}]}}
"""
PULUMI = """#!/bin/sh
case "$*" in
  "stack --show-name"*) [ -n "$SELECTED" ] && echo "$SELECTED" ;;
  "stack output ageRecipients"*) [ -n "$APPLIED" ] && echo "$APPLIED" ;;
  *) exit 1 ;;
esac
"""
APPLIED = {"2026-05": RECIPIENTS["old"], "2026-11": RECIPIENTS["current"]}


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A clone of this program with one stack, and a repository that git finds under the stack's URL."""
    folder = tmp_path / "clone"
    (folder / "stacks").mkdir(parents=True)
    (folder / "Pulumi.homelab.yaml").write_text(STACK)
    (folder / "stacks" / "catalog.yaml").write_text(CATALOG)
    (folder / "manifests").symlink_to(manifests_directory())
    (tmp_path / "tree").mkdir()
    bare_repository(tmp_path, {path: (tmp_path / "tree" / path).read_text() for path in laid_out("clean", tmp_path / "tree")})
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "pulumi").write_text(PULUMI)
    (tmp_path / "bin" / "pulumi").chmod(0o755)
    (tmp_path / "gitconfig").write_text(f'[url "{tmp_path / "repository.git"}"]\n  insteadOf = {URL}\n')
    for name in [name for name in os.environ if name.startswith(("PULUMI_", "GITOPS_", "KUBECONFIG", "SOPS_"))]:
        if name != "GITOPS_CACHE":
            monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("APPLIED", json.dumps(APPLIED))
    with files_in(folder), patch.object(check_run, "PROJECT_DIRECTORY", folder):
        yield folder


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["check", *arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def pushed(clone: Path, path: str, content: str) -> str:
    commit = committed(clone.parent / "work", {path: content})
    git("push", "--quiet", str(clone.parent / "repository.git"), "main", at=clone.parent / "work")
    return commit


def encrypted_for(*readers: str) -> str:
    plain = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "cluster-secrets", "namespace": "flux-system"},
        "data": {"A": "made up"},
    }
    return sealed("it.yaml", yaml.safe_dump(plain), list(readers))


def test_a_stack_in_which_nothing_is_wrong(clone: Path) -> None:
    code, out, err = run("--stack", "homelab")
    commit = git("rev-parse", "main", at=clone.parent / "repository.git")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        f"repository  {commit[:8]}  {URL}",
        "  apps/app/app.sops.yaml          2026-11, 1 person",
        "  apps/app/environment.sops.env   2026-11, 1 person",
        "  docs/talos.sops.yaml            1 person \N{EN DASH} not read by the cluster",
        "  vars/cluster-secrets.sops.yaml  2026-11, 1 person",
        "",
        "1 repository, 4 encrypted files, of which the cluster reads 3; 0 errors, 0 warnings",
    ]


def test_the_record_says_what_was_seen_and_is_the_same_each_time(clone: Path) -> None:
    record = clone / "stacks" / "checked" / "homelab.yaml"
    assert run("--stack", "homelab", "--no-record")[0] == 0
    assert not record.exists()
    run("--stack", "homelab")
    first, written = record.read_text(), record.stat().st_mtime_ns
    run("--stack", "homelab")
    both = sorted([RECIPIENTS["current"], RECIPIENTS["person"]])
    assert (record.read_text(), record.stat().st_mtime_ns) == (first, written)
    assert yaml.safe_load(first) == {
        "keys": APPLIED,
        "repositories": [
            {
                "source": "GitRepository/repository",
                "url": URL,
                "commit": git("rev-parse", "main", at=clone.parent / "repository.git"),
                "files": {"apps/app/app.sops.yaml": both, "apps/app/environment.sops.env": both, "vars/cluster-secrets.sops.yaml": both},
            }
        ],
    }
    assert [path.name for path in record.parent.iterdir()] == ["homelab.yaml"]


def test_what_was_known_of_a_repository_that_is_out_of_reach_stays_on_record(clone: Path) -> None:
    record = clone / "stacks" / "checked" / "homelab.yaml"
    run("--stack", "homelab")
    before = record.read_text()
    (clone.parent / "repository.git").rename(clone.parent / "gone.git")
    code, out, _ = run("--stack", "homelab")
    assert code == 1
    assert "error not-checked repository\n  could not be fetched" in out
    assert record.read_text() == before


def test_a_file_that_hangs_on_one_key_is_an_error_only_without_that_key(clone: Path) -> None:
    pushed(clone, "vars/cluster-secrets.sops.yaml", encrypted_for("old"))
    assert run("--stack", "homelab")[0] == 0
    code, out, _ = run("--stack", "homelab", "--without", "2026-05")
    assert code == 1
    assert 'error needs-removed-key repository: vars/cluster-secrets.sops.yaml\n  can be read by "2026-05" alone' in out
    assert "2026-05 (leaving)" in out


def test_a_key_that_is_gone_from_the_file_but_still_applied_is_leaving(clone: Path) -> None:
    pushed(clone, "vars/cluster-secrets.sops.yaml", encrypted_for("old"))
    file = clone / "Pulumi.homelab.yaml"
    file.write_text(file.read_text().replace('"2026-05": supplied, ', ""))
    code, out, _ = run("--stack", "homelab")
    assert (code, "needs-removed-key" in out) == (1, True)


def test_json_is_one_document_with_everything(clone: Path) -> None:
    commit = pushed(clone, "vars/cluster-secrets.sops.yaml", encrypted_for("stranger", "person"))
    code, out, _ = run("--stack", "homelab", "-o", "json")
    found = json.loads(out)
    assert code == 1
    assert {key: found[key] for key in ("version", "stack", "fine", "record")} == {
        "version": 1,
        "stack": "homelab",
        "fine": False,
        "record": str(clone / "stacks" / "checked" / "homelab.yaml"),
    }
    assert [(each["name"], each["commit"]) for each in found["repositories"]] == [("repository", commit)]
    assert found["repositories"][0]["files"][-1] == {
        "file": "vars/cluster-secrets.sops.yaml",
        "synced": True,
        "readers": ["1 person", "1 unknown key"],
        "recipients": sorted([RECIPIENTS["stranger"], RECIPIENTS["person"]]),
    }
    assert [(each["kind"], each["severity"], each["line"]) for each in found["findings"]] == [("unreadable", "error", None)]


def test_the_selected_stack_is_the_one_that_is_meant(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="no stack is selected"):
        run()
    monkeypatch.setenv("SELECTED", "homelab")
    assert run()[0] == 0


def test_mistakes_in_the_files_are_told_as_a_preview_tells_them(clone: Path) -> None:
    file = clone / "Pulumi.homelab.yaml"
    file.write_text(file.read_text().replace("gitops:use: [base]", "gitops:use: [bas]"))
    with pytest.raises(CommandError) as told:
        run("--stack", "homelab")
    assert str(told.value).startswith(
        "1 problem; nothing was checked.\nPulumi.homelab.yaml:10 gitops:use.0: no entry of the catalog is in group"
    )


def test_a_recipient_that_nobody_knows_is_an_error_that_says_how_to_give_it(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("APPLIED")
    with pytest.raises(CommandError, match=r"the recipient of the age key 2026-05, 2026-11 is not known.*GITOPS_SECRET_AGE_2026_05"):
        run("--stack", "homelab")


def test_a_key_that_there_is_not_cannot_be_taken_away(clone: Path) -> None:
    with pytest.raises(CommandError, match="--without 2025-05: the stack has no such age key"):
        run("--stack", "homelab", "--without", "2025-05")


def test_a_cluster_of_ones_own_is_not_looked_at(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(clone / "nowhere"))
    assert run("--stack", "homelab")[0] == 0


def test_an_unwritable_record_is_told(clone: Path) -> None:
    (clone / "stacks" / "checked").write_text("in the way")
    with pytest.raises(CommandError, match=r"cannot be written .* --no-record"):
        run("--stack", "homelab")


def test_help_names_every_kind_of_finding() -> None:
    from gitops.check.finding import Kind
    from gitops.help import CHECK

    assert not [kind.value for kind in Kind if kind.value not in CHECK]
