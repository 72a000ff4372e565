"""What the check says that Flux would do with an encrypted object that no Kustomization decrypts.

kustomize-controller 1.9 was read, and its normalisation (fluxcd/pkg/ssa 0.77, `normalize.UnstructuredList`) was run on such objects. It
drops `sops` of a Secret with `stringData` alone and of every other built-in kind, which are then applied with the cipher text. A Secret
with cipher text under `data` keeps it, and is refused.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

from gitops.check.findings.judging import judge
from gitops.check.repository.tree import Tree
from tests.gitops.check.samples import CIPHER, RECIPIENTS, facts

pytestmark = pytest.mark.thorough

REFUSES = "kustomize-controller refuses such a Secret: all of Kustomization apps would fail."
AS_IT_IS = "Flux would put the cipher text into a Secret as it is, and report Kustomization apps as ready."
EITHER = "Flux would apply the cipher text as it is, or the API server would refuse it."
WITHOUT = {"kustomizations": {"apps": {"inherit": ["postBuild"], "spec": {"decryption": None}}}}


def encrypted(kind: str, api_version: str = "v1", **body: Any) -> str:
    sops = {"age": [{"recipient": RECIPIENTS["current"], "enc": "made up"}], "mac": CIPHER, "version": "3.11.0"}
    metadata = {"name": "a", "namespace": "default"}
    return yaml.safe_dump({"apiVersion": api_version, "kind": kind, "metadata": metadata, **body, "sops": sops})


def consequence(folder: Path, files: dict[str, str]) -> str:
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    findings = judge(facts(WITHOUT), lambda names: {name: Tree(name, folder, files) for name in names}).findings
    (found,) = [each for each in findings if each.rule == "not-decrypted"]
    assert found.message.wrong == "is encrypted, but Kustomization apps applies it without decrypting"
    return found.message.consequence


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (encrypted("Secret", data={"a": CIPHER}), REFUSES),
        (encrypted("Secret", data={"a": CIPHER}, stringData={"b": CIPHER}), REFUSES),
        (encrypted("Secret", stringData={"a": CIPHER}), AS_IT_IS),
        (encrypted("Secret", data={"a": "YQ=="}, stringData={"b": CIPHER}), AS_IT_IS),
        (encrypted("ConfigMap", data={"a": CIPHER}), EITHER),
        (encrypted("Secret", "example.org/v1", data={"a": CIPHER}), EITHER),
        (encrypted("HelmRelease", "helm.toolkit.fluxcd.io/v2", spec={"a": CIPHER}), EITHER),
    ],
    ids=["data", "both", "stringData", "readable data", "a ConfigMap", "a Secret of another group", "a custom resource"],
)
def test_an_encrypted_object_that_nobody_decrypts(text: str, expected: str, tmp_path: Path) -> None:
    assert consequence(tmp_path, {"apps/a.sops.yaml": text}) == expected


def test_an_encrypted_file_of_a_secret_generator_that_nobody_decrypts(tmp_path: Path) -> None:
    env = f"A={CIPHER}\nsops_age__list_0__map_recipient={RECIPIENTS['current']}\nsops_mac={CIPHER}\nsops_version=3.11.0\n"
    files = {"apps/kustomization.yaml": "secretGenerator: [{name: a, envs: [a.sops.env]}]\n", "apps/a.sops.env": env}
    assert consequence(tmp_path, files) == AS_IT_IS
