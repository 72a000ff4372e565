"""Rules about the program's own source that neither ruff nor mypy nor import-linter can hold."""

import ast
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from tests.engine import REPOSITORY
from tests.hygiene.source_code import PROGRAM, dotted, imported, modules, shown, text, tree, walked

LONGEST_ENTRY_POINT = 30
LONGEST_MODULE = 300

CONFIG_READERS = {
    "stacks/inputs/config.py",
    "stacks/inputs/own_state.py",
    "stacks/inputs/config_secrets.py",
    "stacks/offline.py",  # stands in for the engine: it sets what the reader reads
}
ENVIRONMENT_READERS = {
    "stacks/inputs/environment_values.py",
    "stacks/inputs/limited_run.py",
    "stacks/inputs/config_secrets.py",
    "stacks/inputs/stack_kubeconfig.py",  # KUBECONFIG, as kubectl reads it
    "live/access/target.py",  # the same, for commands
    "live/client/connection.py",  # which variable names the proxy that the client library cannot use
    "live/access/api_server.py",  # what the provider is told about a cluster that is not there
    "flux/environment.py",  # where the user's cache lies, for the manifests' cache and the embedded cluster alike
}
FILE_READERS = {
    "flux/atomic_write.py",  # writes what whoever names the file gives it
    "flux/patching/kubernetes_types.py",  # a file of this program
    "flux/pinned_files.py",  # a file of this program: checksums
    "flux/bounded_documents.py",  # for whoever names the file
    "live/access/kubeconfig_parser.py",
    "live/access/embedding.py",  # certificates, keys and tokens that the kubeconfig names
    "stacks/reading/moved_files.py",  # where older versions read what people write
    "stacks/reading/yaml_file.py",  # the stack file and the catalog, by the path that settings gives
    "stacks/inputs/project_directory.py",  # which stacks have a file
    "stacks/inputs/committed_file.py",  # what a stack file names beside itself
    "stacks/documents/json_schemas.py",  # a command: it writes what is generated from the models
    "flux/release/distribution.py",  # install manifests, by the directory that settings gives
    "flux/release/blob_store.py",  # the cache of what it pulled
    "flux/release/docker_login.py",  # the login for a registry
    "flux/release/tarball.py",  # a file in memory
}
MAY_IMPORT_RUNTIME = {"tests/engine.py", "tests/monitor.py"}

FILE_METHODS = {
    "open",
    "content_of",
    "read_text",
    "read_bytes",
    "write_text",
    "write_bytes",
    "iterdir",
    "glob",
    "rglob",
    "extractall",
    "walk",
}


PRINTERS = {
    "gitops/terminal.py",
    "gitops/telling.py",  # a message in colours, made of lines that are visible already
    "stacks/words/log.py",  # through the engine
}


def prints(module: ast.Module) -> Iterator[int]:
    for node in walked(module):
        if isinstance(node, ast.Call):
            called = dotted(node.func) if isinstance(node.func, ast.Attribute | ast.Name) else ""
            if called in ("print", "typer.echo", "console.print", "sys.stdout.write", "sys.stderr.write") or called.startswith(
                "pulumi.log."
            ):
                yield node.lineno


def reads_config(module: ast.Module) -> Iterator[int]:
    for node in walked(module):
        if isinstance(node, ast.Attribute) and dotted(node) in (
            "pulumi.Config",
            "pulumi.get_stack",
            "pulumi.get_project",
            "pulumi.runtime",
        ):
            yield node.lineno
    for line, name in imported(module):
        if name in ("pulumi.Config", "pulumi.get_stack", "pulumi.get_project") or name.startswith(("pulumi.runtime", "pulumi.config")):
            yield line


def reads_environment(module: ast.Module) -> Iterator[int]:
    for node in walked(module):
        if isinstance(node, ast.Attribute) and dotted(node) in ("os.environ", "os.getenv"):
            yield node.lineno
    for line, name in imported(module):
        if name in ("os.environ", "os.getenv"):
            yield line


def reads_files(module: ast.Module) -> Iterator[int]:
    for node in walked(module):
        if isinstance(node, ast.Call):
            method = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id if isinstance(node.func, ast.Name) else ""
            if method in FILE_METHODS:
                yield node.lineno


@pytest.mark.parametrize(
    ("reader", "allowed"),
    [(reads_config, CONFIG_READERS), (reads_environment, ENVIRONMENT_READERS), (reads_files, FILE_READERS)],
    ids=["config and stack name", "process environment", "files"],
)
def test_inputs_are_read_in_the_listed_modules_only(reader: Callable[[ast.Module], Iterator[int]], allowed: set[str]) -> None:
    found = {file: lines for file in modules(*PROGRAM) if (lines := sorted(set(reader(tree(file)))))}

    hidden = [shown(file, lines) for file, lines in found.items() if file not in allowed]
    assert not hidden, f"hidden input: read it in stacks/inputs and pass it as an argument: {'; '.join(hidden)}"
    assert found.keys() == allowed, f"no longer reads anything, so take it off the list: {sorted(allowed - found.keys())}"


@pytest.mark.parametrize(
    ("source", "reader"),
    [
        ("import pulumi\nx = pulumi.Config('gitops')", reads_config),
        ("from pulumi import Config", reads_config),
        ("import pulumi\nx = pulumi.get_stack()", reads_config),
        ("import pulumi.runtime.config", reads_config),
        ("import os\nx = os.environ['A']", reads_environment),
        ("from os import getenv", reads_environment),
        ("x = open('f')", reads_files),
        ("x = path.read_text()", reads_files),
        ("x = content_of(path, bounds)", reads_files),
        ("x = sorted(path.glob('*'))", reads_files),
    ],
)
def test_the_search_for_hidden_inputs_finds_them(source: str, reader: Callable[[ast.Module], Iterator[int]]) -> None:
    assert list(reader(ast.parse(source)))


def test_what_is_printed_goes_through_a_door_that_makes_it_visible() -> None:
    found = {file: lines for file in modules(*PROGRAM, "gitops") if (lines := sorted(set(prints(tree(file)))))}

    assert found.keys() == PRINTERS, [shown(file, lines) for file, lines in found.items() if file not in PRINTERS]


@pytest.mark.parametrize("source", ["print(1)", "typer.echo(1)", "import sys\nsys.stdout.write('a')", "pulumi.log.warn('a')"])
def test_the_search_for_what_prints_finds_it(source: str) -> None:
    assert list(prints(ast.parse(source)))


def test_the_entry_point_is_a_table_of_contents() -> None:
    branches = (ast.If, ast.IfExp, ast.For, ast.While, ast.Try, ast.Match, ast.comprehension, ast.FunctionDef, ast.ClassDef, ast.BoolOp)

    lines = (REPOSITORY / "__main__.py").read_text(encoding="utf-8").splitlines()
    found = [node for node in walked(tree("__main__.py")) if isinstance(node, branches)]

    assert len(lines) <= LONGEST_ENTRY_POINT, "what it does belongs into stacks/"
    assert not found, f"decisions belong into stacks/: {[ast.unparse(node) for node in found]}"


def test_modules_are_short() -> None:
    long = {file: count for file in modules() if (count := len(text(file).splitlines())) > LONGEST_MODULE}

    assert not long, f"more than {LONGEST_MODULE} lines; split by idea: {long}"


def test_annotations_in_components_stay_types() -> None:
    # Pulumi's Analyzer reads annotations as they are; as strings it cannot (AttributeError: 'str' object has no attribute '__mro__').
    postponed = [
        shown(file, [line]) for file in modules("components") for line, name in imported(tree(file)) if name == "__future__.annotations"
    ]

    assert not postponed


def test_only_the_engine_double_imports_pulumis_runtime() -> None:
    # Part of it is not public: a change of it has to be mended in one place. The protocol (`proto`) is public, and of plugins, too.
    found = {
        file
        for file in modules("tests")
        if "runtime" in text(file)
        and any(name.startswith("pulumi.runtime") and not name.startswith("pulumi.runtime.proto") for _, name in imported(tree(file)))
    }

    assert found == MAY_IMPORT_RUNTIME


RESOURCE_BASES = ("ComponentResource", "CustomResource", "KubernetesObject", "ProviderResource")
RESOURCE_PACKAGES = ("pulumi_kubernetes", "pulumi_random", "k8s")


def own_resource_classes() -> set[str]:
    return {
        node.name
        for file in modules("components")
        for node in walked(tree(file))
        if isinstance(node, ast.ClassDef) and any(dotted(base).rpartition(".")[2] in RESOURCE_BASES for base in node.bases)
    }


def made_inside_apply(module: ast.Module, classes: set[str]) -> Iterator[tuple[int, str]]:
    functions = {node.name: node for node in walked(module) if isinstance(node, ast.FunctionDef)}
    for call in walked(module):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "apply" and call.args):
            continue
        passed: ast.AST | None = call.args[0]
        if isinstance(passed, ast.Name):
            passed = functions.get(passed.id)
        for inner in ast.walk(passed) if passed else ():
            if isinstance(inner, ast.Call):
                name = dotted(inner.func)
                if name.rpartition(".")[2] in classes or name.startswith(RESOURCE_PACKAGES) or name == "pulumi.export":
                    yield inner.lineno, name


def test_no_resource_is_made_inside_apply() -> None:
    classes = own_resource_classes() | set(RESOURCE_BASES)
    assert {"GitSource", "KubernetesObject"} <= classes

    found = [f"{shown(file, [line])} {name}" for file in modules(*PROGRAM) for line, name in made_inside_apply(tree(file), classes)]

    assert not found, f"invisible to every preview in which the value is unknown: {found}"


@pytest.mark.parametrize(
    "source",
    [
        "x.apply(lambda v: GitSource(v))",
        "x.apply(lambda v: [k8s.core.v1.Secret(v)])",
        "def make(v):\n  return pulumi_kubernetes.Provider(v)\nx.apply(make)",
        "x.apply(lambda v: pulumi.export('a', v))",
    ],
)
def test_the_search_for_resources_inside_apply_finds_them(source: str) -> None:
    assert list(made_inside_apply(ast.parse(source), {"GitSource"}))


NOT_IMPORTED = {"cryptography", "kubernetes", "rich", "sigstore", "tuf", "requests", "re2"}


@pytest.mark.thorough
def test_the_program_does_not_import_what_most_runs_do_not_need() -> None:
    # Each costs a part of a second in every preview; who needs one imports it where it is needed.
    script = "import sys, stacks.cluster, stacks.settings; print(*{name.partition('.')[0] for name in sys.modules})"

    done = subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=True)

    assert NOT_IMPORTED & set(done.stdout.split()) == set()


def without_default(module: ast.Module) -> Iterator[int]:
    """Lines of each `match` whose last case does not take everything: what nobody thought of would silently fall through."""
    for node in walked(module):
        if isinstance(node, ast.Match):
            last = node.cases[-1]
            if last.guard or not isinstance(last.pattern, ast.MatchAs) or last.pattern.pattern:
                yield node.lineno


def test_every_match_has_a_case_for_the_rest() -> None:
    assert [shown(file, lines) for file in modules() if (lines := [*without_default(tree(file))])] == []


@pytest.mark.parametrize(("case", "found"), [("case 1", 1), ("case x if x > 1", 1), ("case int() as x", 1), ("case _", 0), ("case x", 0)])
def test_a_match_without_a_default_is_found(case: str, found: int) -> None:
    assert len([*without_default(ast.parse(f"match y:\n    case 0:\n        pass\n    {case}:\n        pass\n"))]) == found
