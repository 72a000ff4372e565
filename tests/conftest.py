"""What every test may use."""

import gc
import os
from collections.abc import Generator, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import HealthCheck, settings

from tests import processes
from tests.attacks import FOLDER, HARMLESS, summary
from tests.engine import entry_point, run
from tests.record import Record
from tests.shipped_stacks import dev, reviewed
from tests.stack_files import parsed_once, read_once

# A busy machine is no defect: no test asserts how long something takes. CI draws the same examples every time.
settings.register_profile("gitops", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=bool(os.environ.get("CI")))
settings.load_profile("gitops")
ATTACK = "attack"
STARTED = pytest.StashKey[processes.Started]()
END_TO_END = Path(__file__).parent / "e2e"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-goldens", action="store_true", help="rewrite tests/golden/ from what the program does now; review the diff")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is imported and collected lives until the end. Python's collector would walk it again and again, a fifth of all time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(50_000, 20, 100)
        gc.enable()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Where no test of the end-to-end tier runs, its modules are not imported: each process of xdist would do that."""
    return True if collection_path == END_TO_END and "not e2e" in config.getoption("markexpr") else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.nodeid.startswith(FOLDER) and not item.get_closest_marker(HARMLESS):
            item.user_properties.append((ATTACK, True))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """With everything that its fixtures start."""
    with processes.counted() as item.stash[STARTED]:
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    result = yield
    if not any(item.get_closest_marker(tier) for tier in ("thorough", "e2e")):
        processes.check(item.stash[STARTED])
    return result


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """How many attacks were tried, and held: reports come here from every process of xdist."""
    stats = terminalreporter.stats
    held, broken = _attacks(stats.get("passed", ())), _attacks([*stats.get("failed", ()), *stats.get("error", ())])
    if line := summary(held - broken, broken):
        terminalreporter.write_line(line)


def _attacks(reports: Iterable[Any]) -> set[str]:
    return {each.nodeid for each in reports if (ATTACK, True) in getattr(each, "user_properties", ())}


@pytest.fixture
def update_goldens(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-goldens"))


@pytest.fixture(scope="session", autouse=True)
def every_api_server_answers() -> Iterator[None]:
    """The stacks of the fast tier name servers that nobody runs. What the program does of silence is tests/stacks/test_api_server.py."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("stacks.inputs.stack_kubeconfig.why_silent", lambda _: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def no_cluster_has_anything_yet() -> Iterator[None]:
    """For the same reason. What the program does of what exists is tests/stacks/test_guard.py."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("stacks.guard.connected", lambda _: NothingExists())
        patch.setattr("stacks.guard.why_silent", lambda *_: None)
        yield


class NothingExists:
    """A cluster without any of the objects that a stack makes."""

    def look(self, *_: object) -> Any:
        """Nothing."""
        from live.ownership.owned_objects import ListedObjects

        return ListedObjects({}, {})

    def values_of(self, _: object) -> dict[str, str]:
        """Of no Secret."""
        return {}

    def cluster_uid(self) -> None:
        """It is nobody's."""

    def keep_fields(self, _: object) -> int:
        """Of nothing."""
        return 0

    def take_fields(self, _: object) -> int:
        """Of nothing."""
        return 0

    def note_former_owners(self, _: object) -> None:
        """There is none."""

    def close(self) -> None:
        """There is no connection."""


@pytest.fixture(scope="session", autouse=True)
def docker_has_no_login(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Whoever runs the tests may be logged in at a registry."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOCKER_CONFIG", str(tmp_path_factory.mktemp("docker")))
        yield


@pytest.fixture(scope="session", autouse=True)
def releases_are_read_once() -> Iterator[None]:
    """Parsing Flux's manifests takes a fourth of a run's time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flux.release.distribution.distribution_of", parsed_once)
        patch.setattr("stacks.choosing.installation.read_distribution", read_once)
        patch.setattr("stacks.choosing.installation.distribution_of", parsed_once)
        yield


@pytest.fixture(scope="session", autouse=True)
def commands_are_made_once() -> Iterator[None]:
    """typer reads the signature of every command again each time that one is called: a person calls one, the tests call 500."""
    with pytest.MonkeyPatch.context() as patch:
        made = cache(typer.main.get_command)
        patch.setattr("typer.main.get_command", made)
        patch.setattr("typer.testing._get_command", made)
        yield


@pytest.fixture(scope="session")
def dev_up(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """`pulumi up` of the dev stack, as the engine would see it."""
    return run(entry_point(), **dev(tmp_path_factory.mktemp("dev")))


@pytest.fixture(scope="session")
def dev_preview(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """`pulumi preview` of the dev stack on a running embedded cluster."""
    return run(entry_point(), **dev(tmp_path_factory.mktemp("dev"), preview=True))


@pytest.fixture(scope="session")
def production_preview() -> Record:
    """`pulumi preview` of production as a pull request's CI makes it."""
    return run(entry_point(), **reviewed("production"))


@pytest.fixture(scope="session")
def staging_preview() -> Record:
    """`pulumi preview` of staging as a pull request's CI makes it."""
    return run(entry_point(), **reviewed("staging"))
