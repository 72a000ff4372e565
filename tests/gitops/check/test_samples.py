"""Each thing that the check finds has a sample repository that shows it, and nothing else; the clean one shows nothing."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from gitops.check.findings.judging import judge
from gitops.check.repository.tree import Tree
from tests.gitops.check.samples import FOLDER, SAMPLES, facts, judged, laid_out, sealed, what


def test_nothing_is_found_in_the_clean_repository(tmp_path: Path) -> None:
    judgement = judged("clean", tmp_path)

    assert judgement.findings == []
    assert {file.path: (file.synced, file.readers) for file in judgement.files} == {
        "apps/app/app.sops.yaml": (True, ["2026-11", "1 person"]),
        "apps/app/environment.sops.env": (True, ["2026-11", "1 person"]),
        "docs/talos.sops.yaml": (False, ["1 person"]),
        "vars/cluster-secrets.sops.yaml": (True, ["2026-11", "1 person"]),
    }


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.thorough
def test_a_sample_shows_what_it_is_there_for_and_nothing_else(sample: str, tmp_path: Path) -> None:
    findings = judged(sample, tmp_path).findings

    expected = what(sample)["finds"]
    shown = [(each.severity.value, each.rule, each.file, each.line) for each in findings]
    assert shown == [(each["severity"], each["kind"], each["file"], each.get("line", 0)) for each in expected], [f.text for f in findings]
    for finding, expectation in zip(findings, expected, strict=True):
        assert expectation["says"] in finding.text
    assert "made up" not in str(findings), "a finding repeats no value"


@pytest.mark.thorough
def test_what_others_copy_into_further_namespaces_is_there(tmp_path: Path) -> None:
    files = laid_out("substitutes-from-nowhere", tmp_path)
    secret = tmp_path / "vars" / "cluster-secrets.sops.yaml"
    annotated = "namespace: flux-system\n  annotations: {reflector.v1.k8s.emberstack.com/reflection-allowed: 'true'}"
    secret.write_text(secret.read_text().replace("namespace: flux-system", annotated))
    tree = Tree("repository", tmp_path, files, [".sops.yaml"])
    findings = judge(facts(what("substitutes-from-nowhere")), lambda names: dict.fromkeys(names, tree)).findings
    assert [each.text.partition(",")[0] for each in findings] == ["Kustomization app/app substitutes from ConfigMap/app/stack-vars"]


@pytest.mark.thorough
def test_a_secret_with_keys_that_git_itself_brings_is_nobodys_business_here(tmp_path: Path) -> None:
    files = laid_out("unreadable-from-another-namespace", tmp_path)
    assert judgement_of(tmp_path, files, "unreadable-from-another-namespace") == ["unreadable"]
    brought = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "sops-age", "namespace": "app"},
        "stringData": {"a.agekey": "made up"},
    }
    (tmp_path / "vars" / "keys.sops.yaml").write_text(sealed("keys.sops.yaml", yaml.safe_dump(brought), ["current"]))
    assert judgement_of(tmp_path, [*files, "vars/keys.sops.yaml"], "unreadable-from-another-namespace") == []


def judgement_of(folder: Path, files: list[str], sample: str) -> list[str]:
    tree = Tree("repository", folder, files, [".sops.yaml"])
    return [each.rule for each in judge(facts(what(sample)), lambda names: dict.fromkeys(names, tree)).findings]


@pytest.mark.parametrize(("key", "found"), [("hc_vault_transit_uri", 0), ("kms", 1), ("pgp", 1)])
def test_a_rule_for_another_key_lacks_none_only_if_the_cluster_has_that_one(key: str, found: int, tmp_path: Path) -> None:
    files = laid_out("rule-lacks-every-key", tmp_path)
    config = tmp_path / ".sops.yaml"
    config.write_text(re.sub(r"^( +)age: ", rf"\1{key}: made up\n\1age: ", config.read_text(), flags=re.MULTILINE))
    known = facts(what("rule-lacks-every-key"))
    known = replace(known, keys=replace(known.keys, others=frozenset({"vault"})))
    findings = judge(known, lambda names: dict.fromkeys(names, Tree("repository", tmp_path, files, [".sops.yaml"]))).findings
    assert [each.rule for each in findings] == ["rule-lacks-newest-key"] * found


def test_every_sample_says_why_it_is_there() -> None:
    assert not [sample for sample in SAMPLES if not (FOLDER / sample / "what.yaml").read_text().startswith("# ")]
