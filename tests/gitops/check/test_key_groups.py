"""`gitops check` of files that are encrypted in key groups, of which sops needs several."""

from pathlib import Path

import pytest
import yaml

from tests.gitops.check.samples import RECIPIENTS
from tests.gitops.check.stack import encrypted_for, pushed, run

pytestmark = pytest.mark.thorough


def in_groups(*groups: str, threshold: int) -> str:
    """The encrypted variables of the cluster, of which `threshold` of these groups must be opened."""
    sealed = yaml.safe_load(encrypted_for("current"))
    written: list[dict[str, object]] = [
        {"pgp": [{"fp": "0" * 40}]} if who == "pgp" else {"age": [{"recipient": RECIPIENTS[who]}]} for who in groups
    ]
    sealed["sops"] |= {"age": None, "key_groups": written, "shamir_threshold": threshold}
    return str(yaml.safe_dump(sealed))


def test_of_a_file_with_key_groups_the_record_says_which_and_how_many_are_needed(clone: Path) -> None:
    pushed(clone, {"vars/cluster-secrets.sops.yaml": in_groups("old", "current", "pgp", threshold=2)})
    assert run("--stack", "homelab")[0] == 0
    recorded = yaml.safe_load((clone / "checked" / "homelab.yaml").read_text())
    assert recorded["repositories"][0]["files"]["vars/cluster-secrets.sops.yaml"] == {
        "threshold": 2,
        "groups": [[RECIPIENTS["old"]], [RECIPIENTS["current"]], ["pgp"]],
    }
    code, out, _ = run("--stack", "homelab", "--without", "2026-05")
    assert (code, "needs-removed-key" in out) == (1, True)
    told = " ".join(out.split())
    assert 'cannot be read without "2026-05", which is to be removed' in told
    assert "into .sops.yaml (into key groups: 2 of 3 are needed), run `sops updatekeys" in told


def test_another_key_counts_for_its_own_group_alone(clone: Path) -> None:
    file = clone / "Pulumi.homelab.yaml"
    file.write_text(file.read_text().replace("  gitops:use", "  gitops:decryption: {keyServices: [vault-token]}\n  gitops:use"))
    catalog = clone / "catalog.yaml"
    catalog.write_text(catalog.read_text().replace("{provider: sops}", "{provider: sops, secretRef: {name: sops-age}}"))
    pushed(clone, {"vars/cluster-secrets.sops.yaml": in_groups("person", "stranger", "pgp", threshold=2)})
    code, out, _ = run("--stack", "homelab")
    assert "is encrypted in too few of its key groups for a key of this cluster" in out
    assert code == 1
