"""All tools compile the same version of a module, so that one build cache holds each package once: docs/cold-start.md.

What go.sum has the sum of the files of is what the tool compiles, so this needs neither Go nor a network.
"""

import re
from collections import defaultdict

from devcluster.toolchain.tool import TOOLS_DIRECTORY, all_tools

OWN_VERSIONS = {
    # pkg/v3 renders Markdown with a glamour that needs the tables of v0, and Gitea those of v1.
    "github.com/olekukonko/tablewriter": {"gitea", "pulumi"},
    # The last tagged language host is much older than the engine.
    "github.com/pulumi/pulumi/sdk/v3": {"pulumi", "pulumi-language-python"},
    # Gitea's actionlint does not compile with rc.4, and pkg/v3 asks for it.
    "go.yaml.in/yaml/v4": {"gitea", "pulumi"},
}
"""Modules that some tools need in a version of their own, each with the reason."""


def versions() -> dict[str, dict[str, set[str]]]:
    """Module → version → the tools that compile it."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for tool in all_tools():
        for module in tool.modules:
            path, _, version = module.partition("@")
            found[path][version].add(tool.name)
    return found


def replaced(name: str) -> set[str]:
    """The `replace` lines of a tool's go.mod."""
    text = (TOOLS_DIRECTORY / name / "go.mod").read_text()
    return {" ".join(line.split()) for line in re.findall(r"^(?:replace)?\s+(\S+(?: v\S+)? => .+?)(?:\s*//.*)?$", text, re.MULTILINE)}


def test_all_tools_compile_the_same_version_of_a_module() -> None:
    apart = {
        module: {version: sorted(tools) for version, tools in by_version.items()}
        for module, by_version in versions().items()
        if len(by_version) > 1 and set().union(*by_version.values()) != OWN_VERSIONS.get(module)
    }
    assert not apart, (
        "each of these is compiled more than once, and all that imports it, too: raise the lower version in the go.mod of its tools "
        "(`// indirect`), and write go.sum anew with `go list -mod=mod -deps` of the tool's programs"
    )


def test_every_version_of_its_own_is_still_needed() -> None:
    assert {module for module in OWN_VERSIONS if len(versions()[module]) < 2} == set()


def test_a_module_is_replaced_in_all_tools_or_in_none() -> None:
    replacing = {tool.name: replaced(tool.name) for tool in all_tools()}
    lines = set().union(*replacing.values())
    assert "github.com/nektos/act => gitea.com/gitea/act v0.261.10" in lines, "this test must see replacements"
    for line in lines:
        old, new = (side.split()[0] for side in line.split(" => "))
        users = set().union(*versions()[old].values(), *versions()[new].values()) - OWN_VERSIONS.get(old, set())
        assert {name for name in users if line not in replacing[name]} == set(), (
            f"`{line}` and the same version by `require` are different entries of the build cache"
        )


def test_no_go_mod_names_a_version_that_its_go_sum_does_not() -> None:
    known = versions()
    for tool in all_tools():
        text = (TOOLS_DIRECTORY / tool.name / "go.mod").read_text()
        for module, version in re.findall(r"^(?:require)?\s+(\S+) (v\S+)(?: // indirect)?$", text, re.MULTILINE):
            compiled = {found for found, tools in known[module].items() if tool.name in tools}
            assert compiled <= {version}, f"{tool.name}: go.sum was written for another go.mod; `-mod=readonly` would refuse"
