"""Kustomizations of Git that apply from a GitRepository which Git itself declares: followed, where the stack could fetch it, too."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from gitops.check.fetch.clone import Source
from gitops.check.fetch.declared_sources import DeclaredSources
from gitops.check.fetch.fetching import Fetcher
from gitops.check.fetch.git_login import Access
from gitops.check.file_finding import FileFinding
from gitops.check.findings.judging import judge
from gitops.check.follow import synced
from gitops.check.follow.declared_source import MOST_ADMITTED, DeclaredSource
from gitops.check.repository.tree import Tree
from tests.gitops.check.git_server import bare_repository
from tests.gitops.check.stack import pushed, run, stack_and_repository
from tests.gitops.check.test_trees import built_as_written, stack, told

SOURCE = """\
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {{name: {name}, namespace: {namespace}}}
spec: {{interval: 1h, url: "https://git.test/{name}.git", ref: {{branch: main}}{more}}}
"""
KUSTOMIZATION = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {{name: {name}, namespace: {namespace}}}
spec: {{interval: 1h, prune: true, path: ./deploy, sourceRef: {{kind: GitRepository, name: {source}}}}}
"""
LOGIN = "apiVersion: v1\nkind: Secret\nmetadata: {name: login, namespace: default}\nstringData: {password: hunter}\n"


def judged(files: Mapping[str, str], others: Mapping[str, Mapping[str, str]], folder: Path, **admitted: str) -> list[FileFinding]:
    """The stack's repository has `files`; `others` are those that can be fetched besides, as the check calls them."""
    trees = {}
    for name, content in {"fleet": files, **others}.items():
        for path, text in content.items():
            (folder / name / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / name / path).write_text(text)
        trees[name] = Tree(name, folder / name, content)
    asked: list[str] = []

    def fetch(names: list[str]) -> dict[str, Tree]:
        asked.extend(names)
        return {name: trees[name] for name in names if name in trees}

    with patch.object(synced, "build", built_as_written):
        findings = judge(stack({}), fetch, lambda each: admitted.get(each.key, "")).findings
    assert len(asked) == len(set(asked)), "something was fetched twice"
    return findings


def tenant(name: str = "tenant", namespace: str = "flux-system", more: str = "") -> str:
    declared = SOURCE.format(name=name, namespace=namespace, more=more)
    return f"{declared}---\n{KUSTOMIZATION.format(name=name, namespace=namespace, source=name)}"


@pytest.mark.parametrize(("namespace", "key"), [("flux-system", "tenant"), ("default", "default/tenant")])
def test_what_a_repository_declared_in_git_brings_is_judged(namespace: str, key: str, tmp_path: Path) -> None:
    found = judged({"apps/a.yaml": tenant(namespace=namespace)}, {key: {"deploy/a.yaml": LOGIN}}, tmp_path)

    assert [(each.rule, each.place) for each in found] == [("plain-secret", f"{key}: deploy/a.yaml:1")]


def test_a_source_may_be_declared_after_who_needs_it(tmp_path: Path) -> None:
    first = KUSTOMIZATION.format(name="early", namespace="flux-system", source="late")
    then = KUSTOMIZATION.format(name="more", namespace="flux-system", source="fleet")
    files = {"apps/a.yaml": f"{first}---\n{then}", "deploy/a.yaml": SOURCE.format(name="late", namespace="flux-system", more="")}

    found = judged(files, {"late": {"deploy/b.yaml": LOGIN}}, tmp_path)

    assert [(each.rule, each.place) for each in found] == [("plain-secret", "late: deploy/b.yaml:1")]


def test_one_that_is_not_fetched_is_told_with_the_reason(tmp_path: Path) -> None:
    found = judged({"apps/a.yaml": tenant()}, {}, tmp_path, tenant="is on a server from which this stack itself fetches nothing")

    assert told(found) == [
        "warning not-checked apps/a.yaml:6 Kustomization tenant applies from GitRepository/flux-system/tenant, which is on a server from "
        "which this stack itself fetches nothing. What it applies was not checked. Check it yourself."
    ]


def test_a_repository_that_could_not_be_fetched_may_bring_what_another_needs(tmp_path: Path) -> None:
    needs = KUSTOMIZATION.format(name="needs", namespace="flux-system", source="other")

    found = judged({"apps/a.yaml": f"{tenant()}---\n{needs}"}, {}, tmp_path)

    assert [(each.severity.value, each.rule) for each in found if each.rule == "referred-object-exists"] == [
        ("warning", "referred-object-exists")
    ]


def test_no_more_sources_of_git_are_fetched_than_a_few(tmp_path: Path) -> None:
    files = {"apps/a.yaml": "---\n".join(tenant(f"t{number}") for number in range(MOST_ADMITTED + 5))}

    found = judged(files, {f"t{number}": {"deploy/a.yaml": LOGIN} for number in range(MOST_ADMITTED + 5)}, tmp_path)

    assert len([each for each in found if each.rule == "plain-secret"]) == MOST_ADMITTED
    assert len([each for each in found if each.rule == "not-checked"]) == 5


OWN = Source(
    name="repository",
    url="https://git.test/team/repository.git",
    spec={"ref": {"branch": "main"}, "secretRef": {"name": "reader"}},
    access=Access(own=True, settings={"theirs": "login"}, files={"GIT_SSL_CAINFO": "CA", "GIT_SSL_KEY": "key"}),
)
PUBLIC = Source(name="public", url="ssh://git@ssh.test:2222/a.git", spec={}, access=Access(files={"known_hosts": "line"}))


def admitted(url: str, tmp_path: Path, namespace: str = "flux-system", **spec: Any) -> tuple[str, Source | None, list[str]]:
    """The answer, the source that can then be fetched, and the credentials that were asked for."""
    asked: list[str] = []

    def access_of(_: str, secret: str) -> Access:
        asked.append(secret)
        return Access(own=True)

    fetcher = Fetcher({}, tmp_path, io.StringIO())
    declared = DeclaredSource(namespace=namespace, name="it", spec={"url": url, **spec}, repository="repository", file="a.yaml", line=3)
    answer = DeclaredSources({"repository": OWN, "public": PUBLIC}, access_of, fetcher).admit(declared)
    return answer, fetcher.sources.get(declared.key), asked


def test_the_login_of_the_stack_is_used_where_the_stack_sends_it(tmp_path: Path) -> None:
    answer, source, asked = admitted("https://git.test/team/other.git", tmp_path, secretRef={"name": "reader"})

    assert (answer, asked) == ("", ["reader"])
    assert source is not None
    assert source.access.own


def test_the_same_repository_is_fetched_with_its_own_login_at_any_ref(tmp_path: Path) -> None:
    _, source, asked = admitted(OWN.url, tmp_path, namespace="apps", ref={"tag": "v1"})

    assert source is not None
    assert (source.access, source.name, asked) == (OWN.access, "apps/it", [])


def test_the_same_repository_at_the_same_ref_is_not_fetched_again(tmp_path: Path) -> None:
    answer, source, _ = admitted("https://git.test:443/team/repository", tmp_path, ref={"branch": "main"}, secretRef={"name": "x"})

    assert (answer, source) == ("", None)


@pytest.mark.parametrize(("namespace", "secret"), [("flux-system", "another"), ("flux-system", ""), ("apps", "reader")])
def test_other_secrets_are_not_the_stacks(namespace: str, secret: str, tmp_path: Path) -> None:
    answer, source, asked = admitted("https://git.test/team/other.git", tmp_path, namespace, secretRef={"name": secret})

    assert (answer, asked) == ("", [])
    assert source is not None
    assert source.access == Access(files={"GIT_SSL_CAINFO": "CA"}), "only what the server is recognised by"


@pytest.mark.thorough
def test_what_git_declares_is_fetched_with_git(tmp_path: Path) -> None:
    with stack_and_repository(tmp_path) as clone:
        (tmp_path / "tenant").mkdir()
        bare = bare_repository(tmp_path / "tenant", {"deploy/a.yaml": LOGIN})
        pushed(clone, {"vars/tenant.yaml": tenant(), "vars/gone.yaml": tenant("gone")})
        for name, path in (("tenant", bare), ("gone", tmp_path / "gone.git")):
            with (tmp_path / "gitconfig").open("a") as settings:
                settings.write(f'[url "{path}"]\n  insteadOf = https://git.test/{name}.git\n')

        code, out, _ = run("--stack", "homelab")

        assert code == 1
        assert "error plain-secret tenant: deploy/a.yaml:1" in out
        assert "warning not-checked repository: vars/gone.yaml:1\n  GitRepository gone could not be fetched" in out
        assert "source: GitRepository/tenant" in (clone / "checked" / "homelab.yaml").read_text()
