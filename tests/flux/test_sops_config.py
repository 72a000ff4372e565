"""The .sops.yaml that fits a cluster."""

import pytest
import yaml

from flux.keys.age_identity import identity_from_seed, recipient_of
from flux.keys.sops_creation_rules import sops_config
from tests.flux.sops import encrypt

CLUSTER, PERSON = recipient_of(identity_from_seed("cluster")), recipient_of(identity_from_seed("person"))
BODY = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "it"}, "stringData": {"key": "plain"}}


def test_its_text_is_short_and_names_each_recipient_on_a_line() -> None:
    assert sops_config([CLUSTER, PERSON]) == (
        "creation_rules:\n"
        "  - path_regex: \\.sops\\.ya?ml$\n"
        "    encrypted_regex: ^(data|stringData)$\n"
        "    age: >-\n"
        f"      {CLUSTER},\n"
        f"      {PERSON}\n"
    )


def test_nobody_is_listed_twice_and_without_recipients_there_is_no_rule() -> None:
    assert sops_config([CLUSTER, PERSON, CLUSTER]) == sops_config([CLUSTER, PERSON])
    assert sops_config([]) == ""


@pytest.mark.thorough
def test_sops_reads_the_recipients_and_encrypts_nothing_but_the_values() -> None:
    encrypted = yaml.safe_load(encrypt(yaml.safe_dump(BODY).encode(), sops_config([CLUSTER, PERSON])))

    assert {each["recipient"] for each in encrypted["sops"]["age"]} == {CLUSTER, PERSON}
    assert encrypted["stringData"]["key"].startswith("ENC[")
    assert {key: encrypted[key] for key in ("apiVersion", "kind")} == {"apiVersion": "v1", "kind": "Secret"}
    assert encrypted["metadata"] == {"name": "it"}, "Flux must be able to tell what it is"


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("path", "covered"), [("a.sops.yaml", True), ("k/a/b.sops.yml", True), ("a.yaml", False), ("a.sops.yaml.bak", False)]
)
def test_it_covers_files_that_end_in_sops_yaml(path: str, covered: bool) -> None:
    if covered:
        assert encrypt(yaml.safe_dump(BODY).encode(), sops_config([CLUSTER]), path=path)
    else:
        with pytest.raises(AssertionError, match="no matching creation rules found"):
            encrypt(yaml.safe_dump(BODY).encode(), sops_config([CLUSTER]), path=path)
