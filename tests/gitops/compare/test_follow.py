"""`gitops compare --follow`: a change of the stacks, followed into the repositories that it concerns."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from tests.gitops.check.git_server import committed, git
from tests.gitops.compare.effect_files import yaml_of
from tests.gitops.compare.synced_builders import config_map, kustomize
from tests.gitops.compare.synced_repository import CATALOG, NAME, SECRETS, STACK
from tests.gitops.render.clone import clone_in, run
from tests.manifests import manifests_directory

APPS = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: media\nresources: [it.yaml]\n"


@pytest.fixture
def stacks(tmp_path: Path) -> Iterator[Path]:
    """A repository with the stacks, and tag `first`; and the repository that they sync, with tags `v1` and `v2`."""
    synced, project = tmp_path / "synced", tmp_path / "stacks"
    project.mkdir()
    git("init", "--quiet", "--template=", "--initial-branch=main", str(synced), at=tmp_path)
    vars_file = {"kubernetes/flux/vars/cluster-secrets.sops.yaml": SECRETS}
    for tag, answer in (("v1", "42"), ("v2", "43")):
        it = yaml_of(config_map("it", answer=answer, where="${CLUSTER_NAME}"))
        committed(synced, {**vars_file, "kubernetes/apps/kustomization.yaml": APPS, "kubernetes/apps/it.yaml": it})
        git("tag", tag, at=synced)
    committed(synced, {"other/kustomization.yaml": yaml_of(kustomize())})
    (tmp_path / "gitconfig").write_text(f'[url "{synced}"]\n  insteadOf = https://git.test/org/{NAME}.git\n')
    stack = STACK.replace("./manifests/v2.9.4", "ghcr.io/fluxcd/flux-manifests:v2.9.4@sha256:" + "0" * 64)
    pinned = CATALOG.replace("ref: {branch: main}", "ref: {tag: v1}", 1)
    environment = {"GIT_CONFIG_GLOBAL": str(tmp_path / "gitconfig"), "GITOPS_FLUX_MANIFESTS": str(manifests_directory())}
    with clone_in(project, {"it": stack}, pinned), patch.dict(os.environ, environment):
        git("init", "--quiet", "--template=", "--initial-branch=main", ".", at=project)
        git("add", "Pulumi.yaml", "Pulumi.it.yaml", "catalog.yaml", at=project)
        git("commit", "--quiet", "--message", "first", at=project)
        git("tag", "first", at=project)
        yield project


def changed(project: Path, file: str, before: str, after: str) -> None:
    text = (project / file).read_text()
    assert before in text
    (project / file).write_text(text.replace(before, after))


@pytest.mark.thorough
def test_another_revision_of_a_source_shows_what_flux_does_in_the_cluster(stacks: Path) -> None:
    changed(stacks, "catalog.yaml", "tag: v1", "tag: v2")
    code, out, err = run("compare", "first", "--follow")

    assert (code, err) == (0, "")
    assert "~ GitRepository homelab-k8s2  ref.tag v1 → v2" in out
    assert "it, Kustomization cluster-apps\n~ ConfigMap media/it  data.answer 42 → 43 (homelab-k8s2: kubernetes/apps/it.yaml:1)" in out


@pytest.mark.thorough
def test_another_path_patch_and_variable_of_a_stack_are_followed(stacks: Path) -> None:
    changed(stacks, "Pulumi.it.yaml", "CLUSTER_NAME: dev", "CLUSTER_NAME: home")
    out = run("compare", "first", "--follow")[1]
    assert "~ ConfigMap media/it  data.where dev → home (homelab-k8s2: kubernetes/apps/it.yaml:1)" in out
    changed(stacks, "catalog.yaml", "path: ./kubernetes/apps", "path: ./other")
    code, out, _ = run("compare", "first", "--follow")
    assert (code, "- ConfigMap media/it  is deleted" in out) == (1, False), "there is no such path at v1"
    assert "can no longer be applied, and what it applied stays as it is. Kustomization cluster-apps applies ./other, which is" in out
    changed(stacks, "catalog.yaml", "tag: v1", "branch: main")
    code, out, _ = run("compare", "first", "--follow")
    assert (code, "- ConfigMap media/it  is deleted" in out) == (0, True)


@pytest.mark.thorough
def test_patches_and_decryption_of_a_stack_are_followed(stacks: Path) -> None:
    patch = "patches: [{patch: '- {op: add, path: /data/more, value: patched}', target: {kind: ConfigMap, name: it}}]"
    changed(stacks, "catalog.yaml", "      path: ./kubernetes/apps\n", f"      path: ./kubernetes/apps\n      {patch}\n")
    out = run("compare", "first", "--follow")[1]
    assert "~ ConfigMap media/it  data.more patched is added (homelab-k8s2: kubernetes/apps/it.yaml:1)" in out
    assert "is not shown" not in out
    changed(stacks, "catalog.yaml", f"      {patch}\n", "")
    changed(stacks, "catalog.yaml", "path: ./kubernetes/flux/vars, decryption: {provider: sops}", "path: ./kubernetes/flux/vars")
    code, out, _ = run("compare", "first", "--follow")
    assert "Kustomization cluster-vars no longer decrypts" in out
    assert (code, "Kustomization cluster-vars can no longer be applied" in out) == (1, True), out


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ("tag: v1", "tag: v2", "GitRepository flux-system/homelab-k8s2 changes"),
        ("path: ./kubernetes/apps", "path: ./other", "Kustomization flux-system/cluster-apps changes"),
        ("decryption: {provider: sops}}", "wait: true}", "Kustomization flux-system/cluster-vars changes"),
        ("prune: true", "prune: false", ""),
        ("interval: 15m", "interval: 16m", ""),
    ],
)
def test_without_it_a_note_says_what_is_not_shown(before: str, after: str, what: str, stacks: Path) -> None:
    changed(stacks, "catalog.yaml", before, after)
    note = f"What Flux then does in the cluster is not shown: {what}; --follow shows it"

    out = run("compare", "first")[1]
    assert ("is not shown:" in out, note in out) == (bool(what), bool(what)), out


@pytest.mark.thorough
def test_without_it_a_variable_is_noted_too(stacks: Path) -> None:
    changed(stacks, "Pulumi.it.yaml", "CLUSTER_NAME: dev", "CLUSTER_NAME: home")

    assert "What Flux then does in the cluster is not shown: variable CLUSTER_NAME changes; --follow shows it" in run("compare", "first")[1]


@pytest.mark.thorough
def test_a_repository_that_cannot_be_fetched_is_noted_and_nothing_of_it_is_told(stacks: Path, tmp_path: Path) -> None:
    with (tmp_path / "gitconfig").open("a") as settings:
        settings.write(f'[url "{tmp_path}/no"]\n  insteadOf = https://git.test/org/no\n')
    changed(stacks, "catalog.yaml", f"https://git.test/org/{NAME}.git", "https://git.test/org/nothing.git")
    code, out, _ = run("compare", "first", "--follow")

    assert code == 0
    assert "What Flux does with homelab-k8s2 is not shown: it could not be fetched with your own credentials" in out
    assert "ConfigMap" not in out
    changed(stacks, "catalog.yaml", "org/nothing.git", f"org/no{'-long' * 12}.git")
    assert "(the stack has none for it): git says: fatal: " in " ".join(run("compare", "first", "--follow")[1].split())
    changed(stacks, "catalog.yaml", f"{NAME}: {{url:", f"{NAME}: {{credential: reader, url:")
    changed(stacks, "Pulumi.it.yaml", "  gitops:use:", "  gitops:credentials: {reader: {type: basic, username: flux}}\n  gitops:use:")
    told = "(the stack's are never sent where the author of a revision decides): git says: fatal: "
    assert told in " ".join(run("compare", "first", "--follow")[1].split())
    code, _, err = run("compare", "--repository", NAME, "--follow", "first")
    assert (code, "goes with none of" in err) == (2, True)


COMMIT = "b" * 40


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("ref", "told"),
    [
        ("tag: v9.9.9", "Tag v9.9.9"),
        ("branch: gone", "Branch gone"),
        ("name: refs/pull/7/head", "Ref refs/pull/7/head"),
        (f"commit: {COMMIT}", f"Commit {COMMIT}"),
        (f"branch: main, commit: {COMMIT}", f"Commit {COMMIT}"),
    ],
)
def test_a_revision_that_does_not_exist_stops_updates(ref: str, told: str, stacks: Path) -> None:
    changed(stacks, "catalog.yaml", "tag: v1", ref)
    code, out, _ = run("compare", "first", "--follow")
    place = "(catalog.yaml:2). Flux keeps what it has applied."

    assert f"! stops updates: {told} does not exist in GitRepository {NAME}'s repository {place}" in " ".join(out.split())
    assert (code, "credentials" in out, "is not shown" in out, "ConfigMap" in out) == (1, False, False, False)
    found = json.loads(run("compare", "first", "--follow", "-o", "json")[1])
    assert [each["kind"] for each in found["decisions"] if each["risk"] == "stops-updates"] == ["revision-is-missing"]


@pytest.mark.thorough
def test_of_a_new_source_whose_revision_does_not_exist_nothing_comes_and_nothing_of_another_is_said_to_be_deleted(stacks: Path) -> None:
    other = f'  new: {{url: "https://git.test/org/{NAME}.git", spec: {{interval: 15m, ref: {{tag: v9}}}}}}\n'
    changed(stacks, "catalog.yaml", "defaults:\n", f"{other}defaults:\n")
    changed(stacks, "catalog.yaml", f"name: {NAME}}}\n      path: ./kubernetes/apps", "name: new}\n      path: ./kubernetes/apps")
    code, out, _ = run("compare", "first", "--follow")

    assert "! Tag v9 does not exist in GitRepository new's repository (catalog.yaml:4). Nothing of it comes." in " ".join(out.split())
    assert (code, "stops updates" in out, "ConfigMap" in out, "is deleted" in out) == (1, False, False, False), out


@pytest.mark.thorough
def test_a_revision_that_did_not_exist_before_either_is_noted(stacks: Path) -> None:
    changed(stacks, "catalog.yaml", "tag: v1", "tag: v9")
    git("commit", "--quiet", "--all", "--message", "broken", at=stacks)
    git("tag", "broken", at=stacks)
    changed(stacks, "Pulumi.it.yaml", "CLUSTER_NAME: dev", "CLUSTER_NAME: home")
    code, out, _ = run("compare", "broken", "--follow")
    note = f"What Flux does with {NAME} is not shown: tag v9 does not exist in its repository"
    assert (code, note in out, "credentials" in out, "stops updates" in out) == (0, True, False, False), out
    changed(stacks, "catalog.yaml", "tag: v9", "tag: v2")
    code, out, _ = run("compare", "broken", "--follow")
    note = f"What Flux does with {NAME} is not shown: until this change, it asks for what does not exist: tag v9"
    assert (code, note in out, "credentials" in out, "stops updates" in out) == (0, True, False, False), out
    changed(stacks, "catalog.yaml", "tag: v2", "tag: v8")
    code, out, _ = run("compare", "broken", "--follow")
    assert (code, "! Tag v8 does not exist in GitRepository" in out, "stops updates" in out) == (0, True, False), out


NOT_READ = "The repositories that Flux applies (their manifests and HelmReleases) were not checked."


@pytest.mark.thorough
def test_the_last_line_names_the_repositories_that_were_read_and_says_if_none_was(stacks: Path) -> None:
    changed(stacks, "Pulumi.it.yaml", '"2026-11": supplied', '"2026-11": supplied, "2026-12": supplied')
    for arguments in ((), ("--follow",)):
        out = run("compare", "first", *arguments)[1]
        assert "~ age key" in out or "+ age key" in out
        assert NOT_READ in out
        assert json.loads(run("compare", "first", *arguments, "-o", "json")[1])["notes"][-1] == NOT_READ.removesuffix(".")
    assert run("compare", "first", "first", "--follow")[1].startswith("Nothing changes in what the stacks create\n")
    changed(stacks, "catalog.yaml", "tag: v1", "tag: v2")
    told, out = json.loads(run("compare", "first", "--follow", "-o", "json")[1]), run("compare", "first", "--follow")[1]
    read = f"Of the repositories that Flux applies, only {NAME} was read"
    assert (f"{read}." in out, NOT_READ in out, told["notes"][-1]) == (True, False, read)
    changed(stacks, "catalog.yaml", "tag: v2", "tag: v3")
    assert NOT_READ in run("compare", "first", "--follow")[1]


@pytest.mark.thorough
def test_who_can_read_an_encrypted_file_is_followed_too(stacks: Path, tmp_path: Path) -> None:
    other = SECRETS.replace("sops: {", f"sops: {{age: [{{recipient: age1{'z' * 58}}}], ")
    git("checkout", "--quiet", "v1", at=tmp_path / "synced")
    committed(tmp_path / "synced", {"kubernetes/flux/vars/cluster-secrets.sops.yaml": other})
    git("tag", "v1.1", at=tmp_path / "synced")
    changed(stacks, "catalog.yaml", "tag: v1", "tag: v1.1")

    file = f"{NAME}: kubernetes/flux/vars/cluster-secrets.sops.yaml"
    assert f"~ file {file}  is also encrypted for age1zzzzzzzz…" in run("compare", "first", "--follow")[1]
