"""Whatever stands in a repository, the check ends with findings, never with a fault of its own."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gitops.check.file_finding import FileFinding
from gitops.check.findings.judging import judge
from gitops.check.repository.tree import Tree
from tests.gitops.check.samples import facts

KEYS = (
    *("apiVersion", "kind", "metadata", "name", "namespace", "labels", "annotations", "spec", "data", "stringData", "items", "sops", "age"),
    *(
        "resources",
        "components",
        "patches",
        "patch",
        "target",
        "path",
        "secretGenerator",
        "configMapGenerator",
        "files",
        "envs",
        "literals",
    ),
    *("sourceRef", "decryption", "provider", "secretRef", "postBuild", "substituteFrom", "substitute", "targetNamespace", "labelSelector"),
    *("creation_rules", "path_regex", "encrypted_regex", "key_groups", "mac", "version", "recipient", "shamir_threshold", "op", "value"),
)
WORDS = (
    *(
        "v1",
        "Secret",
        "Kustomization",
        "kustomize.toolkit.fluxcd.io/v1",
        "GitRepository",
        "repository",
        "flux-system",
        "sops",
        "ENC[a]",
        "",
    ),
    *("apps", "./", "..", "kustomization.yaml", "a.yaml", "a.sops.yaml", "(", "a in (", "${A", "age1x", "/spec/0/a", "add", "ConfigMap"),
)
SCALARS = st.one_of(st.sampled_from(WORDS), st.none(), st.booleans(), st.integers(-2, 3), st.text(max_size=3))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS), inner, max_size=6)),
    max_leaves=20,
)
PATHS = (
    "apps/kustomization.yaml",
    "apps/a.yaml",
    "apps/a.sops.yaml",
    "apps/deep/a.yaml",
    "vars/a.yaml",
    ".sops.yaml",
    "apps/.sops.yaml",
    "a.json",
)


@pytest.mark.thorough
@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(PATHS), VALUES, min_size=1))
def test_no_content_breaks_the_check(content: dict[str, Any]) -> None:
    with TemporaryDirectory() as folder:
        for path, value in content.items():
            (Path(folder) / path).parent.mkdir(parents=True, exist_ok=True)
            (Path(folder) / path).write_text(yaml.safe_dump(value))
        found = judge(facts({}), lambda names: {name: Tree(name, Path(folder), content) for name in names}).findings
    assert all(isinstance(finding, FileFinding) for finding in found)
