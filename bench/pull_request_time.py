"""How long `gitops render` and `gitops compare` take with many objects, as ratios to parsing the same YAML."""

import gc
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from functools import _lru_cache_wrapper
from pathlib import Path
from typing import Any
from unittest.mock import patch

import yaml

from bench.errors import BenchError
from bench.validation_time import MEND, NOTHING_TIMED, OBJECTS, ROUNDS, STACK, catalog_of, manifests
from gitops.compare.comparing import compared
from gitops.compare.found_changes import RevisionComparison
from gitops.compare.markdown import markdown
from gitops.fewer_collections import fewer_collections
from gitops.rendered.read_folder import stacks_in, views_in
from gitops.rendered.yaml_documents import as_documents

GOALS = {"render": 3.0, "compare": 6.0}
ROOMS = ("components", "flux", "gitops", "live", "stacks")


def pull_request_lines() -> Iterator[str]:
    """Measure, and say in a line each what came out. Processor time of one process, side by side."""
    before = catalog_of(OBJECTS)
    after = {**before, "defaults": {**before["defaults"], "GitRepository": {"interval": "30m", "ref": {"branch": "main"}}}}
    text = yaml.safe_dump(before)
    ratios: dict[str, list[float]] = {name: [] for name in GOALS}
    with tempfile.TemporaryDirectory() as scratch, patch.dict(os.environ, {"GITOPS_FLUX_MANIFESTS": str(manifests())}):
        base, head = _written(Path(scratch) / "base", before), _written(Path(scratch) / "head", after)
        for _ in range(ROUNDS):
            parsing = _seconds(lambda: yaml.load(text, Loader=yaml.CSafeLoader))
            ratios["render"].append(_seconds(lambda: _render(base)) / parsing)
            ratios["compare"].append(_seconds(lambda: _compare(base, head)) / parsing)
    for name, found in ratios.items():
        median, goal = statistics.median(found), GOALS[name]
        yield (
            f"{name} of {OBJECTS} sources and {OBJECTS} Kustomizations: {median:.2f} times parsing their YAML "
            f"({min(found):.2f} to {max(found):.2f}). Goal: at most {goal:.0f}: {'met' if median <= goal else 'not met'}."
        )


def _seconds(work: Callable[[], object]) -> float:
    """Of processor time. Nothing that earlier work found is known, or searched for what is unused: as in a process of its own."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in ROOMS:
            for each in vars(module).values():
                if isinstance(each, _lru_cache_wrapper):
                    each.cache_clear()
    gc.collect()
    gc.freeze()
    started = time.process_time()
    work()
    return time.process_time() - started


def _written(folder: Path, catalog: Mapping[str, Any]) -> Path:
    folder.mkdir()
    config = {f"gitops:{key}": value for key, value in STACK.items()}
    (folder / "Pulumi.yaml").write_text("name: gitops\nruntime: python\n")
    (folder / "Pulumi.bench.yaml").write_text(yaml.safe_dump({"config": {"pulumi:disable-default-providers": ["kubernetes"], **config}}))
    (folder / "catalog.yaml").write_text(yaml.safe_dump(catalog))
    return folder


@fewer_collections()
def _render(folder: Path) -> str:
    (stack,) = stacks_in(folder).values()
    if stack.problems:
        raise BenchError(f"the benchmark's own stack is refused: {stack.problems[0]}", NOTHING_TIMED, MEND)
    return as_documents((made.body for made in stack.objects), stack.name)


@fewer_collections()
def _compare(base: Path, head: Path) -> RevisionComparison:
    found = compared(views_in(base), views_in(head), base="base", head="head")
    markdown(found)
    return found
