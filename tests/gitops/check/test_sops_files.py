"""What the real sops writes is read in every format, without a key."""

import json
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import pytest
import yaml

from flux.keys.sops_creation_rules import sops_config
from flux.keys.ssh_private_keys import public_line_of
from gitops.check.findings.cluster_keys import ClusterKeys
from gitops.check.findings.creation_rules_findings import config_findings
from gitops.check.repository.creation_rules import CreationRule
from gitops.check.repository.sops_file import SopsFile, sops_file
from gitops.check.repository.tree import Tree
from tests.gitops.check.samples import CIPHER, RECIPIENTS, facts
from tests.keys import host_key, ssh_key

PLAIN = {
    "a.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {a: made up}\n",
    "many.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: b}\n",
    "a.json": '{"a": "made up"}',
    "a.env": "A=made up\n",
    "a.ini": "[a]\na = made up\n",
    "a.bin": "made up",
}
TWO = (RECIPIENTS["current"], RECIPIENTS["person"])


def encrypted(folder: Path, name: str, *arguments: str) -> SopsFile | None:
    (folder / name).write_text(PLAIN[name])
    command = [str(Path(sys.prefix) / "bin" / "sops"), "encrypt", "--in-place", *arguments, name]
    subprocess.run(command, cwd=folder, env={"HOME": str(folder)}, check=True, capture_output=True)
    return sops_file(Tree("t", folder, [name]), name)


@pytest.mark.thorough
@pytest.mark.parametrize("name", PLAIN)
def test_recipients_are_found_in(name: str, tmp_path: Path) -> None:
    found = encrypted(tmp_path, name, "--age", ",".join(TWO))
    assert found is not None
    assert found.recipients == set(TWO)
    assert (found.groups, found.threshold) == ((frozenset(TWO),), 1)


@pytest.mark.parametrize("name", [name if name == "a.yaml" else pytest.param(name, marks=pytest.mark.thorough) for name in PLAIN])
def test_a_persons_ssh_key_is_one_of_age_whatever_the_comment_behind_it(name: str, tmp_path: Path) -> None:
    line = host_key("a person")

    found = encrypted(tmp_path, name, "--age", f"{TWO[0]},{line} me@home")

    assert found is not None
    assert found.recipients == {TWO[0], line}
    assert found.others == []
    assert ClusterKeys(staying={"2026-11": TWO[0]}, leaving={}, people=(line,)).readers(found.recipients) == ["2026-11", "1 person"]
    assert ClusterKeys(staying={}, leaving={}).readers(found.recipients) == ["2 unknown keys"]


@pytest.mark.thorough
def test_an_object_that_is_encrypted_as_a_whole_hides_what_it_is(tmp_path: Path) -> None:
    whole = encrypted(tmp_path, "a.yaml", "--age", TWO[0])
    part = encrypted(tmp_path, "a.yaml", "--age", TWO[0], "--encrypted-regex", "^(data|stringData)$")
    assert whole is not None
    assert part is not None
    assert (whole.is_object, whole.hides_metadata) == (True, True)
    assert (part.is_object, part.hides_metadata) == (True, False)


@pytest.mark.thorough
def test_with_key_groups_a_key_of_each_is_needed(tmp_path: Path) -> None:
    rules = {
        "creation_rules": [{"shamir_threshold": 2, "key_groups": [{"age": [TWO[0]]}, {"age": [TWO[1]]}, {"age": [RECIPIENTS["old"]]}]}]
    }
    (tmp_path / ".sops.yaml").write_text(json.dumps(rules))
    for name in PLAIN:
        found = encrypted(tmp_path, name)
        assert found is not None, name
        assert not found.is_read_by(frozenset({TWO[0]})), name
        assert found.is_read_by(frozenset(TWO)), name


@pytest.mark.thorough
def test_the_documents_of_a_file_that_sops_wrote_have_the_same_metadata(tmp_path: Path) -> None:
    found = encrypted(tmp_path, "many.yaml", "--age", TWO[0])
    assert found is not None
    assert not found.one_by_one


@pytest.mark.thorough
def test_a_file_put_together_of_others_is_read_by_whoever_can_read_each_of_its_documents(tmp_path: Path) -> None:
    for name, recipients in {"one": TWO, "two": TWO[:1], "three": (RECIPIENTS["old"], RECIPIENTS["stranger"])}.items():
        encrypted(tmp_path, "a.yaml", "--age", ",".join(recipients))
        (tmp_path / "a.yaml").rename(tmp_path / name)
    cat = "---\n".join((tmp_path / name).read_text() for name in ("one", "two", "three"))
    (tmp_path / "cat.yaml").write_text(cat)
    found = sops_file(Tree("t", tmp_path, ["cat.yaml"]), "cat.yaml")

    assert found is not None
    assert found.one_by_one
    assert set(found.groups) == {frozenset(TWO[:1]), frozenset({RECIPIENTS["old"], RECIPIENTS["stranger"]})}
    assert not found.is_read_by(frozenset(TWO))
    assert found.is_read_by(frozenset({TWO[0], RECIPIENTS["stranger"]}))


def test_key_groups_of_documents_are_added_up_too(tmp_path: Path) -> None:
    def document(threshold: int, *groups: str) -> str:
        listed = [{"age": [{"recipient": RECIPIENTS[who]} for who in group.split()]} for group in groups]
        return json.dumps({"a": CIPHER, "sops": {"mac": CIPHER, "version": "3.11.0", "key_groups": listed, "shamir_threshold": threshold}})

    (tmp_path / "a.yaml").write_text(f"{document(2, 'current', 'old', 'person')}\n---\n{document(1, 'old', 'stranger')}\n")
    found = sops_file(Tree("t", tmp_path, ["a.yaml"]), "a.yaml")
    assert found is not None
    opened = {
        frozenset(who)
        for count in range(5)
        for who in combinations(("current", "old", "person", "stranger"), count)
        if found.is_read_by(frozenset(RECIPIENTS[each] for each in who))
    }
    assert opened == {
        frozenset(who.split())
        for who in (
            "current old",
            "old person",
            "current old person",
            "current old stranger",
            "old person stranger",
            "current person stranger",
            "current old person stranger",
        )
    }


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["a.yaml", "a.env"])
def test_an_ssh_key_is_somebodys_and_no_key_service(name: str, tmp_path: Path) -> None:
    key = public_line_of(ssh_key())
    found = encrypted(tmp_path, name, "--age", f"{TWO[0]},{key}")
    assert found is not None
    assert found.recipients == {TWO[0], key}
    assert found.others == []
    assert ClusterKeys(staying={"2026-11": TWO[0]}, leaving={}).readers(found.recipients) == ["2026-11", "1 unknown key"]


@pytest.mark.parametrize(
    "content", ["", "a: 1", "sops: ENC[", f"sops: {{age: 3}}\na: {CIPHER}", ": : sops ENC[", "[sops] ENC[", "{sops ENC["]
)
def test_what_is_no_sops_file_is_none(content: str, tmp_path: Path) -> None:
    for name in ("a.yaml", "a.json", "a.env", "a.bin"):
        (tmp_path / name).write_text(content)
        assert sops_file(Tree("t", tmp_path, [name]), name) is None


def test_a_rule_encrypts_for_a_persons_ssh_key_whatever_the_comment_behind_it() -> None:
    listed = CreationRule(".sops.yaml", 1, {"age": f"{TWO[0]}, {host_key()} me@home"})

    assert listed.recipients == {TWO[0], host_key()}


@pytest.mark.parametrize(
    ("rule", "plain"),
    [
        (yaml.safe_load(sops_config([TWO[0]]))["creation_rules"][0], ""),
        ({"encrypted_regex": "^(data|stringData)$"}, ""),
        ({"encrypted_regex": "^(data|stringData|values|spec)$"}, ""),
        ({"encrypted_regex": "((?i)(displayname|password|^data$|^stringData$))"}, ""),
        ({"encrypted_regex": "^(stringData|data)$", "mac_only_encrypted": True}, ""),
        ({"unencrypted_regex": "^(apiVersion|kind|metadata|type)$"}, ""),
        ({"unencrypted_suffix": "_unencrypted"}, ""),
        ({"encrypted_comment_regex": "secret"}, ""),
        ({}, ""),
        ({"encrypted_regex": "^(data)$"}, "stringData"),
        ({"encrypted_regex": "^stringData$"}, "data"),
        ({"encrypted_regex": "^(spec)$"}, "data stringData"),
        ({"encrypted_regex": "password"}, "data stringData"),
        ({"encrypted_suffix": "_secret"}, "data stringData"),
        ({"encrypted_suffix": "Data"}, "data"),
        ({"unencrypted_regex": "^(apiVersion|kind|metadata|stringData)$"}, "stringData"),
        ({"unencrypted_suffix": "ata"}, "data stringData"),
    ],
)
def test_what_a_rule_leaves_plain_of_a_secret(rule: dict[str, object], plain: str) -> None:
    assert CreationRule(".sops.yaml", 1, rule).plain_parts == plain.split()


def test_patterns_that_go_cannot_compile_are_told_with_the_rule_that_has_them(tmp_path: Path) -> None:
    rules = [r"\Qapps/\E.*[[:alnum:]]\.sops\.yaml$", r"(?P<a>apps)/\pL+\.sops\.yaml$", "(?!docs).*", r"(a)\1"]
    (tmp_path / "a.sops.yaml").write_text("a: ENC[x]\nsops: {mac: x, version: 3.9.0}\n")
    (tmp_path / ".sops.yaml").write_text(yaml.safe_dump({"creation_rules": [{"path_regex": each, "age": TWO[0]} for each in rules]}))

    findings = config_findings(Tree("t", tmp_path, ["a.sops.yaml", ".sops.yaml"]), {}, facts({}).keys)

    assert [each.line for each in findings if "cannot compile" in each.text] == [6, 8]
