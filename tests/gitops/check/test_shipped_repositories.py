"""The sample repositories of the demo, as the dev stack syncs them, give no finding once their secrets are there."""

from pathlib import Path
from unittest.mock import patch

import pyrage
import pytest

from devcluster.gitea.encrypted_files import APP_SECRET, CLUSTER_SECRETS, RULES, encrypt
from devcluster.gitea.sample_repositories import ROOT_REPOSITORY, TREES
from flux.keys.sops_creation_rules import sops_config
from gitops.check.findings.cluster_keys import ClusterKeys
from gitops.check.findings.judging import Judgement, judge
from gitops.check.repository.tree import Tree
from gitops.check.stack_facts import facts_of
from stacks.offline import load_settings_offline
from tests.shipped_stacks import dev_environment

SECRETS = {
    CLUSTER_SECRETS: b"apiVersion: v1\nkind: Secret\nmetadata: {name: cluster-secrets, namespace: flux-system}\n"
    b"stringData: {SECRET_ALERT_EMAIL: made up, NTFY_TOPIC: made up}\n",
    APP_SECRET: b"apiVersion: v1\nkind: Secret\nmetadata: {name: gatus-credentials}\nstringData: {values.yaml: made up}\n",
}
RECIPIENT = str(pyrage.x25519.Identity.generate().to_public())


@pytest.fixture(scope="module")
def judgement(tmp_path_factory: pytest.TempPathFactory) -> Judgement:
    folder = tmp_path_factory.mktemp("dev")
    with patch.dict("os.environ", dev_environment(folder)):
        settings = load_settings_offline("dev")
    rules = sops_config([RECIPIENT]).encode()
    made = {RULES: rules, **{path: encrypt(path, plain, rules) for path, plain in SECRETS.items()}}

    def fetch(names: list[str]) -> dict[str, Tree]:
        return {name: tree(name, folder / name, made if name == ROOT_REPOSITORY else {}) for name in names}

    return judge(facts_of(settings, ClusterKeys(staying={"2026-11": RECIPIENT}, leaving={})), fetch)


def tree(name: str, folder: Path, made: dict[str, bytes]) -> Tree:
    origin = TREES / {"argo-workflows": "argo"}.get(name, name)
    files = {str(path.relative_to(origin)): path.read_bytes() for path in origin.rglob("*") if path.is_file()} | made
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return Tree(name, folder, files, [RULES])


@pytest.mark.thorough
def test_nothing_is_wrong_with_them(judgement: Judgement) -> None:
    assert [str(finding) for finding in judgement.findings] == []


def test_both_secrets_are_read_by_the_cluster_and_the_others_hold_none(judgement: Judgement) -> None:
    assert sorted(judgement.trees) == ["argo-workflows", ROOT_REPOSITORY]
    assert {(file.path, file.synced, *file.readers) for file in judgement.files} == {
        (CLUSTER_SECRETS, True, "2026-11"),
        (APP_SECRET, True, "2026-11"),
    }
