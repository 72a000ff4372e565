"""How long it takes from the files' values to judged bodies, as a ratio to parsing the same YAML."""

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml

from bench.errors import BenchError
from devcluster.toolchain.build_tools import build_missing_tools, entry
from devcluster.toolchain.tool import load_tool
from flux.owners_mark import OwnersMark
from flux.release.distribution import Distribution, read_distribution
from flux.release.install import install_objects
from stacks.choosing.choose import choose
from stacks.choosing.installation import Installation, install_options
from stacks.contract.catalog import Catalog
from stacks.contract.stack import Stack
from stacks.judging.check_objects import check_objects
from stacks.reading.document import Document, Places
from stacks.reading.validation import validate
from stacks.reading.yaml_file import A_CATALOG, read_yaml
from stacks.words.place import Place
from stacks.words.problems import Problem

OBJECTS = 1000
ROUNDS = 7
GOAL = 3.0
NOTHING_TIMED = "Judging what is refused takes another time, so nothing was measured."
MEND = "Change STACK or catalog_of in bench/validation_time.py to what the contract accepts now."
STACK = {
    "environment": "production",
    "cluster": {"name": "bench", "context": "bench", "server": "https://127.0.0.1:6443", "caSha256": "0" * 64},
    "flux": {"manifests": f"registry.example.org/flux-manifests:v2.9.4@sha256:{'0' * 64}"},
    "use": ["base"],
    "onDestroy": "keepWorkloads",
}


def validation_line() -> str:
    """Measure, and say in a line what came out. Processor time, side by side: what else the machine does counts for neither."""
    distribution = _distribution()
    text = yaml.safe_dump(catalog_of(OBJECTS))
    document = _read(text)
    ratios = []
    for _ in range(ROUNDS):
        started = time.process_time()
        yaml.load(text, Loader=yaml.CSafeLoader)
        parsed = time.process_time()
        _judge(document, distribution)
        ratios.append((time.process_time() - parsed) / (parsed - started))
    median = statistics.median(ratios)
    verdict = "met" if median <= GOAL else "not met"
    return (
        f"values → judged bodies of {OBJECTS} sources and {OBJECTS} Kustomizations: {median:.2f} times parsing their YAML "
        f"({min(ratios):.2f} to {max(ratios):.2f}). Goal: at most {GOAL:.0f}: {verdict}."
    )


def _read(text: str) -> Document:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "catalog.yaml"
        file.write_text(text)
        return read_yaml(file, file.name, A_CATALOG)


def _distribution() -> Distribution:
    return read_distribution(manifests())


def manifests() -> Path:
    """Flux's manifests, out of the cache or built for it."""
    build_missing_tools(["flux-manifests"])
    return entry(load_tool("flux-manifests")) / "share" / "v2.9.4"


def catalog_of(objects: int) -> dict[str, Any]:
    """A catalog with so many sources and Kustomizations, of which nine in ten wait for the one before."""
    return {
        "hosts": {"git": {"url": "https://git.example.org/bench"}},
        "defaults": {
            "GitRepository": {"interval": "15m", "ref": {"branch": "main"}},
            "Kustomization": {"interval": "1h", "prune": True, "timeout": "5m"},
        },
        "git": {f"repository-{number}": {"from": f"git/repository-{number}", "spec": {"timeout": "1m"}} for number in range(objects)},
        "kustomizations": {
            f"app-{number}": {
                "spec": {
                    "sourceRef": {"kind": "GitRepository", "name": f"repository-{number}"},
                    "path": f"./apps/{number}",
                    "wait": True,
                    "dependsOn": [{"name": f"app-{number - 1}"}] if number % 10 else [],
                }
            }
            for number in range(objects)
        },
    }


def _judge(document: Document, distribution: Distribution) -> None:
    problems: list[Problem] = []
    stack = validate(Stack, Document(STACK, Places(Place(file="benchmark"))), problems)
    catalog = validate(Catalog, document, problems)
    if stack is None or catalog is None:
        raise BenchError(f"the benchmark's own files are refused: {problems[0]}", NOTHING_TIMED, MEND)
    chosen = choose(catalog, stack, problems, OwnersMark.of("gitops", "benchmark", stack.model.cluster.name))
    options = install_options(stack.model)
    installation = Installation(distribution=distribution, options=options, objects=install_objects(distribution, options))
    check_objects(chosen, stack, installation, {}, problems)
    if problems:
        raise BenchError(f"the benchmark's own objects are refused: {problems[0]}", NOTHING_TIMED, MEND)
