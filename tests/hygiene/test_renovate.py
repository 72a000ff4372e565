"""renovate.json finds every pin that no manager of Renovate finds by itself, and leaves alone what is made for tests."""

import itertools
import json
import re
from fnmatch import fnmatch
from typing import Any

import re2
import yaml

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


def test_the_patterns_are_ones_that_renovate_can_compile() -> None:
    patterns = itertools.chain.from_iterable(manager["matchStrings"] for manager in CONFIG["customManagers"])

    assert [re2.compile(pattern.replace("(?<", "(?P<")).groups for pattern in patterns] == [3, 3, 7]


def rules_for(package: str, file: str) -> dict[str, Any]:
    """What the rules make of an update, the last one of each key: names and files as Renovate matches them."""
    found: dict[str, Any] = {}
    for rule in CONFIG["packageRules"]:
        names, files = rule.get("matchPackageNames", ["**"]), rule.get("matchFileNames", ["**"])
        if any(fnmatch(package, name) for name in names) and any(fnmatch(file, name) for name in files) and "matchManagers" not in rule:
            found |= rule
    return found


def test_flux_comes_at_the_same_time_for_the_clusters_and_the_tests_and_the_last_python_host_stays() -> None:
    tools = "devcluster/toolchain/tools"
    monthly = rules_for("k8s.io/kubernetes", f"{tools}/kubernetes/go.mod")
    of_tests = rules_for("github.com/fluxcd/source-controller", f"{tools}/source-controller/go.mod")
    of_clusters = rules_for("ghcr.io/fluxcd/flux-manifests", "Pulumi.production.yaml")

    assert (monthly["groupName"], monthly["schedule"]) == ("Programs of the embedded cluster", ["* 0-5 1 * *"])
    assert of_tests["groupName"] == of_clusters["groupName"] == "Flux"
    assert of_tests["schedule"] == of_clusters["schedule"] == ["at any time"]
    assert rules_for("github.com/pulumi/pulumi/sdk/v3", f"{tools}/pulumi-language-python/go.mod")["enabled"] is False
    assert "enabled" not in rules_for("github.com/pulumi/pulumi/sdk/v3", f"{tools}/pulumi/go.mod")


def test_a_version_that_is_built_into_a_program_is_that_of_its_module_which_renovate_updates() -> None:
    stamped = {}
    for file in sorted((REPOSITORY / "devcluster" / "toolchain" / "tools").glob("*/tool.yaml")):
        tool = yaml.safe_load(file.read_text())
        needed = dict(re.findall(r"^(?:require)?\s*(\S+) v(\S+)", (file.parent / "go.mod").read_text(), re.MULTILINE))
        for written in re.findall(r"[vV]ersion=v?([0-9]\S*)", tool.get("ldflags", "")):
            program = next(iter(tool["programs"].values()))
            module = max((each for each in needed if f"{program}/".startswith(f"{each}/")), key=len)
            stamped[file.parent.name] = written
            assert written == needed[module], f"{file.parent.name}/tool.yaml: write {needed[module]}, as {module} has in go.mod"
        for name, written in re.findall(r"git(Major|Minor)=([0-9]+)", tool.get("ldflags", "")):
            assert written == stamped[file.parent.name].split(".")[name == "Minor"]

    assert stamped.keys() == {"act", "gitea", "kubernetes", "kwok", "pulumi"}
