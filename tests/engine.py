"""A double of Pulumi's engine: it runs a program to its end and returns what the program registered.

It stands at the resource monitor, the border across which a program and the engine speak, and so sees what
Pulumi's own mocks hide: parents, dependencies, options, secret wrapping, registered outputs. Like the engine it
refuses a duplicate URN, an unknown parent and outputs registered twice or for nothing. It proves what is
registered, not what a provider makes of it: nothing is diffed, applied or awaited.

Only this file and tests/monitor.py import `pulumi.runtime`: part of what they use is not public, and has to be mended in one place.
"""

import asyncio
import contextvars
import gc
import io
import json
import os
import runpy
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, chdir, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, Final, TypedDict, Unpack
from unittest.mock import patch

import pulumi
from google.protobuf import empty_pb2
from pulumi.runtime import resource, settings
from pulumi.runtime.config import set_all_config
from pulumi.runtime.proto import engine_pb2, source_pb2
from pulumi.runtime.stack import run_in_stack

from tests.monitor import Monitor
from tests.providers import ANSWERS, Answer
from tests.record import Message, Record

REPOSITORY: Final = Path(__file__).parent.parent
AMBIENT: Final = ("PULUMI_", "GITOPS_", "KUBECONFIG", "SOPS_")
"""Variables of the person who runs the tests that no program under test may see."""

Program = Callable[[], object]


class Around(TypedDict, total=False):
    """What surrounds a run."""

    project: str
    stack: str
    config: Mapping[str, Any]
    """Stack configuration; keys without a colon belong to the project; structured values as plain data."""
    secrets: Mapping[str, str]
    """Secret configuration."""
    environment: Mapping[str, str]
    preview: bool
    answers: Mapping[str, Answer]
    """Type token → outputs; beside those of ANSWERS."""


def run(program: Program, **around: Unpack[Around]) -> Record:
    """Run a program that succeeds. An exception of the program is raised as it is; an exit is an AssertionError."""
    record = attempt(program, **around)
    if isinstance(record.exception, SystemExit):
        raise AssertionError(f"the program exited with {record.exit_code}:\n{record.errors}\n{record.printed}")
    if record.exception is not None:
        raise record.exception
    return record


def attempt(program: Program, **around: Unpack[Around]) -> Record:
    """Run a program that may fail: its exception or exit code stands in the record."""
    return contextvars.copy_context().run(_attempt, program, around)


def entry_point(path: Path = REPOSITORY / "__main__.py") -> Program:
    """The unmodified program of a repository, run where Pulumi runs it."""

    def program() -> None:
        with chdir(path.parent):
            runpy.run_path(str(path), run_name="__main__")

    return program


def _attempt(program: Program, around: Around) -> Record:
    project, stack = around.get("project", "gitops"), around.get("stack", "test")
    monitor = Monitor(project, stack, around.get("preview", False), {**ANSWERS, **around.get("answers", {})})
    engine = _Log()
    settings.configure(settings.Settings(project, stack, monitor, engine, dry_run=monitor.preview, root_directory=str(REPOSITORY)))
    _configure(project, around)
    printed = io.StringIO()
    with ExitStack() as within:
        within.enter_context(_environment(around))
        within.enter_context(monitor.watching_components())
        # Where in the source a resource was made is told to an engine alone, and takes an eighth of a run to find out.
        within.enter_context(patch.object(resource, "_get_stack_trace", source_pb2.StackTrace))
        # A program ends with its process, and these tests do not.
        within.callback(gc.enable)
        within.enter_context(patch.object(pulumi.log, "debug", pulumi.log.debug))
        within.enter_context(redirect_stdout(printed))
        within.enter_context(redirect_stderr(printed))
        exception = _drive(program)
    return Record(
        resources=monitor.finished(),
        log=tuple(engine.messages),
        printed=printed.getvalue(),
        exit_code=_exit_code(exception),
        exception=exception,
        preview=monitor.preview,
    )


def _configure(project: str, around: Around) -> None:
    def full(key: str) -> str:
        return key if ":" in key else f"{project}:{key}"

    secrets = {full(key): value for key, value in around.get("secrets", {}).items()}
    plain = {full(key): value if isinstance(value, str) else json.dumps(value) for key, value in around.get("config", {}).items()}
    set_all_config({**plain, **secrets}, list(secrets))


@contextmanager
def _environment(around: Around) -> Iterator[None]:
    # As unittest.mock's `patch.dict`, which clears all variables twice: a twelfth of the time of a short run.
    before = dict(os.environ)
    for name in [name for name in before if name.startswith(AMBIENT)]:
        del os.environ[name]
    os.environ.update(around.get("environment", {}))
    try:
        yield
    finally:
        for name in set(os.environ) - set(before):
            del os.environ[name]
        os.environ.update({name: value for name, value in before.items() if os.environ.get(name) != value})


def _drive(program: Program) -> BaseException | None:
    loop = asyncio.new_event_loop()
    loop.set_default_executor(_AtOnce())
    # The first exception is the record's. Of the others, asyncio would write a traceback each, when they are collected.
    loop.set_exception_handler(lambda *_: None)
    outcome: BaseException | None = None

    def called() -> None:
        program()

    try:
        loop.run_until_complete(run_in_stack(called))
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        outcome = error
    finally:
        loop.run_until_complete(_abandon(asyncio.all_tasks(loop)))
        loop.close()
    return outcome


class _AtOnce(ThreadPoolExecutor):
    """Calls of the program reach the monitor in the order in which they were made, without the threads in which gRPC would wait."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as error:
            done.set_exception(error)
        return done


async def _abandon(tasks: Iterable[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _exit_code(exception: BaseException | None) -> int:
    if isinstance(exception, SystemExit):
        return exception.code if isinstance(exception.code, int) else int(exception.code is not None)
    return int(exception is not None)


class _Log:
    def __init__(self) -> None:
        self.messages: list[Message] = []

    def Log(self, request: Any) -> empty_pb2.Empty:  # noqa: N802 a gRPC method
        severity = engine_pb2.LogSeverity.Name(request.severity).lower()
        self.messages.append(Message(severity=severity, text=request.message))
        return empty_pb2.Empty()
