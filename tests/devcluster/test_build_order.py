"""Several tools are built with one cache, one after the other, except that one links while the next compiles."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from devcluster.messages.errors import DevclusterError
from devcluster.toolchain.build_tools import build_missing_tools, entry, missing_tools
from devcluster.toolchain.go import go_command
from devcluster.toolchain.tool import all_tools, load_tool
from tests.devcluster.toolchain import FakeToolchain, fake_toolchain

NAME = "name = pathlib.Path.cwd().name; "
WAIT_FOR = "wait = lambda file: [time.sleep(0.01) for _ in range(1000) if not (here / file).exists()]; "
SAY_COMPILED = "print(f'example.org/{name}', file=sys.stderr, flush=True); "


@pytest.fixture
def toolchain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeToolchain]:
    made = fake_toolchain(tmp_path, monkeypatch)
    made.write("large", go_mod="module large", go_sum="", tool_yaml="programs: {large: example.org/large}\n")
    yield made
    go_command.cache_clear()


def builds(toolchain: FakeToolchain) -> list[dict[str, Any]]:
    return [call for call in toolchain.calls if call["arguments"][0] == "build"]


@pytest.mark.thorough
def test_all_tools_are_built_with_the_same_caches(toolchain: FakeToolchain) -> None:
    build_missing_tools()
    assert len(builds(toolchain)) == 2
    for cache in ("GOCACHE", "GOMODCACHE", "GOTMPDIR"):
        assert len({build["environment"][cache] for build in builds(toolchain)}) == 1, "they share most packages"


@pytest.mark.thorough
def test_all_programs_of_a_tool_are_built_at_once(toolchain: FakeToolchain) -> None:
    toolchain.write("large", tool_yaml="programs: {one: example.org/one, two: example.org/cmd/two}\n")
    build_missing_tools(["large"])
    (build,) = builds(toolchain)
    assert build["arguments"][-2:] == ["example.org/one", "example.org/cmd/two"]
    assert sorted(path.name for path in (entry(load_tool("large")) / "bin").iterdir()) == ["one", "two"]


@pytest.mark.thorough
def test_a_tool_that_only_tests_run_is_built_when_it_is_named(toolchain: FakeToolchain) -> None:
    toolchain.write("large", tool_yaml="programs: {large: example.org/large}\nneededFor: tests\n")
    assert [tool.name for tool in missing_tools()] == ["small"], "no demo waits for it"
    build_missing_tools()
    assert not entry(load_tool("large")).exists()

    build_missing_tools(["large"])
    assert (entry(load_tool("large")) / "bin" / "large").exists()
    assert len(builds(toolchain)) == 2


@pytest.mark.thorough
def test_make_test_builds_all_tools_with_the_same_caches(toolchain: FakeToolchain) -> None:
    toolchain.write("large", tool_yaml="programs: {large: example.org/large}\nneededFor: tests\n")
    build_missing_tools(also_for="tests")
    assert len({build["environment"]["GOCACHE"] for build in builds(toolchain)}) == 1
    assert len(builds(toolchain)) == 2


def test_go_names_several_programs_of_a_tool_as_tool_yaml_does() -> None:
    for tool in all_tools():
        if len(tool.programs) > 1:
            assert {program: package.rpartition("/")[2] for program, package in tool.programs.items()} == {p: p for p in tool.programs}


@pytest.mark.thorough
def test_a_tool_compiles_while_the_one_before_it_links(toolchain: FakeToolchain) -> None:
    toolchain.then(
        f"import time; {NAME}{WAIT_FOR}(here / f'{{name}} began').touch(); {SAY_COMPILED}wait('small began') if name == 'large' else None; "
        "(here / 'together').touch() if (here / 'small began').exists() else sys.exit('it never began'); succeed()"
    )
    build_missing_tools()
    assert missing_tools() == []


@pytest.mark.thorough
def test_no_tool_compiles_while_another_does(toolchain: FakeToolchain) -> None:
    toolchain.then(
        f"import time; {NAME}time.sleep(0.3) if name == 'large' else None; "
        "sys.exit('both compile, and what both need is compiled twice') if name == 'small' and not (here / 'compiled').exists() else None; "
        "(here / 'compiled').touch(); " + SAY_COMPILED + "succeed()"
    )
    build_missing_tools()
    assert missing_tools() == []


@pytest.mark.thorough
def test_the_modules_of_every_tool_are_downloaded_ahead_by_the_sums_of_their_files(toolchain: FakeToolchain) -> None:
    sums = "example.org/a v1.0.0 h1:a\nexample.org/a v1.0.0/go.mod h1:b\nexample.org/b v1.0.0/go.mod h1:c\n"
    toolchain.write("large", go_sum=sums)
    build_missing_tools()
    assert ["mod", "download", "example.org/a@v1.0.0"] in [call["arguments"] for call in toolchain.calls]


@pytest.mark.thorough
def test_the_first_failure_ends_the_build(toolchain: FakeToolchain) -> None:
    toolchain.write("other", go_mod="module other", go_sum="", tool_yaml="programs: {other: example.org/other}\n")
    toolchain.then(
        f"import time; {NAME}{WAIT_FOR}(here / f'{{name}} began').touch(); {SAY_COMPILED}"
        "wait('other began') if name == 'large' else time.sleep(60); sys.exit('fault of the linker')"
    )
    with pytest.raises(DevclusterError, match=r"large could not be built(.|\n)*fault of the linker"):
        build_missing_tools()
    assert len(builds(toolchain)) == 2, "what has not begun does not begin, and what runs is ended"
    assert toolchain.left_at_last(set()) == set()


@pytest.mark.thorough
def test_a_module_that_cannot_be_downloaded_is_told_as_a_failed_build(toolchain: FakeToolchain) -> None:
    toolchain.write("large", go_sum="example.org/a v1.0.0 h1:a\n")
    toolchain.then("sys.exit('example.org/a@v1.0.0: 404 Not Found') if arguments[0] == 'mod' else succeed()")
    with pytest.raises(DevclusterError, match=r"large could not be built(.|\n)*404 Not Found(.|\n)*devcluster build large"):
        build_missing_tools()


@pytest.mark.thorough
def test_a_tool_that_one_command_needs_is_built_for_that_command_alone(toolchain: FakeToolchain) -> None:
    toolchain.write("peer", go_mod="module peer", go_sum="", tool_yaml="programs: {peer: example.org/peer}\nneededFor: bench\n")
    build_missing_tools()
    assert [tool.name for tool in missing_tools("bench")] == ["peer"]
    assert len(builds(toolchain)) == 2, "a cold start builds no more than before"

    build_missing_tools(also_for="bench")
    assert missing_tools("bench") == []
