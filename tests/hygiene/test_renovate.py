"""renovate.json finds every pin that no manager of Renovate finds by itself, and leaves alone what is made for tests."""

import json
import re
from fnmatch import fnmatch
from typing import Any

from stacks.reading.yaml_file import read_yaml
from tests.engine import REPOSITORY
from tests.hygiene.source_code import committed_files

CONFIG: dict[str, Any] = json.loads((REPOSITORY / "renovate.json").read_text())
CATALOG = """\
  keda: {url: oci://ghcr.io/home-operations/charts-mirror/keda, groups: [system], spec: {ref: {tag: 2.19.0}}}
  own: {url: oci://registry.test:5000/org/own, spec: {ref: {tag: "1.2", digest: sha256:%s}}}
  spegel: {url: oci://ghcr.io/spegel-org/helm-charts/spegel, groups: [system], spec: {ref: {semver: 0.3.x}}}
  # renovate: datasource=gitea-tags depName=org/argo
  argo-workflows: {from: gitea/argo, spec: {ref: {branch: null, tag: v1.4.0}}}
""" % ("a" * 64)  # fmt: skip


def matches(patterns: list[str], file: str) -> bool:
    """As Renovate reads `managerFilePatterns`: between slashes, each is a regular expression."""
    return any(re.search(pattern.strip("/"), file) for pattern in patterns)


def found(file: str, text: str) -> list[tuple[str, str, str | None]]:
    """Name, version and digest of each pin that the custom managers find."""
    pins = []
    for manager in CONFIG["customManagers"]:
        if matches(manager["managerFilePatterns"], file):
            for pattern in manager["matchStrings"]:
                for each in re.finditer(pattern.replace("(?<", "(?P<"), text):
                    pins.append((each["depName"], each["currentValue"], each["currentDigest"]))
    return pins


def test_renovate_finds_flux_in_each_stack_file_that_pins_it() -> None:
    files = [file for file in committed_files() if re.fullmatch(r"Pulumi\.\w+\.yaml", file)]
    pinned = {file: (REPOSITORY / file).read_text() for file in files if "@sha256" in (REPOSITORY / file).read_text()}

    assert {*pinned} == {"Pulumi.production.yaml", "Pulumi.staging.yaml"}
    for file, text in pinned.items():
        config: Any = read_yaml(REPOSITORY / file, file).value
        assert [f"{name}:{version}@{digest}" for name, version, digest in found(file, text)] == [
            config["config"]["gitops:flux"]["manifests"]
        ]


def test_renovate_finds_what_a_catalog_pins_and_no_range() -> None:
    assert found("catalog.yaml", CATALOG) == [
        ("ghcr.io/home-operations/charts-mirror/keda", "2.19.0", None),
        ("registry.test:5000/org/own", "1.2", "sha256:" + "a" * 64),
        ("org/argo", "v1.4.0", None),
    ]


def test_renovate_reads_every_file_with_pins_and_none_of_a_test() -> None:
    def read(file: str) -> bool:
        return not any(fnmatch(file, pattern) for pattern in CONFIG["ignorePaths"])

    read_by_gomod = [file for file in committed_files() if file.endswith("/go.mod") and read(file)]
    assert len(read_by_gomod) == 1 + len(list((REPOSITORY / "devcluster" / "toolchain" / "tools").iterdir()))
    locked = [file for file in committed_files() if re.fullmatch(r"requirements/\w+\.(txt|in)", file)]
    assert len(locked) >= 5
    assert all(read(file) and matches(CONFIG["pip_requirements"]["managerFilePatterns"], file) for file in [*locked])
    workflows = [file for file in committed_files() if re.fullmatch(r"workflows/.*\.yaml", file)]
    assert all(read(file) and matches(CONFIG["github-actions"]["managerFilePatterns"], file) for file in workflows)
    assert read("pyproject.toml")
    assert not read("devcluster/gitea/repositories/chat-handler/go.mod")
