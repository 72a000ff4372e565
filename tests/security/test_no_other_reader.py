"""One bounded reader for what somebody else wrote: no other module parses, unpacks or follows."""

import ast
from collections.abc import Iterator

import pytest

from tests.hygiene.source_code import dotted, modules, tree, walked

ROOMS = ("components", "flux", "gitops", "live", "stacks")
ALONE = {
    "flux/bounded_documents.py": {"json.loads", "loader.construct_document"},
    "flux/counted_nodes.py": {"yaml.parse"},  # of events, which need no memory
    "flux/quick_loader.py": {"….construct_document"},  # of its base class
    "stacks/reading/yaml_file.py": {"loader.construct_document"},  # of nodes that were counted
}
"""Who may call what."""
PARSERS = {
    *("json.load", "json.loads", "yaml.load", "yaml.load_all", "yaml.safe_load", "yaml.safe_load_all", "yaml.full_load", "yaml.parse"),
    *("yaml.compose", "yaml.unsafe_load", "pickle.loads", "pickle.load", "marshal.loads", "tomllib.loads", "tomllib.load"),
    *("shutil.unpack_archive", "zipfile.ZipFile", "gzip.open", "gzip.decompress", "zlib.decompress"),
}
METHODS = {"extractall", "extract", "json", "construct_document", "get_data", "get_single_data"}
"""Of an archive, of an answer of httpx, and of a loader of YAML."""


def readers() -> Iterator[str]:
    yield from modules(*ROOMS)
    # The embedded cluster reads its own files; what it reads of servers is bounded, too.
    yield "devcluster/control_plane/kube_client.py"
    yield "devcluster/providers/kubernetes/api_client.py"


def called(module: ast.Module) -> Iterator[tuple[str, int]]:
    for node in walked(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name = dotted(node.func) or f"….{node.func.attr}"
            if name in PARSERS or node.func.attr in METHODS:
                yield name, node.lineno


@pytest.mark.parametrize("room", [*ROOMS, "devcluster"])
def test_a_reader_without_bounds_is_written_beside_the_bounded_one(room: str) -> None:
    found = []
    for file in readers():
        if file.startswith(f"{room}/"):
            allowed = ALONE.get(file, set())
            found += [f"{file}:{line} {name}" for name, line in called(tree(file)) if name not in allowed]
    assert not found, "read it with flux/bounded_documents.py"


@pytest.mark.parametrize("room", ROOMS)
def test_a_client_follows_redirects_wherever_they_lead(room: str) -> None:
    found = []
    for file in modules(room):
        for node in walked(tree(file)):
            if isinstance(node, ast.keyword) and node.arg in ("follow_redirects", "allow_redirects", "redirect"):
                follows = not (isinstance(node.value, ast.Constant) and node.value.value is False)
                found += [f"{file}:{node.value.lineno}"] if follows else []
            if isinstance(node, ast.Call) and dotted(node.func) in ("urllib.request.urlopen", "urlopen"):
                found.append(f"{file}:{node.lineno}")
    assert not found, "a redirect leads where a server likes"
